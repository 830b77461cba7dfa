#include "server/api/access/user_directory.hpp"

#include "cxb/base/encoding.hpp"
#include "cxb/base/ids.hpp"
#include "cxb/domain/password_rules.hpp"
#include "cxb/domain/roles.hpp"
#include "cxb/domain/user_fields.hpp"
#include "server/api/access/login_throttle.hpp"
#include "server/api/access/passwords.hpp"
#include "server/common/model/collections.hpp"

namespace cxb::api {
namespace {

namespace model = server::model;
using wire::json_object;

constexpr std::size_t max_name = 120;
constexpr std::size_t max_skills = 20;
constexpr std::string_view bootstrap_row = "bootstrap";

error bad_token() {
    return error{errc::unauthenticated, "Invalid or expired token"};
}
error gone_user() {
    return error{errc::unauthenticated, "User not found or inactive"};
}

// The caller that a token of this version stands for, as stored now.
result<server::principal> admit(std::optional<json_object> const& user, std::int64_t version) {
    if (!user || !wire::bool_at(*user, "is_active")) return gone_user();
    if (version < wire::int_at(*user, "token_version")) return bad_token();
    server::principal who;
    who.kind = server::principal_kind::user;
    who.id = wire::text_at(*user, "_id");
    who.label = wire::text_at(*user, "email");
    who.role = wire::text_at(*user, "role");
    who.must_change_password = wire::bool_at(*user, "must_change_password");
    return who;
}

// An account made anew with the email of a deleted one is another person's.
result<server::principal> admit(std::optional<json_object> const& user,
                                token_claims const& claims) {
    bool const other =
        user && !claims.user_id.empty() && wire::text_at(*user, "_id") != claims.user_id;
    if (other) return gone_user();
    return admit(user, claims.version);
}

void add_faults(std::vector<fault>& all, error const& cause) {
    all.insert(all.end(), cause.faults().begin(), cause.faults().end());
}

json_object document_of(new_user const& user, std::string hash, time_point now,
                        random_source& random) {
    json_object out{{"_id", make_hex24(now, random)},
                    {"email", user.email},
                    {"name", user.name},
                    {"name_lower", searched_name(user.name)},
                    {"role", user.role},
                    {"is_active", true},
                    {"password_hash", std::move(hash)},
                    {"token_version", 0},
                    {"must_change_password", false},
                    {"created_at", format_timestamp(now)},
                    {"updated_at", format_timestamp(now)},
                    {"last_login_at", nullptr}};
    if (user.role == "agent" || user.role == "supervisor") {
        auto const languages =
            domain::normalise_agent_languages(user.agent_languages, user.agent_primary_language);
        out["agent_languages"] =
            wire::json_array(languages.languages.begin(), languages.languages.end());
        out["agent_primary_language"] = languages.primary;
    }
    out["agent_skills"] = wire::json_array(user.agent_skills.begin(), user.agent_skills.end());
    return out;
}

}  // namespace

result<void> check_new_user(new_user& user) {
    std::vector<fault> faults;
    auto email = domain::normalise_email(user.email);
    if (email)
        user.email = *email;
    else
        add_faults(faults, email.error());
    if (auto const good = domain::check_password(user.password.reveal(), user.email); !good)
        add_faults(faults, good.error());
    if (user.name.empty() || user.name.size() > max_name)
        faults.push_back({"/name", "must be 1 to 120 bytes"});
    if (!domain::parse_role(user.role))
        faults.push_back({"/role", "must be agent, supervisor, admin or super_admin"});
    if (user.agent_skills.size() > max_skills)
        faults.push_back({"/agent_skills", "at most 20 items"});
    if (!faults.empty()) return invalid_document(std::move(faults));
    return {};
}

audit_entry about_user(std::string action, json_object const& user) {
    return {std::move(action),
            "user",
            std::string(wire::text_at(user, "_id")),
            std::string(wire::text_at(user, "email")),
            {}};
}

std::string searched_name(std::string_view name) {
    return to_lower(trim(name));
}

json_object shown_user(json_object const& stored) {
    json_object out{{"id", wire::text_at(stored, "_id")}};
    for (char const* name :
         {"email", "name", "role", "is_active", "agent_languages", "agent_primary_language",
          "agent_skills", "must_change_password", "created_at", "updated_at", "last_login_at"})
        if (auto const* value = stored.if_contains(name)) out[name] = *value;
    return out;
}

store::async<std::optional<json_object>> user_directory::find(std::string email) {
    co_return co_await store_.find_one(
        model::users, store::all_of({store::eq("email", wire::json_value(email))}));
}

store::async<server::principal> user_directory::authenticate(std::string token) {
    auto const claims = read_token(tokens_, token, time_.now());
    if (!claims) co_return bad_token();
    CXB_CO_TRY(auto const user, co_await find(claims->email));
    co_return admit(user, *claims);
}

store::async<user_session> user_directory::session_of(std::string token) {
    auto const claims = read_token(tokens_, token, time_.now());
    if (!claims) co_return bad_token();
    CXB_CO_TRY(auto const user, co_await find(claims->email));
    CXB_CO_TRY(auto const who, admit(user, *claims));
    co_return user_session{who.id, claims->version, claims->expires};
}

store::async<server::principal> user_directory::authenticate(user_session session) {
    if (session.expires <= time_.now()) co_return bad_token();
    CXB_CO_TRY(auto const user,
               co_await store_.find_one(model::users, store::by_id(session.user_id)));
    co_return admit(user, session.version);
}

store::async<std::string> user_directory::hashed(secret password) {
    co_return co_await hashing_.submit(
        [this, password = std::move(password)] { return hash_password(password, random_); });
}

store::async<json_object> user_directory::login(login_attempt attempt, audit_actor actor) {
    auto const email = domain::normalise_email(attempt.email);
    std::string const address = email ? *email : std::string();
    login_throttle throttle(store_, time_);
    // One try of an email after the other: none slips past the throttle beside another.
    auto const turn = co_await turns_.take(address);
    CXB_CO_CHECK(co_await throttle.check(address, attempt.client_address));
    CXB_CO_TRY(auto user, co_await find(address));
    std::string const hash(user ? wire::text_at(*user, "password_hash") : std::string_view{});
    CXB_CO_TRY(bool const fits, co_await hashing_.submit([known = user.has_value(), hash,
                                                          password = attempt.password] {
        return verify_password(known ? hash : dummy_hash(), password);
    }));
    if (!user || !fits) {
        metrics_.get_counter("cxb_login_failures_total").add();
        CXB_CO_CHECK(co_await throttle.failed(address, attempt.client_address));
        audit_entry entry{"login_failed", "user", "", address, {}};
        CXB_CO_CHECK(co_await audit_.commit(actor, audited_write{{}, std::move(entry)}));
        co_return error{errc::unauthenticated, "Invalid email or password"};
    }
    if (!wire::bool_at(*user, "is_active"))
        co_return error{errc::unauthenticated, "Account is inactive"};
    CXB_CO_CHECK(co_await throttle.succeeded(address, attempt.client_address));
    std::string fresh;
    if (needs_rehash(hash)) {
        CXB_CO_TRY(fresh, co_await hashed(attempt.password));
    }
    actor.type = "user";
    actor.id = wire::text_at(*user, "_id");
    actor.label = wire::text_at(*user, "email");
    auto const decide = [&]() -> store::async<audited_write> {
        store::update changes;
        changes.set("last_login_at", wire::json_value(format_timestamp(time_.now())));
        if (!fresh.empty()) changes.set("password_hash", wire::json_value(fresh));
        CXB_CO_TRY(*user, co_await with_password(address, hash));
        // An older version beside this one changes names without it.
        changes.set("name_lower", wire::json_value(searched_name(wire::text_at(*user, "name"))));
        audited_write what{{}, about_user("login", *user)};
        what.writes.update_one(model::users, store::by_id(what.entry.target_id), changes);
        changes.apply(*user, false);
        co_return what;
    };
    CXB_CO_CHECK(co_await audit_.commit(actor, decide));
    co_return *std::move(user);
}

// The user as long as the password is still the one that was checked; a change of it, a
// deactivation or a deletion while a hash was computed must count.
store::async<json_object> user_directory::with_password(std::string email, std::string hash) {
    CXB_CO_TRY(auto user, co_await find(email));
    if (!user || wire::text_at(*user, "password_hash") != hash)
        co_return error{errc::unauthenticated, "Invalid email or password"};
    if (!wire::bool_at(*user, "is_active"))
        co_return error{errc::unauthenticated, "Account is inactive"};
    co_return *std::move(user);
}

// The creator may have lost the rank, or the account, while the hash was computed.
store::async<void> user_directory::may_create(std::string creator_id, domain::user_role wanted) {
    CXB_CO_TRY(auto const creator,
               co_await store_.find_one(model::users, store::by_id(creator_id)));
    if (!creator || !wire::bool_at(*creator, "is_active")) co_return gone_user();
    auto const role =
        domain::parse_role(wire::text_at(*creator, "role")).value_or(domain::user_role::agent);
    CXB_CO_CHECK(domain::check_guard(domain::role_guard::require_admin, role));
    co_return domain::check_assign_role(role, wanted);
}

store::async<json_object> user_directory::insert_user(new_user user, audit_actor actor,
                                                      bool first) {
    CXB_CO_CHECK(check_new_user(user));
    CXB_CO_TRY(std::string hash, co_await hashed(user.password));
    json_object document = document_of(user, std::move(hash), time_.now(), random_);
    audited_write what;
    // The unique row decides between two first super admins at once (spec 20 §2.4).
    if (first)
        what.writes.insert(model::system_runtime, {{"_id", bootstrap_row}}, "bootstrap_done");
    what.writes.insert(model::users, document, "email_taken");
    what.entry = about_user(first ? "bootstrap" : "user.create", document);
    auto const decide = [&]() -> store::async<audited_write> {
        if (!first)
            CXB_CO_CHECK(co_await may_create(actor.id, domain::parse_role(user.role).value()));
        co_return audited_write{what};
    };
    auto const written = co_await audit_.commit(actor, decide);
    if (written) co_return document;
    if (written.error().reason() == "email_taken")
        co_return error{errc::conflict, "Email already registered"}.with_reason("email_taken");
    if (written.error().reason() == "bootstrap_done")
        co_return error{errc::conflict, "The first admin exists already"}.with_reason(
            "bootstrap_done");
    co_return written.error();
}

store::async<json_object> user_directory::create(new_user user, std::string creator_role,
                                                 audit_actor actor) {
    auto const creator = domain::parse_role(creator_role);
    auto const wanted = domain::parse_role(user.role);
    if (creator && wanted) CXB_CO_CHECK(domain::check_assign_role(*creator, *wanted));
    co_return co_await insert_user(std::move(user), std::move(actor), false);
}

store::async<json_object> user_directory::rename(std::string email, std::string name,
                                                 audit_actor actor) {
    CXB_CO_TRY(auto user, co_await find(email));
    if (!user) co_return gone_user();
    store::update changes;
    changes.set("name", wire::json_value(name))
        .set("name_lower", wire::json_value(searched_name(name)))
        .set("updated_at", wire::json_value(format_timestamp(time_.now())));
    audited_write what;
    what.entry = about_user("user.update", *user);
    what.entry.changes.push_back({"name", user->at("name"), wire::json_value(name)});
    what.writes.update_one(model::users, store::by_id(what.entry.target_id), changes);
    CXB_CO_CHECK(co_await audit_.commit(std::move(actor), std::move(what)));
    changes.apply(*user, false);
    co_return *std::move(user);
}

store::async<json_object> user_directory::change_password(std::string email, secret current,
                                                          secret fresh, audit_actor actor) {
    CXB_CO_TRY(auto user, co_await find(email));
    if (!user) co_return gone_user();
    std::string const hash{wire::text_at(*user, "password_hash")};
    CXB_CO_TRY(bool const fits, co_await hashing_.submit(
                                    [hash, current] { return verify_password(hash, current); }));
    if (!fits)
        co_return error{errc::malformed, "Current password is incorrect"}.with_reason(
            "wrong_password");
    CXB_CO_CHECK(domain::check_password(fresh.reveal(), email, "/new_password"));
    // Who gave the temporary one would know it for good.
    if (wire::bool_at(*user, "must_change_password") && fresh == current)
        co_return invalid_member("/new_password", "must differ from the temporary password");
    CXB_CO_TRY(std::string fresh_hash, co_await hashed(fresh));
    auto const decide = [&]() -> store::async<audited_write> {
        CXB_CO_TRY(*user, co_await with_password(email, hash));
        store::update changes;
        changes.set("password_hash", wire::json_value(fresh_hash))
            .set("must_change_password", false)
            .inc("token_version", 1)
            .set("updated_at", wire::json_value(format_timestamp(time_.now())));
        audited_write what{{}, about_user("user.password", *user)};
        what.writes.update_one(model::users, store::by_id(what.entry.target_id), changes);
        changes.apply(*user, false);
        co_return what;
    };
    CXB_CO_CHECK(co_await audit_.commit(std::move(actor), decide));
    co_return *std::move(user);
}

store::async<void> user_directory::end_all_sessions(std::string email, audit_actor actor) {
    CXB_CO_TRY(auto const user, co_await find(email));
    if (!user) co_return gone_user();
    audited_write what;
    what.entry = about_user("user.logout_all", *user);
    what.writes.update_one(model::users, store::by_id(what.entry.target_id),
                           store::update{}.inc("token_version", 1));
    co_return co_await audit_.commit(std::move(actor), std::move(what));
}

store::async<bool> user_directory::bootstrap_needed() {
    CXB_CO_TRY(
        auto const count,
        co_await store_.count(model::users, store::all_of({store::eq("role", "super_admin")}), 1));
    co_return count == 0;
}

store::async<json_object> user_directory::bootstrap(new_user user, audit_actor actor) {
    user.role = "super_admin";
    co_return co_await insert_user(std::move(user), std::move(actor), true);
}

result<issued_token> user_directory::issue(json_object const& user) {
    return issue_token(tokens_, user, time_.now(), random_);
}

}  // namespace cxb::api
