#include "cli/conformance/expect.hpp"

#include <algorithm>

namespace cxb::cli::conformance {

outcome expect(bool holds, std::string why) {
    if (holds) return {};
    return fails(std::move(why));
}

outcome expect_status(answer const& got, std::initializer_list<int> wanted) {
    if (std::ranges::find(wanted, got.status) != wanted.end()) return {};
    std::string words;
    for (int const one : wanted)
        words += (words.empty() ? "" : " or ") + std::to_string(one);
    return fails("expected " + words + ", got " + got.summary());
}

outcome expect_text(wire::json_object const& object, std::string_view path,
                    std::string_view wanted) {
    auto const* const found = wire::find_path(object, path);
    std::string const shown = found == nullptr ? "nothing" : wire::to_text(*found);
    bool const equal = found != nullptr && found->is_string() && found->get_string() == wanted;
    return expect(equal,
                  std::string(path) + ": expected \"" + std::string(wanted) + "\", got " + shown);
}

outcome expect_served(answer const& got, std::string_view target) {
    if (got.status != 404) return {};
    return skips(std::string(target) + " is not served (404)");
}

outcome expect_pointer(answer const& got, std::string_view pointer) {
    if (auto const* const errors = got.object().if_contains("errors");
        errors != nullptr && errors->is_array())
        for (auto const& one : errors->get_array())
            if (one.is_object() && wire::text_at(one.get_object(), "pointer") == pointer) return {};
    return fails("errors must name " + std::string(pointer) + ": " + got.summary());
}

}  // namespace cxb::cli::conformance
