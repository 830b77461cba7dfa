#include "server/api/carriers/carrier_directory.hpp"

#include <algorithm>

#include "cxb/base/ids.hpp"
#include "server/api/carriers/carrier_limits.hpp"
#include "server/api/carriers/carrier_sync.hpp"
#include "server/api/carriers/did_copies.hpp"
#include "server/api/carriers/stored_number.hpp"
#include "server/common/model/collections.hpp"
#include "server/common/model/update_between.hpp"

namespace cxb::api {
namespace {

namespace model = server::model;
using wire::json_array;
using wire::json_object;
using wire::json_value;

constexpr int max_decisions = 5;
constexpr std::string_view moved = "moved";
constexpr char const* list_pointer = "/dids";

error no_carrier() {
    return error{errc::not_found, "Carrier not found"};
}

error no_did() {
    return error{errc::not_found, "DID not found"};
}

json_array& dids_of(json_object& carrier) {
    auto& list = carrier["dids"];
    return list.is_array() ? list.get_array() : list.emplace_array();
}

json_value* did_in(json_array& list, std::string_view key, std::string_view text) {
    auto const found = std::ranges::find_if(list, [&](json_value const& each) {
        return wire::text_at(each.get_object(), key) == text;
    });
    return found == list.end() ? nullptr : &*found;
}

audit_entry about(std::string action, json_object const& carrier) {
    return {std::move(action),
            "carrier",
            std::string(wire::text_at(carrier, "_id")),
            std::string(wire::text_at(carrier, "name")),
            {}};
}

bool is_secret_path(std::string_view path) {
    return carrier_secrets(std::span(&path, 1));
}

// Secrets are sealed with each save; the status may have been changed beside us without a version.
bool always_written(std::string_view name, json_value const&) {
    return is_secret_path(name) || name == "lk_sync_status";
}

// What the label of a write that did not fit means to the caller.
error refused(error const& cause) {
    if (cause.reason() == "bot_gone") return invalid_member("/bot_id", "unknown bot");
    // Who looked before knows which one, and whose it is.
    if (cause.reason() == number_taken && cause.members().empty())
        return error{errc::conflict, "A carrier has this number already"}.with_reason(
            std::string(number_taken));
    return cause;
}

}  // namespace

store::async<json_object> carrier_directory::find(std::string id) {
    CXB_CO_TRY(auto found, co_await store_.find_one(model::carriers, store::by_id(id)));
    if (!found) co_return no_carrier();
    co_return *std::move(found);
}

// A number that is there already keeps its id, so that no unique number passes between rows.
result<json_array> carrier_directory::stored_dids(std::vector<did_body> const& wanted,
                                                  json_object const* before) const {
    json_array old;
    if (before != nullptr)
        if (auto const* list = before->if_contains("dids"); list != nullptr && list->is_array())
            old = list->get_array();
    json_array out;
    std::vector<fault> faults;
    for (std::size_t i = 0; i < wanted.size(); ++i) {
        std::string const at = list_pointer + ("/" + std::to_string(i)) + "/number";
        auto const number = stored_number(wanted[i].number, options_.phone_region);
        if (!number)
            faults.push_back({at, "must be a telephone number or 3 to 15 digits"});
        else if (did_in(out, "number", *number) != nullptr)
            faults.push_back({at, "stands twice in the list"});
        if (!number) continue;
        did_body one = wanted[i];
        auto const* known = did_in(old, "number", *number);
        one.id = known != nullptr ? std::string(wire::text_at(known->get_object(), "id"))
                                  : make_hex24(time_.now(), random_);
        one.number = *number;
        if (one.bot_id && one.bot_id->empty()) one.bot_id.reset();
        CXB_TRY(auto item, wire::parse_json(serialize(one)));
        out.push_back(std::move(item));
    }
    if (!faults.empty()) return invalid_document(std::move(faults));
    return out;
}

result<json_object> carrier_directory::document_of(carrier_body const& body,
                                                   json_object const* before) const {
    json_object out = before != nullptr ? *before : json_object{};
    CXB_TRY(auto const members, wire::parse_json(serialize(body)));
    for (auto const& [name, value] : members.get_object())
        out[name] = value;
    CXB_TRY(auto dids, stored_dids(body.dids, before));
    out["dids"] = std::move(dids);
    return out;
}

store::async<void> carrier_directory::check_name(json_object const& after) {
    json_value const name(wire::text_at(after, "name"));
    auto others = store::all_of({store::eq("name", name), store::ne("_id", after.at("_id"))});
    CXB_CO_TRY(auto const taken, co_await store_.count(model::carriers, std::move(others), 1));
    if (taken > 0)
        co_return error{errc::conflict, "A carrier has this name already"}.with_reason(
            "name_in_use");
    co_return result<void>{};
}

store::async<store::batch> carrier_directory::writes_for(json_object const* before,
                                                         json_object after, std::string list_at) {
    auto const old_rows = before != nullptr ? rows_of(*before) : did_rows{};
    auto const new_rows = rows_of(after);
    CXB_CO_CHECK(co_await check_name(after));
    CXB_CO_CHECK(co_await check_numbers_free(store_, old_rows, new_rows));
    CXB_CO_CHECK(co_await check_not_in_pool(store_, old_rows, new_rows));
    json_array const dids = dids_of(after);
    // A bot deleted since does not stand in the way of other changes.
    json_array mapped;
    for (auto const& each : dids) {
        auto const& did = each.get_object();
        auto const old = old_rows.find(std::string(wire::text_at(did, "id")));
        bool const same = old != old_rows.end() &&
                          wire::text_at(old->second, "bot_id") == wire::text_at(did, "bot_id");
        if (!list_at.empty() || !same) mapped.push_back(same ? json_value(json_object{}) : each);
    }
    CXB_CO_CHECK(co_await check_bots(store_, std::move(mapped), std::move(list_at)));
    auto const id = wire::text_at(after, "_id");
    auto const version = wire::int_at(after, "version");
    store::batch out;
    if (before == nullptr) {
        out.insert(model::carriers, after, "name_in_use");
    } else {
        auto as_read = store::by_id(id);
        as_read.all.push_back(store::eq("version", wire::int_at(*before, "version")));
        out.update_one(model::carriers, std::move(as_read),
                       model::update_between(*before, after, &always_written), std::string(moved));
    }
    add_did_writes(out, old_rows, new_rows);
    if (options_.livekit)
        out.insert(server::jobs, make_sync_job(id, version, time_.now(), random_));
    co_return out;
}

store::async<json_object> carrier_directory::create(json_object sent, std::string created_by,
                                                    audit_actor actor) {
    CXB_CO_TRY(auto const body, read_carrier(sent, nullptr));
    CXB_CO_TRY(json_object document, document_of(body, nullptr));
    std::string const now = format_timestamp(time_.now());
    document["_id"] = make_hex24(time_.now(), random_);
    document["version"] = 1;
    document["lk_sync_status"] = "pending";
    document["created_by"] = created_by;
    document["created_at"] = now;
    document["updated_at"] = now;
    auto const decide = [&]() -> store::async<audited_write> {
        audited_write what;
        CXB_CO_TRY(what.writes, co_await writes_for(nullptr, document, list_pointer));
        what.entry = about("carrier.create", document);
        co_return what;
    };
    auto const done = co_await audit_.commit(std::move(actor), decide);
    if (!done) co_return refused(done.error());
    co_return document;
}

store::async<json_object> carrier_directory::edit(std::string id, std::string action,
                                                  std::string list_at, edit_fn change,
                                                  audit_actor actor) {
    json_object after;
    auto const decide = [&]() -> store::async<audited_write> {
        CXB_CO_TRY(auto const before, co_await find(id));
        after = before;
        CXB_CO_CHECK(change(after));
        after["version"] = wire::int_at(before, "version") + 1;
        after["lk_sync_status"] = "pending";
        after.erase("lk_sync_error");
        after["updated_at"] = format_timestamp(time_.now());
        audited_write what;
        CXB_CO_TRY(what.writes, co_await writes_for(&before, after, list_at));
        what.entry = about(action, after);
        what.entry.changes = changes_between(before, after, &is_secret_path);
        std::erase_if(what.entry.changes, [](audit_change const& one) {
            return one.path == "version" || one.path == "updated_at" || one.path.starts_with("lk_");
        });
        co_return what;
    };
    for (int i = 0; i < max_decisions; ++i) {
        auto const done = co_await audit_.commit(actor, decide);
        if (done) co_return after;
        // The trunk health loop raised the version between reading and writing.
        if (done.error().reason() != moved) co_return refused(done.error());
    }
    co_return error{errc::unavailable, "The carrier keeps changing, try again"}.with_retry_after(
        seconds{1});
}

store::async<json_object> carrier_directory::change(std::string id, json_object sent,
                                                    audit_actor actor) {
    auto const apply = [this, &sent](json_object& carrier) -> result<void> {
        CXB_TRY(auto const body, read_carrier(sent, &carrier));
        CXB_TRY(auto changed, document_of(body, &carrier));
        carrier = std::move(changed);
        return {};
    };
    co_return co_await edit(std::move(id), "carrier.update", list_pointer, apply, std::move(actor));
}

store::async<void> carrier_directory::remove(std::string id, audit_actor actor) {
    auto const decide = [&]() -> store::async<audited_write> {
        CXB_CO_TRY(auto const before, co_await find(id));
        auto const rows = rows_of(before);
        CXB_CO_CHECK(co_await check_not_in_pool(store_, rows, {}));
        audited_write what;
        auto as_read = store::by_id(id);
        as_read.all.push_back(store::eq("version", wire::int_at(before, "version")));
        what.writes.remove_one(model::carriers, std::move(as_read), std::string(moved));
        add_did_writes(what.writes, rows, {});
        bool const known = std::ranges::any_of(livekit_kinds, [&](livekit_kind const* kind) {
            return !wire::text_at(before, kind->member).empty();
        });
        if (options_.livekit || known)
            what.writes.insert(server::jobs, make_cleanup_job(before, time_.now(), random_));
        what.entry = about("carrier.delete", before);
        co_return what;
    };
    for (int i = 0; i < max_decisions; ++i) {
        auto const done = co_await audit_.commit(actor, decide);
        if (done) co_return result<void>{};
        if (done.error().reason() != moved) co_return done.error();
    }
    co_return error{errc::unavailable, "The carrier keeps changing, try again"}.with_retry_after(
        seconds{1});
}

store::async<json_object> carrier_directory::add_did(std::string id, json_object sent,
                                                     audit_actor actor) {
    CXB_CO_TRY(did_body body, read_did(sent, nullptr));
    auto const number = stored_number(body.number, options_.phone_region);
    if (!number)
        co_return invalid_member("/number", "must be a telephone number or 3 to 15 digits");
    body.number = *number;
    body.id = make_hex24(time_.now(), random_);
    if (body.bot_id && body.bot_id->empty()) body.bot_id.reset();
    auto const apply = [&body](json_object& carrier) -> result<void> {
        auto& list = dids_of(carrier);
        if (list.size() >= max_dids)
            return error{errc::conflict,
                         "At most " + std::to_string(max_dids) + " numbers of a carrier"}
                .with_reason("too_many_numbers");
        CXB_TRY(auto item, wire::parse_json(serialize(body)));
        list.push_back(std::move(item));
        return {};
    };
    co_return co_await edit(std::move(id), "carrier.did_create", "", apply, std::move(actor));
}

store::async<json_object> carrier_directory::change_did(std::string id, std::string did_id,
                                                        json_object sent, audit_actor actor) {
    auto const apply = [&](json_object& carrier) -> result<void> {
        auto* const stored = did_in(dids_of(carrier), "id", did_id);
        if (stored == nullptr) return no_did();
        CXB_TRY(did_body body, read_did(sent, &stored->get_object()));
        auto const number = stored_number(body.number, options_.phone_region);
        if (!number)
            return invalid_member("/number", "must be a telephone number or 3 to 15 digits");
        body.number = *number;
        body.id = did_id;
        if (body.bot_id && body.bot_id->empty()) body.bot_id.reset();
        CXB_TRY(*stored, wire::parse_json(serialize(body)));
        return {};
    };
    co_return co_await edit(std::move(id), "carrier.did_update", "", apply, std::move(actor));
}

store::async<json_object> carrier_directory::remove_did(std::string id, std::string did_id,
                                                        audit_actor actor) {
    auto const apply = [&](json_object& carrier) -> result<void> {
        auto& list = dids_of(carrier);
        auto* const stored = did_in(list, "id", did_id);
        if (stored == nullptr) return no_did();
        list.erase(stored);
        return {};
    };
    co_return co_await edit(std::move(id), "carrier.did_delete", "", apply, std::move(actor));
}

}  // namespace cxb::api
