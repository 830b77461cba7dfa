// Any bytes: the field-table reader gives a value or an error (10-40); reading the parsed value
// gives the same verdict as reading the text; what is accepted is valid and comes back equal.
#include <cstdint>
#include <cstdlib>
#include <string_view>
#include <vector>

#include "cxb/contract/runtime_config/request.hpp"
#include "cxb/wire/json.hpp"

extern "C" int LLVMFuzzerTestOneInput(std::uint8_t const* data, std::size_t size) {
    namespace rc = cxb::contract::runtime_config;
    namespace wire = cxb::wire;
    std::string_view const text(reinterpret_cast<char const*>(data), size);
    std::vector<cxb::fault> warnings;
    std::vector<std::string> ignored;
    auto const read = rc::parse_config_request(
        text, {.tolerant_items = true, .warnings = &warnings, .ignored = &ignored});
    auto const value = wire::parse_json(text);
    if (value) {
        auto const replayed = rc::parse_config_request(*value, {.tolerant_items = true});
        if (replayed.has_value() != read.has_value()) std::abort();
    } else if (read) {
        std::abort();
    }
    if (read) {
        if (!rc::validate(*read)) std::abort();
        auto const again = rc::parse_config_request(rc::serialize(*read));
        if (!again || *again != *read) std::abort();
        (void)wire::log_text(*read);
        (void)rc::from_query(rc::to_query(*read));
    }
    return 0;
}
