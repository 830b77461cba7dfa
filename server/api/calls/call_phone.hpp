#pragma once
/// @file
/// The number of a call's far side as lists ask for it (spec 21 §2): whole, or by its last digits.
/// Beside `phone` the stored call carries `phone_reversed`, its digits from the last to the first,
/// because a store can look for a beginning but not for an end. It is never shown. Pure.

#include <optional>
#include <string>
#include <string_view>

#include "cxb/store/query.hpp"

namespace cxb::api {

inline constexpr std::string_view phone_reversed_field = "phone_reversed";
inline constexpr std::size_t least_last_digits = 4;

/// Writes both members into a call or into the changes of one.
void set_phone(wire::json_object& call, std::string const& e164);

/// The condition for a `phone` filter; empty: it is no number. `by_end` tells that only the last
/// digits were given: 4 to 9 digits without `+`.
struct phone_filter {
    store::condition condition;
    bool by_end = false;
};
[[nodiscard]] std::optional<phone_filter> read_phone_filter(std::string_view text,
                                                            std::string const& region);

}  // namespace cxb::api
