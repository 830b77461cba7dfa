#include "server/api/webhooks/webhook_directory.hpp"

#include <algorithm>

#include "cxb/base/ids.hpp"
#include "cxb/contract/webhook/signature.hpp"
#include "server/api/push/frozen_push.hpp"
#include "server/common/model/collections.hpp"
#include "server/common/model/update_between.hpp"

namespace cxb::api {
namespace {

namespace asio = boost::asio;
namespace model = server::model;
namespace webhook = contract::webhook;
using wire::json_object;
using wire::json_value;

constexpr std::string_view every_type = "*";

std::vector<std::string> types_of(json_object const& endpoint) {
    std::vector<std::string> out;
    if (auto const* list = endpoint.if_contains("types"); list != nullptr && list->is_array())
        for (auto const& item : list->as_array())
            if (item.is_string()) out.emplace_back(item.as_string());
    return out;
}

wire::json_array list_of(std::vector<std::string> const& texts) {
    return wire::json_array(texts.begin(), texts.end());
}

error no_endpoint() {
    return error{errc::not_found, "Webhook endpoint not found"};
}

bool signs(std::string_view path) {
    return std::find(std::begin(signing_members), std::end(signing_members), path) !=
           std::end(signing_members);
}

audit_entry about(std::string action, json_object const& endpoint) {
    return {std::move(action),
            "webhook_endpoint",
            std::string(wire::text_at(endpoint, "_id")),
            std::string(wire::text_at(endpoint, "description")),
            {}};
}

void forget_failures(json_object& endpoint) {
    endpoint.erase("failing_since");
    endpoint.erase("disabled_reason");
}

bool is_signing(std::string_view name, json_value const&) {
    return signs(name);
}

}  // namespace

bool endpoint_secrets(domain::member_path path) noexcept {
    return path.size() == 1 && (path[0] == "signing_secret" || path[0] == "signing_secret_old");
}

json_object shown_endpoint(json_object const& stored) {
    json_object out{{"id", wire::text_at(stored, "_id")}};
    for (char const* name :
         {"url", "types", "is_active", "description", "failing_since", "disabled_reason",
          "signing_old_until", "created_by", "created_at", "updated_at"})
        if (auto const* value = stored.if_contains(name)) out[name] = *value;
    return out;
}

store::async<void> webhook_directory::refresh() {
    auto const reading = ++readings_;
    store::find_options options;
    options.sort = {{"created_at", false}};
    options.limit = max_endpoints;
    CXB_CO_TRY(auto const page,
               co_await store_.find(model::webhook_endpoints,
                                    store::all_of({store::eq("is_active", true)}), options));
    std::vector<subscription> fresh;
    for (auto const& each : page.items)
        fresh.push_back({std::string(wire::text_at(each, "_id")), types_of(each)});
    // A reading that began earlier and ends later must not bring back what it saw.
    std::scoped_lock const lock(mutex_);
    if (reading > newest_) {
        newest_ = reading;
        active_.set(std::move(fresh));
    }
    co_return result<void>{};
}

// What was committed stands, whether or not it can be read back now: the poll does so later.
asio::awaitable<void> webhook_directory::renew() {
    (void)co_await refresh();
}

std::vector<std::string> webhook_directory::subscribers(webhook::event_type type) const {
    std::vector<std::string> out;
    auto const now = active_.get();
    for (auto const& each : *now)
        if (std::any_of(each.types.begin(), each.types.end(), [type](std::string const& one) {
                return one == every_type || one == word_of(type);
            }))
            out.push_back(each.id);
    return out;
}

store::async<json_object> webhook_directory::find(std::string id) {
    CXB_CO_TRY(auto found, co_await store_.find_one(model::webhook_endpoints, store::by_id(id)));
    if (!found) co_return no_endpoint();
    co_return *std::move(found);
}

result<void> webhook_directory::check(std::optional<std::string> const& url,
                                      std::optional<std::vector<std::string>> const& types) const {
    std::vector<fault> faults;
    if (url)
        if (auto const good = domain::check_url(guard_, *url); !good)
            faults.push_back(
                {"/url", "refused by the outbound guard: " + std::string(good.error().reason())});
    if (types && types->empty()) faults.push_back({"/types", "must name a type, or *"});
    for (std::size_t i = 0; types && i < types->size(); ++i)
        if ((*types)[i] != every_type && !value_of<webhook::event_type>((*types)[i]))
            faults.push_back({"/types/" + std::to_string(i), "unknown type"});
    if (!faults.empty()) return invalid_document(std::move(faults));
    return {};
}

store::async<made_endpoint> webhook_directory::create(webhook_body body, std::string created_by,
                                                      audit_actor actor) {
    CXB_CO_CHECK(check(body.url, body.types));
    auto const signing = webhook::generate_secret(random_);
    std::string const now = format_timestamp(time_.now());
    json_object const document{{"_id", make_hex24(time_.now(), random_)},
                               {"version", 1},
                               {"url", body.url},
                               {"types", list_of(body.types)},
                               {"is_active", body.is_active},
                               {"description", body.description},
                               {"signing_secret", signing.reveal()},
                               {"created_by", created_by},
                               {"created_at", now},
                               {"updated_at", now}};
    // Audited writes are one sequence: what was counted still holds when it is written.
    auto const decide = [&]() -> store::async<audited_write> {
        CXB_CO_TRY(auto const there, co_await store_.count(model::webhook_endpoints, {}));
        if (there >= static_cast<std::int64_t>(max_endpoints))
            co_return error{errc::conflict,
                            "At most " + std::to_string(max_endpoints) + " webhook endpoints"}
                .with_reason("too_many_endpoints");
        audited_write what;
        what.writes.insert(model::webhook_endpoints, document);
        what.entry = about("webhook_endpoint.create", document);
        co_return what;
    };
    CXB_CO_CHECK(co_await audit_.commit(std::move(actor), decide));
    co_await renew();
    co_return made_endpoint{signing, document};
}

store::async<json_object> webhook_directory::edit(std::string id, std::string action,
                                                  edit_fn change, audit_actor actor) {
    json_object after;
    auto const decide = [&]() -> store::async<audited_write> {
        CXB_CO_TRY(auto const before, co_await find(id));
        after = before;
        CXB_CO_CHECK(change(after));
        after["updated_at"] = format_timestamp(time_.now());
        after["version"] = wire::int_at(before, "version") + 1;
        audited_write what;
        what.writes.update_one(model::webhook_endpoints, store::by_id(id),
                               model::update_between(before, after, &is_signing), "not_found");
        what.entry = about(action, after);
        what.entry.changes = changes_between(before, after, &signs);
        std::erase_if(what.entry.changes, [](auto const& one) { return one.path == "version"; });
        co_return what;
    };
    auto const done = co_await audit_.commit(std::move(actor), decide);
    if (!done && done.error().reason() == "not_found") co_return no_endpoint();
    CXB_CO_CHECK(done);
    co_await renew();
    co_return after;
}

store::async<json_object> webhook_directory::change(std::string id, webhook_patch patch,
                                                    audit_actor actor) {
    if (!patch.url && !patch.types && !patch.is_active && !patch.description)
        co_return error{errc::malformed, "Nothing to update"};
    CXB_CO_CHECK(check(patch.url, patch.types));
    auto const apply = [&patch](json_object& endpoint) -> result<void> {
        if (patch.url) endpoint["url"] = *patch.url;
        if (patch.types) endpoint["types"] = list_of(*patch.types);
        if (patch.is_active) endpoint["is_active"] = *patch.is_active;
        if (patch.description) endpoint["description"] = *patch.description;
        if (patch.url || patch.is_active.value_or(false)) forget_failures(endpoint);
        return {};
    };
    co_return co_await edit(std::move(id), "webhook_endpoint.update", apply, std::move(actor));
}

store::async<void> webhook_directory::remove(std::string id, audit_actor actor) {
    CXB_CO_TRY(auto const stored, co_await find(id));
    audited_write what;
    what.writes.remove_one(model::webhook_endpoints, store::by_id(id), "not_found");
    what.entry = about("webhook_endpoint.delete", stored);
    auto const done = co_await audit_.commit(std::move(actor), std::move(what));
    if (!done && done.error().reason() == "not_found") co_return no_endpoint();
    CXB_CO_CHECK(done);
    co_await renew();
    co_return result<void>{};
}

store::async<secret> webhook_directory::rotate(std::string id, std::chrono::hours overlap,
                                               audit_actor actor) {
    auto const fresh = webhook::generate_secret(random_);
    auto const until = time_.now() + overlap;
    auto const replace = [&](json_object& endpoint) -> result<void> {
        replace_signing_secret(endpoint, fresh, until);
        return {};
    };
    CXB_CO_CHECK(
        co_await edit(std::move(id), "webhook_endpoint.rotate_secret", replace, std::move(actor)));
    co_return fresh;
}

store::async<void> webhook_directory::deactivate(std::string id, std::string reason,
                                                 std::string failing_since) {
    audited_write what;
    auto where = store::by_id(id);
    where.all.push_back(store::eq("is_active", true));
    if (!failing_since.empty())
        where.all.push_back(store::eq("failing_since", json_value(failing_since)));
    what.writes.update_one(model::webhook_endpoints, std::move(where),
                           store::update{}
                               .set("is_active", false)
                               .inc("version", 1)
                               .set("disabled_reason", json_value(reason))
                               .set("updated_at", json_value(format_timestamp(time_.now()))),
                           "moved_on");
    what.entry = {"webhook_endpoint.deactivate", "webhook_endpoint", id, reason, {}};
    what.entry.changes.push_back({"is_active", true, false});
    auto const done = co_await audit_.commit(audit_actor::system(reason), std::move(what));
    if (!done && done.error().reason() == "moved_on") co_return result<void>{};
    CXB_CO_CHECK(done);
    co_await renew();
    co_return result<void>{};
}

}  // namespace cxb::api
