#pragma once
/// @file
/// The signed upload link of a call's recording (spec 21 §4), and the key it stands for.
///
/// Besides `e` and `t` our links carry `d`, the UTC day the call began: the recording lands under
/// the key its config named, also when it is uploaded after midnight or a day late. `d` only
/// chooses among the keys of the session that `t` signs. Pure.

#include <string>
#include <string_view>

#include "cxb/base/clock.hpp"
#include "cxb/base/result.hpp"
#include "cxb/base/secret.hpp"

namespace cxb::api {

/// Good until `end`; `began` is the moment of the call's first config.
[[nodiscard]] secret make_upload_link(std::string_view base, secret const& key,
                                      std::string_view session_id, time_point began,
                                      time_point end);

/// `forbidden`, as of every link that is not as we made it.
[[nodiscard]] error invalid_upload_link();

/// Key of the recording; a link without `d` means the day of `now`. Errors: `forbidden` for an
/// unreadable day.
[[nodiscard]] result<std::string> upload_target(std::string_view session_id, std::string_view day,
                                                time_point now);

}  // namespace cxb::api
