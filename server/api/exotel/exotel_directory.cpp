#include "server/api/exotel/exotel_directory.hpp"

#include <algorithm>

#include "cxb/base/ids.hpp"
#include "cxb/domain/phone_number.hpp"
#include "server/api/bots/bot_use.hpp"
#include "server/api/carriers/stored_number.hpp"
#include "server/common/model/collections.hpp"
#include "server/common/model/update_between.hpp"

namespace cxb::api {
namespace {

namespace model = server::model;
using wire::json_array;
using wire::json_object;
using wire::json_value;

constexpr std::string_view own_type = "exotel";
constexpr std::string_view bullet = "\u2022";

bool is_sealed(std::string_view name) noexcept {
    return name == "api_key" || name == "api_token";
}

bool is_sealed_member(std::string_view name, json_value const&) {
    return is_sealed(name);
}

json_array& list_of(json_object& document) {
    auto& dids = document["dids"];
    if (!dids.is_array()) dids = json_array{};
    return dids.get_array();
}

error no_number() {
    return error{errc::not_found, "DID not found"};
}

exotel_number number_from(json_object const& stored) {
    auto const text = [&](char const* name) { return std::string(wire::text_at(stored, name)); };
    return {text("id"), text("number"), text("label"), text("bot_id"), text("flow_url"), {}};
}

json_object to_stored(exotel_number const& number) {
    json_object out{{"id", number.id}, {"number", number.number}, {"label", number.label}};
    if (!number.bot_id.empty()) out["bot_id"] = number.bot_id;
    if (!number.flow_url.empty()) out["flow_url"] = number.flow_url;
    return out;
}

// Nobody was ever shown the mask of a key, so any row of bullets is one.
bool is_blank_mask(std::string_view text) noexcept {
    if (text.empty()) return false;
    for (; text.starts_with(bullet); text.remove_prefix(bullet.size())) {
    }
    return text.empty();
}

result<void> take_secret(json_object& document, char const* name,
                         std::optional<std::string> const& sent) {
    if (!sent || is_blank_mask(*sent)) return {};
    CXB_TRY(auto kept,
            domain::apply_masked(*sent, wire::text_at(document, name), "/" + std::string(name)));
    document[name] = std::move(kept);
    return {};
}

audit_entry about(std::string action, exotel_number const& number) {
    return {"exotel_did." + std::move(action), "exotel_did", number.id, number.number, {}};
}

}  // namespace

bool integration_secrets(domain::member_path path) noexcept {
    return path.size() == 1 && is_sealed(path[0]);
}

std::vector<exotel_number> numbers_of(json_object const& document) {
    std::vector<exotel_number> out;
    auto const* const dids = document.if_contains("dids");
    if (dids == nullptr || !dids->is_array()) return out;
    for (auto const& each : dids->get_array())
        if (each.is_object()) out.push_back(number_from(each.get_object()));
    return out;
}

result<exotel_number> number_of(json_object const& document, std::string_view id) {
    for (auto& each : numbers_of(document))
        if (each.id == id) return std::move(each);
    return no_number();
}

bool is_configured(json_object const& document) {
    return !wire::text_at(document, "account_sid").empty() &&
           !wire::text_at(document, "api_key").empty() &&
           !wire::text_at(document, "api_token").empty();
}

store::async<json_object> exotel_directory::read() {
    CXB_CO_TRY(auto found,
               co_await store_.find_one(model::integrations,
                                        store::all_of({store::eq("type", json_value(own_type))})));
    if (found) {
        if (wire::text_at(*found, "api_base_url").empty())
            (*found)["api_base_url"] = exotel_address;
        co_return *std::move(found);
    }
    co_return json_object{{"type", own_type},
                          {"version", 0},
                          {"account_sid", ""},
                          {"api_base_url", exotel_address},
                          {"dids", json_array{}}};
}

store::async<json_object> exotel_directory::edit(edit_fn change, audit_actor actor) {
    json_object after;
    auto const decide = [&]() -> store::async<audited_write> {
        CXB_CO_TRY(auto const before, co_await read());
        auto const version = wire::int_at(before, "version");
        bool const is_new = !before.contains("_id");
        after = before;
        audited_write what;
        CXB_CO_CHECK(change(after, what));
        auto const now = format_timestamp(time_.now());
        after["version"] = version + 1;
        after["updated_at"] = now;
        if (is_new) {
            after["_id"] = make_hex24(time_.now(), random_);
            after["created_at"] = now;
            what.writes.insert(model::integrations, after, "exotel_moved");
        } else {
            auto as_read = store::by_id(wire::text_at(before, "_id"));
            as_read.all.push_back(before.contains("version") ? store::eq("version", version)
                                                             : store::missing("version"));
            what.writes.update_one(model::integrations, std::move(as_read),
                                   model::update_between(before, after, &is_sealed_member),
                                   "exotel_moved");
        }
        co_return what;
    };
    auto const done = co_await audit_.commit(std::move(actor), decide);
    if (!done && done.error().reason() == "bot_gone")
        co_return invalid_member("/bot_id", "unknown bot");
    CXB_CO_CHECK(done);
    co_return after;
}

store::async<json_object> exotel_directory::configure(exotel_account sent, audit_actor actor) {
    if (sent.api_base_url) {
        while (sent.api_base_url->ends_with('/'))
            sent.api_base_url->pop_back();
        if (auto const good = domain::check_url(guard_, *sent.api_base_url); !good)
            co_return invalid_member("/api_base_url", "refused by the outbound guard: " +
                                                          std::string(good.error().reason()));
        if (sent.api_base_url->find_first_of("?#") != std::string::npos)
            co_return invalid_member("/api_base_url", "must have no query and no fragment");
    }
    auto const apply = [&sent](json_object& document, audited_write& what) -> result<void> {
        auto const before = document;
        if (sent.account_sid) document["account_sid"] = *sent.account_sid;
        if (sent.api_base_url) document["api_base_url"] = *sent.api_base_url;
        CXB_CHECK(take_secret(document, "api_key", sent.api_key));
        CXB_CHECK(take_secret(document, "api_token", sent.api_token));
        what.entry = {"exotel.update", "integration", std::string(own_type), {}, {}};
        what.entry.changes = changes_between(before, document, &is_sealed);
        return {};
    };
    co_return co_await edit(apply, std::move(actor));
}

store::async<exotel_number> exotel_directory::add(exotel_number_body body, audit_actor actor) {
    auto kept = stored_number(body.number, region_);
    if (!kept) co_return invalid_member("/number", "not a telephone number");
    exotel_number const fresh{
        make_hex24(time_.now(), random_), *std::move(kept),         std::move(body.label),
        std::move(body.bot_id),           std::move(body.flow_url), {}};
    auto const apply = [&fresh](json_object& document, audited_write& what) -> result<void> {
        auto const there = numbers_of(document);
        if (std::ranges::find(there, fresh.number, &exotel_number::number) != there.end())
            return error{errc::conflict, "The number is in use"}.with_reason("number_in_use");
        if (there.size() >= max_numbers)
            return error{errc::conflict,
                         "At most " + std::to_string(max_numbers) + " numbers of Exotel"}
                .with_reason("too_many_numbers");
        if (!fresh.bot_id.empty()) claim_bot(what.writes, fresh.bot_id);
        list_of(document).push_back(to_stored(fresh));
        what.entry = about("create", fresh);
        return {};
    };
    CXB_CO_CHECK(co_await edit(apply, std::move(actor)));
    co_return fresh;
}

store::async<exotel_number> exotel_directory::change(std::string id, exotel_number_patch patch,
                                                     audit_actor actor) {
    if (!patch.label && !patch.bot_id && !patch.flow_url)
        co_return error{errc::malformed, "Nothing to update"};
    exotel_number changed;
    auto const apply = [&](json_object& document, audited_write& what) -> result<void> {
        for (auto& each : list_of(document)) {
            if (!each.is_object() || wire::text_at(each.get_object(), "id") != id) continue;
            auto const before = each.get_object();
            changed = number_from(before);
            if (patch.label) changed.label = *patch.label;
            if (patch.flow_url) changed.flow_url = *patch.flow_url;
            if (patch.bot_id && !patch.bot_id->empty() && *patch.bot_id != changed.bot_id)
                claim_bot(what.writes, *patch.bot_id);
            if (patch.bot_id) changed.bot_id = *patch.bot_id;
            each = to_stored(changed);
            what.entry = about("update", changed);
            what.entry.changes = changes_between(before, each.get_object(), &is_sealed);
            return {};
        }
        return no_number();
    };
    CXB_CO_CHECK(co_await edit(apply, std::move(actor)));
    co_return changed;
}

store::async<void> exotel_directory::remove(std::string id, audit_actor actor) {
    auto const apply = [&id](json_object& document, audited_write& what) -> result<void> {
        CXB_TRY(auto const gone, number_of(document, id));
        auto& list = list_of(document);
        list.erase(std::find_if(list.begin(), list.end(), [&id](json_value const& each) {
            return each.is_object() && wire::text_at(each.get_object(), "id") == id;
        }));
        what.entry = about("delete", gone);
        return {};
    };
    CXB_CO_CHECK(co_await edit(apply, std::move(actor)));
    co_return result<void>{};
}

store::async<void> exotel_directory::note_test_call(exotel_number number, std::string customer,
                                                    audit_actor actor) {
    audited_write what;
    what.entry = about("test_call", number);
    what.entry.changes.push_back(
        {"customer_number", nullptr, json_value(domain::last_digits(customer))});
    co_return co_await audit_.commit(std::move(actor), std::move(what));
}

}  // namespace cxb::api
