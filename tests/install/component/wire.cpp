// cxb::wire: JSON as all contracts read it.
#include "cxb/wire/json.hpp"

int main() {
    auto const value = cxb::wire::parse_json(R"({"a":{"b":1.50}})");
    return value && cxb::wire::number_at(value->as_object(), "a.b") == 1.5 ? 0 : 1;
}
