// Any bytes: the JSON reader gives a value or an error; what it accepts can be written and read
// again, and the canonical form is its own canonical form.
#include <cstdint>
#include <cstdlib>
#include <string_view>

#include "cxb/wire/json.hpp"

extern "C" int LLVMFuzzerTestOneInput(std::uint8_t const* data, std::size_t size) {
    namespace wire = cxb::wire;
    std::string_view const text(reinterpret_cast<char const*>(data), size);
    auto const value = wire::parse_json(text);
    if (!value) return 0;
    if (!wire::parse_json(wire::to_text(*value))) std::abort();
    auto const canonical = wire::to_canonical(*value);
    auto const again = wire::parse_json(canonical);
    if (!again || wire::to_canonical(*again) != canonical) std::abort();
    return 0;
}
