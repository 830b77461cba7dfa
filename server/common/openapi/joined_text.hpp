#pragma once
/// @file
/// Texts that are put together when they are compiled: an example that stands in several others is
/// written once.
///
/// ```cpp
/// inline constexpr std::string_view user_example = R"({"id":"6b02…"})";
/// inline constexpr route_doc list_users_doc{
///     .response_example = joined_text<example_page_begin, user_example, example_page_end>};
/// ```

#include <array>
#include <string_view>

namespace cxb::server {

template <std::string_view const&... Parts>
struct joined_chars {
    static constexpr auto make() {
        std::array<char, (Parts.size() + ... + 0)> out{};
        auto* to = out.data();
        for (auto const& part : {Parts...})
            for (char const c : part)
                *to++ = c;
        return out;
    }
    static constexpr auto chars = make();
};

/// The parts, one after the other; of static storage.
template <std::string_view const&... Parts>
inline constexpr std::string_view joined_text{joined_chars<Parts...>::chars.data(),
                                              joined_chars<Parts...>::chars.size()};

/// Around the only item of an example of a page (spec 20 §3.7).
inline constexpr std::string_view example_page_begin = R"({"items":[)";
inline constexpr std::string_view example_page_end = R"(],"total":1,"page":1,"limit":50})";
/// Around the only item of an example of a list.
inline constexpr std::string_view example_list_begin = "[";
inline constexpr std::string_view example_list_end = "]";

}  // namespace cxb::server
