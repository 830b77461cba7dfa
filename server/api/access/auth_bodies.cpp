#include "server/api/access/auth_bodies.hpp"

#include <algorithm>

#include "cxb/base/clock.hpp"
#include "server/api/access/user_directory.hpp"

namespace cxb::api {

using wire::field;
constexpr std::size_t name_bytes = 120;
constexpr std::size_t password_bytes = 1024;  // the password rules give the clearer message
constexpr std::size_t key_items = 100;
constexpr std::size_t id_bytes = 64;
constexpr std::size_t language_bytes = 35;  // the longest tag of a language with all its parts
constexpr std::size_t skill_bytes = 64;
constexpr std::string_view known_scopes[] = {"dialout", "calls:read", "contacts:write"};

namespace {

void check_register(register_body const& body, wire::fault_sink& sink) {
    auto person = person_of(body);
    if (auto const good = check_new_user(person); !good) sink.add(good.error());
}

void check_bootstrap(bootstrap_body const& body, wire::fault_sink& sink) {
    auto person = person_of(body);
    if (auto const good = check_new_user(person); !good) sink.add(good.error());
}

void check_scopes(std::vector<std::string> const& scopes, wire::fault_sink& sink) {
    for (std::size_t i = 0; i < scopes.size(); ++i)
        if (std::ranges::find(known_scopes, scopes[i]) == std::end(known_scopes))
            sink.add("/scopes/" + std::to_string(i),
                     "must be dialout, calls:read or contacts:write");
}

void check_expiry(std::string const& text, wire::fault_sink& sink) {
    if (!parse_timestamp_or_utc(text)) sink.add("/expires_at", "must be an RFC 3339 timestamp");
}

void check_key(api_key_body const& body, wire::fault_sink& sink) {
    check_scopes(body.scopes, sink);
    if (body.expires_at) check_expiry(*body.expires_at, sink);
}

void check_key_patch(api_key_patch const& body, wire::fault_sink& sink) {
    if (body.scopes) check_scopes(*body.scopes, sink);
    if (body.expires_at.has_value()) check_expiry(body.expires_at.value(), sink);
}

void check_user_patch(user_patch const& body, wire::fault_sink& sink) {
    if (body.role && !domain::parse_role(*body.role))
        sink.add("/role", "must be agent, supervisor, admin or super_admin");
}

}  // namespace

new_user person_of(register_body const& body) {
    return {body.email,       body.password,        body.name,
            body.role,        body.agent_languages, body.agent_primary_language,
            body.agent_skills};
}

new_user person_of(bootstrap_body const& body) {
    return {body.email, body.password, body.name, "super_admin"};
}

constexpr wire::field_row login_rows[] = {
    field<&login_body::email>("email").required().personal().doc("Who signs in."),
    field<&login_body::password>("password")
        .required()
        .max_bytes(password_bytes)
        .secret()
        .doc("The password."),
};
CXB_WIRE_TYPE(login_body, wire::table<login_body>("Sign in.", login_rows))

constexpr wire::field_row register_rows[] = {
    field<&register_body::email>("email").required().personal().doc("Unique, case ignored."),
    field<&register_body::password>("password")
        .required()
        .max_bytes(password_bytes)
        .secret()
        .doc("10 to 256 bytes, not common."),
    field<&register_body::name>("name").required().bytes(1, name_bytes).doc("Shown name."),
    field<&register_body::role>("role").doc("agent, supervisor, admin or super_admin."),
    field<&register_body::agent_languages>("agent_languages")
        .max_items(50)
        .max_bytes(language_bytes)
        .doc("Spoken ones."),
    field<&register_body::agent_primary_language>("agent_primary_language").doc("One of them."),
    field<&register_body::agent_skills>("agent_skills")
        .max_items(20)
        .bytes(1, skill_bytes)
        .doc("Words for routing."),
};
CXB_WIRE_TYPE(register_body,
              wire::table<register_body>("A new user.", register_rows).check<check_register>())

constexpr wire::field_row profile_rows[] = {
    field<&profile_body::name>("name").required().bytes(1, name_bytes).doc("Shown name."),
};
CXB_WIRE_TYPE(profile_body, wire::table<profile_body>("The own profile.", profile_rows))

constexpr wire::field_row password_rows[] = {
    field<&password_body::current_password>("current_password")
        .required()
        .max_bytes(password_bytes)
        .secret()
        .doc("As it is now."),
    field<&password_body::new_password>("new_password")
        .required()
        .max_bytes(password_bytes)
        .secret()
        .doc("As it shall be."),
};
CXB_WIRE_TYPE(password_body, wire::table<password_body>("A new password.", password_rows))

constexpr wire::field_row bootstrap_rows[] = {
    field<&bootstrap_body::token>("token").required().secret().doc(
        "From the file bootstrap-token in the data directory."),
    field<&bootstrap_body::email>("email").required().personal().doc("First super admin."),
    field<&bootstrap_body::password>("password")
        .required()
        .max_bytes(password_bytes)
        .secret()
        .doc("10 to 256 bytes, not common."),
    field<&bootstrap_body::name>("name").bytes(1, name_bytes).doc("Shown name."),
};
CXB_WIRE_TYPE(bootstrap_body, wire::table<bootstrap_body>("The first admin.", bootstrap_rows)
                                  .check<check_bootstrap>())

constexpr wire::field_row user_patch_rows[] = {
    field<&user_patch::name>("name").bytes(1, name_bytes).doc("Shown name."),
    field<&user_patch::role>("role").doc("agent, supervisor, admin or super_admin."),
    field<&user_patch::is_active>("is_active").doc("False: cannot sign in, tokens end."),
    field<&user_patch::agent_languages>("agent_languages")
        .max_items(50)
        .max_bytes(language_bytes)
        .doc("Spoken ones."),
    field<&user_patch::agent_primary_language>("agent_primary_language").doc("One of them."),
    field<&user_patch::agent_skills>("agent_skills")
        .max_items(20)
        .bytes(1, skill_bytes)
        .doc("Words for routing."),
};
CXB_WIRE_TYPE(user_patch, wire::table<user_patch>("Changes of a user.", user_patch_rows)
                              .check<check_user_patch>())

constexpr wire::field_row active_rows[] = {
    field<&active_body::is_active>("is_active").doc("Absent: the other state than now."),
};
CXB_WIRE_TYPE(active_body, wire::table<active_body>("Deactivate or activate.", active_rows))

constexpr wire::field_row reset_rows[] = {
    field<&reset_body::new_password>("new_password")
        .max_bytes(password_bytes)
        .secret()
        .doc("10 to 256 bytes, not common; absent: one is made and must be changed."),
};
CXB_WIRE_TYPE(reset_body, wire::table<reset_body>("Another person's password.", reset_rows))

constexpr wire::field_row key_rows[] = {
    field<&api_key_body::name>("name").required().bytes(1, name_bytes).doc("What it is for."),
    field<&api_key_body::expires_at>("expires_at").doc("Moment; absent: never."),
    field<&api_key_body::scopes>("scopes").max_items(key_items).doc(
        "dialout, calls:read, contacts:write; none: dialout."),
    field<&api_key_body::bot_ids>("bot_ids")
        .max_items(key_items)
        .bytes(1, id_bytes)
        .doc("Only these bots."),
    field<&api_key_body::rate_limit_per_second>("rate_limit_per_second")
        .range(1, 200)
        .doc("Requests per second; absent: 10."),
};
CXB_WIRE_TYPE(api_key_body,
              wire::table<api_key_body>("A new API key.", key_rows).check<check_key>())

constexpr wire::field_row patch_rows[] = {
    field<&api_key_patch::name>("name").bytes(1, name_bytes).doc("What it is for."),
    field<&api_key_patch::is_active>("is_active").doc("False: refused."),
    field<&api_key_patch::expires_at>("expires_at").doc("Moment; null: never."),
    field<&api_key_patch::scopes>("scopes").max_items(key_items).doc("What it may do."),
    field<&api_key_patch::bot_ids>("bot_ids")
        .max_items(key_items)
        .bytes(1, id_bytes)
        .doc("Only these bots."),
    field<&api_key_patch::rate_limit_per_second>("rate_limit_per_second")
        .range(1, 200)
        .doc("Requests per second."),
};
CXB_WIRE_TYPE(api_key_patch, wire::table<api_key_patch>("Changes of an API key.", patch_rows)
                                 .check<check_key_patch>())

}  // namespace cxb::api
