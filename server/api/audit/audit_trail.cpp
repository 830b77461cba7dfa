#include "server/api/audit/audit_trail.hpp"

#include <array>

#include "cxb/base/encoding.hpp"
#include "server/api/audit/audit_chain.hpp"
#include "server/common/async/contention.hpp"
#include "server/common/cut_texts.hpp"
#include "server/common/model/collections.hpp"

namespace cxb::api {
namespace {

namespace model = server::model;

constexpr std::string_view head_label = "audit_head_moved";
constexpr int max_attempts = 12;
constexpr std::size_t max_text = 500;

// Seconds, then `seq`: rows of one moment keep their order in lists.
std::string id_of(std::int64_t seq, time_point now) {
    constexpr int size = 12;
    std::string bytes(size, '\0');
    auto const seconds_since = static_cast<std::uint64_t>(to_epoch_ms(now) / 1000);
    for (int i = 0; i < 4; ++i)
        bytes[static_cast<std::size_t>(i)] = static_cast<char>(seconds_since >> (24U - 8U * i));
    for (int i = 0; i < 8; ++i)
        bytes[static_cast<std::size_t>(4 + i)] =
            static_cast<char>(static_cast<std::uint64_t>(seq) >> (56U - 8U * i));
    return to_hex(bytes);
}

wire::json_object row_of(audit_actor const& actor, audit_entry const& entry, std::int64_t seq,
                         time_point now) {
    wire::json_array changes;
    for (auto const& change : entry.changes) {
        wire::json_object row{
            {"path", change.path}, {"old", change.old_value}, {"new", change.new_value}};
        server::cut_texts(row["old"], max_text);
        server::cut_texts(row["new"], max_text);
        changes.push_back(std::move(row));
    }
    return {{"_id", id_of(seq, now)},
            {"seq", seq},
            {"at", format_timestamp(now)},
            {"actor", {{"type", actor.type}, {"id", actor.id}, {"label", actor.label}}},
            {"action", entry.action},
            {"target",
             {{"type", entry.target_type}, {"id", entry.target_id}, {"label", entry.target_label}}},
            {"changes", std::move(changes)},
            {"request_id", actor.request_id},
            {"ip", actor.ip},
            {"user_agent", actor.user_agent}};
}

// The head is bound to the value read; the first audited write of all finds none.
void raise_head(store::batch& writes, audit_head const& seen, std::string const& hash) {
    std::int64_t const seq = seen.seq + 1;
    if (!seen.exists) {
        writes.insert(model::system_runtime,
                      {{"_id", audit_head_id}, {"seq", seq}, {"sealed_seq", seq}, {"hash", hash}},
                      std::string(head_label));
        return;
    }
    writes.update_one(
        model::system_runtime,
        store::all_of(
            {store::eq("_id", wire::json_value(audit_head_id)), store::eq("seq", seen.seq)}),
        store::update{}.set("seq", seq).set("sealed_seq", seq).set("hash", wire::json_value(hash)),
        std::string(head_label));
}

}  // namespace

audit_actor audit_actor::of(server::request_context const& context) {
    auto const& who = context.caller;
    return {std::string(server::word_for(who.kind)),
            who.id,
            who.label,
            context.request_id,
            context.client_address,
            server::readable_text(context.user_agent())};
}

audit_actor audit_actor::system(std::string label) {
    return {"system", "", std::move(label)};
}
audit_actor audit_actor::command(std::string label) {
    return {"command", "", std::move(label)};
}

store::async<void> audit_trail::commit(audit_actor actor,
                                       std::function<store::async<audited_write>()> decide) {
    auto const turn = co_await turns_.take(std::string(audit_head_id));
    for (int attempt = 0; attempt < max_attempts; ++attempt) {
        CXB_CO_TRY(audit_head const head, co_await sealed_head(store_));
        CXB_CO_TRY(audited_write what, co_await decide());
        wire::json_object row = row_of(actor, what.entry, head.seq + 1, time_.now());
        raise_head(what.writes, head, seal_audit_row(row, head.hash));
        what.writes.insert(model::audit_log, std::move(row));
        CXB_CO_TRY(auto const outcome, co_await store_.commit(std::move(what.writes)));
        if (outcome.applied) co_return result<void>{};
        if (outcome.label == head_label) {
            co_await server::contention_pause(attempt + 1, random_);
            continue;
        }
        co_return error{errc::conflict, "The state has changed meanwhile"}.with_reason(
            outcome.label.empty() ? "conflict" : outcome.label);
    }
    co_return error{errc::unavailable, "Too many changes at once, try again"}.with_retry_after(
        std::chrono::seconds{1});
}

store::async<void> audit_trail::commit(audit_actor actor, audited_write what) {
    co_return co_await commit(std::move(actor), [&what]() -> store::async<audited_write> {
        co_return audited_write{what};
    });
}

std::vector<audit_change> changes_between(
    wire::json_object const& before, wire::json_object const& after,
    std::function<bool(std::string_view path)> const& is_secret) {
    std::vector<audit_change> out;
    auto const add = [&](std::string_view path, wire::json_value old_value,
                         wire::json_value new_value) {
        if (is_secret(path)) {
            if (!old_value.is_null()) old_value = "(secret)";
            if (!new_value.is_null()) new_value = "(secret)";
        }
        out.push_back({std::string(path), std::move(old_value), std::move(new_value)});
    };
    for (auto const& [name, value] : after) {
        auto const* const old_value = before.if_contains(name);
        if (old_value == nullptr)
            add(name, nullptr, value);
        else if (*old_value != value)
            add(name, *old_value, value);
    }
    for (auto const& [name, value] : before)
        if (!after.contains(name)) add(name, value, nullptr);
    return out;
}

}  // namespace cxb::api
