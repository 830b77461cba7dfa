#pragma once
// What `users create` and `users set` share: members of a user as options.

#include "cli/app/context.hpp"

namespace cxb::cli {

inline constexpr parameter role_option{"--role", "agent, supervisor, admin or super_admin"};
inline constexpr parameter language_option{"--language", "Spoken one, as en; repeat for more",
                                           parameter_kind::list};
inline constexpr parameter primary_option{"--primary-language", "One of them"};
inline constexpr parameter skill_option{"--skill", "Word for routing; repeat for more",
                                        parameter_kind::list};

/// The options that were given, by their wire names.
[[nodiscard]] wire::json_object user_members(arguments const& args);

}  // namespace cxb::cli
