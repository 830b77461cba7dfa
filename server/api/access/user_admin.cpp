#include "server/api/access/user_admin.hpp"

#include <array>

#include "cxb/base/encoding.hpp"
#include "cxb/domain/password_rules.hpp"
#include "cxb/domain/user_fields.hpp"
#include "server/api/access/passwords.hpp"
#include "server/common/model/collections.hpp"
#include "server/common/model/update_between.hpp"

namespace cxb::api {
namespace {

namespace model = server::model;
using domain::user_role;
using wire::json_object;
using wire::json_value;

constexpr char const* no_change = "no_change";

error user_not_found() {
    return error{errc::not_found, "User not found"};
}

domain::user_rank rank_of_stored(json_object const& user) {
    return {std::string(wire::text_at(user, "_id")),
            domain::parse_role(wire::text_at(user, "role")).value_or(user_role::agent),
            wire::bool_at(user, "is_active")};
}

bool has_languages(std::string_view role) {
    return role == "agent" || role == "supervisor";
}

std::vector<std::string> texts_at(json_object const& user, std::string_view name) {
    std::vector<std::string> out;
    auto const* list = user.if_contains(name);
    if (list != nullptr && list->is_array())
        for (auto const& item : list->get_array())
            if (auto const* text = item.if_string()) out.emplace_back(text->data(), text->size());
    return out;
}

json_object patched(json_object user, user_patch const& patch) {
    if (patch.name) {
        user["name"] = json_value(*patch.name);
        user["name_lower"] = json_value(searched_name(*patch.name));
    }
    if (patch.role) user["role"] = json_value(*patch.role);
    if (patch.is_active) user["is_active"] = *patch.is_active;
    if (patch.agent_skills)
        user["agent_skills"] =
            wire::json_array(patch.agent_skills->begin(), patch.agent_skills->end());
    if (!has_languages(wire::text_at(user, "role"))) {
        user.erase("agent_languages");
        user.erase("agent_primary_language");
        return user;
    }
    auto const languages = domain::normalise_agent_languages(
        patch.agent_languages.value_or(texts_at(user, "agent_languages")),
        patch.agent_primary_language.value_or(
            std::string(wire::text_at(user, "agent_primary_language"))));
    user["agent_languages"] =
        wire::json_array(languages.languages.begin(), languages.languages.end());
    user["agent_primary_language"] = json_value(languages.primary);
    return user;
}

std::vector<audit_change> visible_changes(json_object const& before, json_object const& after) {
    auto out = changes_between(before, after, [](std::string_view) { return false; });
    std::erase_if(out, [](audit_change const& one) { return one.path == "name_lower"; });
    return out;
}

std::string action_of(std::vector<audit_change> const& changes) {
    std::string action = "user.update";
    for (auto const& one : changes) {
        if (one.path == "role") return "user.role";
        if (one.path == "is_active")
            action = one.new_value == json_value(false) ? "user.deactivate" : "user.activate";
    }
    return action;
}

// 24 characters that are easy to copy; nobody keeps it.
secret make_password(random_source& random) {
    std::array<std::byte, 18> bytes{};
    random.fill(bytes);
    return secret(to_base64url({reinterpret_cast<char const*>(bytes.data()), bytes.size()}));
}

audited_write password_write(json_object const& user, std::string const& hash, bool must_change,
                             time_point now) {
    audited_write what{{}, about_user("user.password_reset", user)};
    what.entry.changes.push_back({"password", "(secret)", "(secret)"});
    what.writes.update_one(model::users, store::by_id(what.entry.target_id),
                           store::update{}
                               .set("password_hash", json_value(hash))
                               .set("must_change_password", must_change)
                               .inc("token_version", 1)
                               .set("updated_at", json_value(format_timestamp(now))));
    return what;
}

}  // namespace

acting_user acting_user::of(server::request_context const& context) {
    return {audit_actor::of(context), context.caller.role};
}

store::async<std::string> user_admin::hashed(secret password) {
    co_return co_await hashing_.submit(
        [this, password = std::move(password)] { return hash_password(password, random_); });
}

store::async<json_object> user_admin::find(std::string id) {
    CXB_CO_TRY(auto user, co_await store_.find_one(model::users, store::by_id(id)));
    if (!user) co_return user_not_found();
    co_return *std::move(user);
}

store::async<user_admin::parties> user_admin::read_parties(std::string actor_id,
                                                           std::string target_id) {
    parties out;
    CXB_CO_TRY(out.actor, co_await store_.find_one(model::users, store::by_id(actor_id)));
    CXB_CO_TRY(out.target, co_await find(std::move(target_id)));
    CXB_CO_TRY(
        auto const count,
        co_await store_.count(
            model::users,
            store::all_of({store::eq("role", "super_admin"), store::eq("is_active", true)}), 2));
    out.active_super_admins = static_cast<int>(count);
    co_return out;
}

// Judged twice: as the request was let in, and as the actor is stored by now.
store::async<json_object> user_admin::permitted(acting_user const& actor, std::string id,
                                                domain::role_guard guard,
                                                domain::user_change what) {
    CXB_CO_TRY(parties both, co_await read_parties(actor.who.id, std::move(id)));
    auto const target = rank_of_stored(both.target);
    auto const role = domain::parse_role(actor.role).value_or(user_role::agent);
    CXB_CO_CHECK(
        domain::check_user_change({actor.who.id, role}, target, what, both.active_super_admins));
    if (!both.actor || !wire::bool_at(*both.actor, "is_active"))
        co_return error{errc::unauthenticated, "User not found or inactive"};
    auto const now = rank_of_stored(*both.actor);
    CXB_CO_CHECK(domain::check_guard(guard, now.role));
    CXB_CO_CHECK(domain::check_user_change(now, target, what, both.active_super_admins));
    co_return std::move(both.target);
}

store::async<json_object> user_admin::edit(std::string id, user_patch patch, bool toggle,
                                           acting_user actor) {
    domain::user_change what;
    if (patch.role) {
        what.new_role = domain::parse_role(*patch.role);
        if (!what.new_role)
            co_return invalid_member("/role", "must be agent, supervisor, admin or super_admin");
    }
    json_object after;
    auto const decide = [&]() -> store::async<audited_write> {
        if (toggle) {
            CXB_CO_TRY(auto const now, co_await find(id));
            patch.is_active = !wire::bool_at(now, "is_active");
        }
        what.deactivates = patch.is_active && !*patch.is_active;
        CXB_CO_TRY(auto const before,
                   co_await permitted(actor, id, domain::role_guard::require_admin, what));
        after = patched(before, patch);
        auto changes = visible_changes(before, after);
        if (changes.empty()) co_return error{errc::cancelled, "No change"}.with_reason(no_change);
        if (what.deactivates && wire::bool_at(before, "is_active"))
            after["token_version"] = wire::int_at(before, "token_version") + 1;
        after["updated_at"] = json_value(format_timestamp(time_.now()));
        audited_write out{{}, about_user(action_of(changes), before)};
        out.entry.changes = std::move(changes);
        out.writes.update_one(model::users, store::by_id(id), model::update_between(before, after));
        co_return out;
    };
    auto const written = co_await audit_.commit(actor.who, decide);
    if (!written && written.error().reason() != no_change) co_return written.error();
    co_return after;
}

store::async<json_object> user_admin::change(std::string id, user_patch patch, acting_user actor) {
    co_return co_await edit(std::move(id), std::move(patch), false, std::move(actor));
}

store::async<json_object> user_admin::set_active(std::string id, std::optional<bool> wanted,
                                                 acting_user actor) {
    user_patch patch;
    patch.is_active = wanted;
    co_return co_await edit(std::move(id), std::move(patch), !wanted, std::move(actor));
}

store::async<std::optional<secret>> user_admin::reset_password(std::string id,
                                                               std::optional<secret> given,
                                                               acting_user actor) {
    auto const admins = domain::role_guard::require_admin;
    // Before the hash, which takes its time; decided once more with the write.
    CXB_CO_TRY(auto const target, co_await permitted(actor, id, admins, {}));
    if (given)
        CXB_CO_CHECK(domain::check_password(given->reveal(), wire::text_at(target, "email"),
                                            "/new_password"));
    secret const fresh = given ? *given : make_password(random_);
    CXB_CO_TRY(std::string const hash, co_await hashed(fresh));
    auto const decide = [&]() -> store::async<audited_write> {
        CXB_CO_TRY(auto const user, co_await permitted(actor, id, admins, {}));
        co_return password_write(user, hash, !given, time_.now());
    };
    CXB_CO_CHECK(co_await audit_.commit(actor.who, decide));
    co_return given ? std::nullopt : std::optional<secret>(fresh);
}

store::async<void> user_admin::remove(std::string id, acting_user actor) {
    auto const decide = [&]() -> store::async<audited_write> {
        CXB_CO_TRY(auto const user,
                   co_await permitted(actor, id, domain::role_guard::require_super_admin,
                                      {.new_role = {}, .deactivates = false, .deletes = true}));
        audited_write out{{}, about_user("user.delete", user)};
        out.writes.remove_one(model::users, store::by_id(id));
        co_return out;
    };
    co_return co_await audit_.commit(actor.who, decide);
}

store::async<void> user_admin::reset_by_email(std::string email, secret given, audit_actor actor) {
    CXB_CO_TRY(std::string const address, domain::normalise_email(email));
    auto const by_email = store::all_of({store::eq("email", json_value(address))});
    CXB_CO_CHECK(domain::check_password(given.reveal(), address));
    CXB_CO_TRY(auto const known, co_await store_.find_one(model::users, by_email));
    if (!known) co_return user_not_found();
    CXB_CO_TRY(std::string const hash, co_await hashed(std::move(given)));
    auto const decide = [&]() -> store::async<audited_write> {
        CXB_CO_TRY(auto const user, co_await store_.find_one(model::users, by_email));
        if (!user) co_return user_not_found();
        co_return password_write(*user, hash, false, time_.now());
    };
    co_return co_await audit_.commit(std::move(actor), decide);
}

}  // namespace cxb::api
