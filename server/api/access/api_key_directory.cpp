#include "server/api/access/api_key_directory.hpp"

#include <algorithm>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <boost/asio/this_coro.hpp>

#include "cxb/base/ids.hpp"
#include "cxb/contract/api_key/api_key.hpp"
#include "server/common/model/collections.hpp"

namespace cxb::api {
namespace {

namespace asio = boost::asio;
namespace model = server::model;
namespace key_contract = contract::api_key;
using wire::json_object;

constexpr std::string_view default_scope = "dialout";
constexpr std::chrono::minutes note_interval{1};
constexpr std::size_t max_noted = 10000;

std::vector<std::string> texts_of(json_object const& document, std::string_view name) {
    std::vector<std::string> out;
    if (auto const* list = document.if_contains(name); list != nullptr && list->is_array())
        for (auto const& item : list->as_array())
            if (item.is_string()) out.emplace_back(item.as_string());
    return out;
}

wire::json_array list_of(std::vector<std::string> const& texts) {
    return wire::json_array(texts.begin(), texts.end());
}

// Stored in wire form, so that a text without a zone is UTC for every reader.
result<wire::json_value> expiry_value(std::string const& text) {
    auto const at = parse_timestamp_or_utc(text);
    if (!at) return invalid_member("/expires_at", "must be an RFC 3339 timestamp");
    return wire::json_value(format_timestamp(*at));
}

key_contract::api_key_record record_of(json_object const& document) {
    key_contract::api_key_record out;
    out.is_active = wire::bool_at(document, "is_active");
    auto const* expiry = document.if_contains("expires_at");
    if (expiry != nullptr && !expiry->is_null())
        out.expires_at = expiry->is_string() ? std::string(expiry->as_string()) : "unreadable";
    return out;
}

audit_entry about_key(std::string action, json_object const& key) {
    return {std::move(action),
            "api_key",
            std::string(wire::text_at(key, "_id")),
            std::string(wire::text_at(key, "name")),
            {}};
}

asio::awaitable<void> write_use(store::document_store& store, std::string id, time_point at) {
    // Once a minute over all processes; each by itself only asks the store that often.
    wire::json_value const long_ago(format_timestamp(at - note_interval));
    auto due = store::any_of({store::all_of({store::missing("last_used_at")}),
                              store::all_of({store::lte("last_used_at", long_ago)})});
    due.all.push_back(store::eq(store::id_field, wire::json_value(id)));
    // Best effort: the request this belongs to has been answered already.
    (void)co_await store.update_one(
        model::api_keys, std::move(due),
        store::update{}.set("last_used_at", wire::json_value(format_timestamp(at))));
}

}  // namespace

json_object shown_key(json_object const& stored) {
    json_object out{{"id", wire::text_at(stored, "_id")}};
    for (char const* name :
         {"name", "key_prefix", "is_active", "expires_at", "last_used_at", "created_by",
          "created_at", "updated_at", "scopes", "bot_ids", "rate_limit_per_second"})
        if (auto const* value = stored.if_contains(name)) out[name] = *value;
    return out;
}

store::async<server::principal> api_key_directory::authenticate(std::string key,
                                                                std::string scope) {
    auto const executor = co_await asio::this_coro::executor;
    auto const hash = key_contract::lookup_hash(key);
    std::optional<json_object> stored;
    if (hash) {
        CXB_CO_TRY(stored, co_await store_.find_one(
                               model::api_keys,
                               store::all_of({store::eq("key_hash", wire::json_value(*hash))})));
    }
    std::optional<key_contract::api_key_record> record;
    if (stored) record = record_of(*stored);
    CXB_CO_CHECK(key_contract::check(record, time_.now()));
    server::principal who;
    who.kind = server::principal_kind::api_key;
    who.id = wire::text_at(*stored, "_id");
    who.label = wire::text_at(*stored, "name");
    who.bot_ids = texts_of(*stored, "bot_ids");
    who.scopes = texts_of(*stored, "scopes");
    if (who.scopes.empty()) who.scopes.emplace_back(default_scope);
    who.rate_limit_per_second = static_cast<int>(wire::int_at(*stored, "rate_limit_per_second"));
    bool const has_scope =
        scope.empty() || std::find(who.scopes.begin(), who.scopes.end(), scope) != who.scopes.end();
    if (!has_scope) co_return error{errc::forbidden, "API key lacks scope " + scope};
    if (note_use(who.id))
        asio::co_spawn(executor, write_use(store_, who.id, time_.now()), asio::detached);
    co_return who;
}

bool api_key_directory::note_use(std::string const& id) {
    std::scoped_lock const lock(mutex_);
    if (last_noted_.size() > max_noted) last_noted_.clear();
    auto const [at, fresh] = last_noted_.try_emplace(id, time_.now());
    if (fresh) return true;
    if (time_.now() - at->second < note_interval) return false;
    at->second = time_.now();
    return true;
}

store::async<made_key> api_key_directory::create(api_key_body body, std::string created_by,
                                                 audit_actor actor) {
    wire::json_value expires;
    if (body.expires_at) {
        CXB_CO_TRY(expires, expiry_value(*body.expires_at));
    }
    auto const key = key_contract::generate(random_);
    std::string const now = format_timestamp(time_.now());
    std::vector<std::string> scopes = body.scopes;
    if (scopes.empty()) scopes.emplace_back(default_scope);
    json_object document{{"_id", make_hex24(time_.now(), random_)},
                         {"name", body.name},
                         {"key_prefix", key.prefix},
                         {"key_hash", key.hash},
                         {"is_active", true},
                         {"expires_at", std::move(expires)},
                         {"last_used_at", nullptr},
                         {"created_by", created_by},
                         {"created_at", now},
                         {"updated_at", now},
                         {"scopes", list_of(scopes)},
                         {"bot_ids", list_of(body.bot_ids)}};
    if (body.rate_limit_per_second) document["rate_limit_per_second"] = *body.rate_limit_per_second;
    audited_write what;
    what.writes.insert(model::api_keys, document);
    what.entry = about_key("api_key.create", document);
    CXB_CO_CHECK(co_await audit_.commit(std::move(actor), std::move(what)));
    co_return made_key{key.raw, std::move(document)};
}

store::async<json_object> api_key_directory::change(std::string id, api_key_patch patch,
                                                    audit_actor actor) {
    store::update changes;
    if (patch.name) changes.set("name", wire::json_value(*patch.name));
    if (patch.is_active) changes.set("is_active", *patch.is_active);
    if (patch.expires_at.is_null()) changes.set("expires_at", nullptr);
    if (patch.expires_at.has_value()) {
        CXB_CO_TRY(auto const expires, expiry_value(patch.expires_at.value()));
        changes.set("expires_at", expires);
    }
    if (patch.scopes) changes.set("scopes", list_of(*patch.scopes));
    if (patch.bot_ids) changes.set("bot_ids", list_of(*patch.bot_ids));
    if (patch.rate_limit_per_second)
        changes.set("rate_limit_per_second", *patch.rate_limit_per_second);
    if (changes.empty()) co_return error{errc::malformed, "Nothing to update"};
    CXB_CO_TRY(auto const stored, co_await store_.find_one(model::api_keys, store::by_id(id)));
    if (!stored) co_return error{errc::not_found, "API key not found"};
    changes.set("updated_at", wire::json_value(format_timestamp(time_.now())));
    json_object after = *stored;
    changes.apply(after, false);
    audited_write what;
    what.writes.update_one(model::api_keys, store::by_id(id), std::move(changes), "not_found");
    what.entry = about_key("api_key.update", after);
    what.entry.changes = changes_between(*stored, after, [](std::string_view) { return false; });
    auto const done = co_await audit_.commit(std::move(actor), std::move(what));
    if (!done && done.error().reason() == "not_found")
        co_return error{errc::not_found, "API key not found"};
    CXB_CO_CHECK(done);
    co_return after;
}

store::async<void> api_key_directory::remove(std::string id, audit_actor actor) {
    CXB_CO_TRY(auto const stored, co_await store_.find_one(model::api_keys, store::by_id(id)));
    if (!stored) co_return error{errc::not_found, "API key not found"};
    audited_write what;
    what.writes.remove_one(model::api_keys, store::by_id(id), "not_found");
    what.entry = about_key("api_key.delete", *stored);
    auto const done = co_await audit_.commit(std::move(actor), std::move(what));
    if (!done && done.error().reason() == "not_found")
        co_return error{errc::not_found, "API key not found"};
    co_return done;
}

}  // namespace cxb::api
