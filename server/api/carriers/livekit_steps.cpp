#include "server/api/carriers/livekit_steps.hpp"

#include <algorithm>

#include "src/base/fail_point.hpp"

namespace cxb::api {
namespace {

using wire::json_array;
using wire::json_object;
using wire::json_value;

constexpr char const* service = "SIP";

// The listed objects; one that LiveKit does not hold is null in a list by ids.
std::vector<json_object const*> items_of(json_object const& answer) {
    std::vector<json_object const*> out;
    auto const* items = answer.if_contains("items");
    if (items == nullptr || !items->is_array()) return out;
    for (auto const& each : items->get_array())
        if (each.is_object()) out.push_back(&each.get_object());
    return out;
}

std::string method(std::string_view verb, livekit_kind const& kind) {
    return std::string(verb) + std::string(kind.noun);
}

}  // namespace

std::string livekit_steps::id_of(livekit_kind const& kind) const {
    return std::string(wire::text_at(carrier_, kind.member));
}

void livekit_steps::keep(livekit_kind const& kind, std::string const& id) {
    if (id.empty())
        carrier_.erase(kind.member);
    else
        carrier_[kind.member] = id;
}

store::async<json_object> livekit_steps::ask(std::string what, json_object body) {
    client::livekit_request request{service, std::move(what), std::move(body)};
    auto answer = co_await livekit_.ask(std::move(request));
    CXB_FAIL_POINT("livekit.answered");
    co_return answer;
}

// False: LiveKit does not know it.
store::async<bool> livekit_steps::replace(livekit_kind const& kind, std::string id,
                                          json_object wanted) {
    json_object body{{kind.id, id}, {"replace", std::move(wanted)}};
    auto const done = co_await ask(method("Update", kind), std::move(body));
    if (done) co_return true;
    if (done.error().code() == errc::not_found) co_return false;
    co_return done.error();
}

store::async<std::vector<std::string>> livekit_steps::named_so(livekit_kind const& kind) {
    CXB_CO_TRY(auto const answer, co_await ask(method("List", kind), {}));
    auto const name = livekit_name(kind, wire::text_at(carrier_, "_id"));
    std::vector<std::string> out;
    for (auto const* each : items_of(answer))
        if (client::livekit_text(*each, "name") == name)
            out.emplace_back(client::livekit_text(*each, kind.id));
    std::ranges::sort(out);
    co_return out;
}

store::async<void> livekit_steps::remove(livekit_kind const& kind, std::string id) {
    json_object body{{kind.id, id}};
    auto const done = co_await ask(std::string(kind.remove), std::move(body));
    if (!done && done.error().code() != errc::not_found) co_return done.error();
    co_return result<void>{};
}

store::async<void> livekit_steps::remove_all(livekit_kind const& kind) {
    std::string const known = id_of(kind);
    if (!known.empty()) {
        CXB_CO_CHECK(co_await remove(kind, known));
        keep(kind, {});
    }
    CXB_CO_TRY(auto const others, co_await named_so(kind));
    for (auto const& id : others)
        CXB_CO_CHECK(co_await remove(kind, id));
    co_return result<void>{};
}

store::async<void> livekit_steps::ensure(livekit_kind const& kind, json_object wanted) {
    if (std::string const known = id_of(kind); !known.empty()) {
        CXB_CO_TRY(bool const there, co_await replace(kind, known, wanted));
        if (there) co_return result<void>{};
        keep(kind, {});
    }
    // Two processes that both thought they were alone may have made two.
    CXB_CO_TRY(auto const found, co_await named_so(kind));
    for (auto const& id : found) {
        if (!id_of(kind).empty()) {
            CXB_CO_CHECK(co_await remove(kind, id));
            continue;
        }
        CXB_CO_TRY(bool const there, co_await replace(kind, id, wanted));
        if (there) keep(kind, id);
    }
    if (!id_of(kind).empty()) co_return result<void>{};
    json_object body{{kind.wrapped, std::move(wanted)}};
    CXB_CO_TRY(auto const made, co_await ask(method("Create", kind), std::move(body)));
    std::string const id(client::livekit_text(made, kind.id));
    if (id.empty()) co_return error{errc::corrupt_data, "LiveKit gave no id"};
    keep(kind, id);
    co_return result<void>{};
}

store::async<void> livekit_steps::bring() {
    for (auto kind = livekit_kinds.rbegin(); kind != livekit_kinds.rend(); ++kind)
        if (!wanted_object(**kind, carrier_)) CXB_CO_CHECK(co_await remove_all(**kind));
    // One after the other: the rule names the trunk that was made before it.
    for (auto const* kind : livekit_kinds)
        if (auto wanted = wanted_object(*kind, carrier_))
            CXB_CO_CHECK(co_await ensure(*kind, *std::move(wanted)));
    co_return result<void>{};
}

store::async<void> livekit_steps::clear() {
    for (auto kind = livekit_kinds.rbegin(); kind != livekit_kinds.rend(); ++kind)
        CXB_CO_CHECK(co_await remove_all(**kind));
    co_return result<void>{};
}

store::async<std::vector<std::string>> held_by_livekit(client::livekit_client const& livekit,
                                                       livekit_kind const& kind,
                                                       std::vector<std::string> ids,
                                                       milliseconds timeout) {
    json_object body{{kind.ids, json_array(ids.begin(), ids.end())}};
    CXB_CO_TRY(auto const answer,
               co_await livekit.ask({service, method("List", kind), std::move(body), timeout}));
    std::vector<std::string> out;
    for (auto const* each : items_of(answer))
        out.emplace_back(client::livekit_text(*each, kind.id));
    co_return out;
}

}  // namespace cxb::api
