#include "server/common/http/idempotency.hpp"

#include <exception>

#include "cxb/base/crypto.hpp"
#include "server/common/http/problem.hpp"
#include "src/base/fail_point.hpp"

namespace cxb::server {
namespace {

constexpr store::field_decl fields[] = {{"expires_at", store::field_type::timestamp}};
constexpr std::string_view by_expiry[] = {"expires_at"};
constexpr store::index_decl indexes[] = {{by_expiry}};

constexpr int claim_tries = 3;

error unknown_outcome() {
    return error{errc::conflict, "An earlier request with this key did not finish"}.with_reason(
        "outcome_unknown");
}

// Says nothing about the effect: it may have happened.
bool leaves_doubt(error const& cause) noexcept {
    return cause.code() == errc::deadline_exceeded || cause.code() == errc::internal ||
           cause.code() == errc::corrupt_data || cause.code() == errc::cancelled ||
           cause.request_sent() == sent_state::maybe || cause.reason() == "outcome_unknown";
}

bool is_kept(int status) noexcept {
    return (status >= 200 && status < 300) || (status >= 400 && status < 500 && status != 429);
}

wire::http_response replay(wire::json_object const& row) {
    wire::http_response out;
    out.status = static_cast<int>(wire::int_at(row, "status", 200));
    out.body = std::string(wire::text_at(row, "body"));
    if (auto const type = wire::text_at(row, "content_type"); !type.empty())
        out.headers.add("Content-Type", std::string(type));
    out.headers.add("Idempotent-Replayed", "true");
    return out;
}

result<wire::http_response> judge(wire::json_object const& row, std::string_view body_hash,
                                  time_point now) {
    if (wire::text_at(row, "body_hash") != body_hash)
        return error{errc::invalid, "Idempotency-Key was used with another body"}.with_reason(
            "idempotency_key_reused");
    auto const state = wire::text_at(row, "state");
    if (state == "done") return replay(row);
    auto const at = parse_timestamp(wire::text_at(row, "at"));
    bool const fresh = at && now < *at + idempotency_keeper::in_flight_limit;
    if (state == "in_flight" && fresh)
        return error{errc::conflict, "A request with this key is being carried out"}
            .with_reason("idempotency_in_flight")
            .with_retry_after(seconds{1});
    return unknown_outcome();
}

}  // namespace

store::collection const idempotency_keys{"idempotency_keys", fields, indexes};

// Empty: the row is ours and the work may begin.
boost::asio::awaitable<result<std::optional<wire::http_response>>> idempotency_keeper::claim(
    std::string id, std::string body_hash) {
    for (int attempt = 0; attempt < claim_tries; ++attempt) {
        auto const now = time_.now();
        wire::json_value const now_text(format_timestamp(now));
        wire::json_value const expiry(format_timestamp(now + kept_for));
        wire::json_value const hash_text(body_hash);
        auto const inserted = co_await rows_.insert(idempotency_keys, {{"_id", id},
                                                                       {"state", "in_flight"},
                                                                       {"body_hash", body_hash},
                                                                       {"at", now_text},
                                                                       {"expires_at", expiry}});
        if (inserted) co_return std::optional<wire::http_response>{};
        if (inserted.error().code() != errc::conflict) co_return inserted.error();
        auto renewal = store::update{};
        renewal.set("state", "in_flight").set("body_hash", hash_text).set("at", now_text);
        renewal.set("expires_at", expiry).unset("status").unset("body").unset("content_type");
        auto expired = store::by_id(id);
        expired.all.push_back(store::lte("expires_at", now_text));
        CXB_CO_TRY(
            bool const taken_over,
            co_await rows_.update_one(idempotency_keys, std::move(expired), std::move(renewal)));
        if (taken_over) co_return std::optional<wire::http_response>{};
        CXB_CO_TRY(auto const row, co_await rows_.find_one(idempotency_keys, store::by_id(id)));
        if (!row) continue;  // removed in between: the key is free again
        CXB_CO_TRY(auto answer, judge(*row, body_hash, now));
        co_return std::optional<wire::http_response>(std::move(answer));
    }
    co_return error{errc::unavailable}.with_retry_after(seconds{1});
}

boost::asio::awaitable<void> idempotency_keeper::settle(std::string id, answer const* outcome,
                                                        std::string request_id) {
    bool const in_doubt =
        outcome == nullptr || (outcome->has_error() && leaves_doubt(outcome->error()));
    if (in_doubt) {
        co_await rows_.update_one(idempotency_keys, store::by_id(id),
                                  store::update{}.set("state", "unknown"));
        co_return;
    }
    auto const kept =
        outcome->has_value() ? **outcome : problem_response(outcome->error(), request_id);
    if (!is_kept(kept.status)) {
        co_await rows_.remove(idempotency_keys, store::by_id(id), 1);
        co_return;
    }
    auto changes = store::update{};
    changes.set("state", "done").set("status", kept.status);
    changes.set("body", wire::json_value(kept.bytes()));
    changes.set("content_type", wire::json_value(kept.headers.get("Content-Type")));
    co_await rows_.update_one(idempotency_keys, store::by_id(id), std::move(changes));
}

boost::asio::awaitable<idempotency_keeper::answer> idempotency_keeper::once(subject what,
                                                                            work effect) {
    if (what.key.size() > max_key)
        co_return error{errc::invalid, "Idempotency-Key must be at most 255 bytes"};
    auto const id = sha256_hex(what.method + '|' + what.path + '|' + what.actor + '|' + what.key);
    CXB_CO_TRY(auto earlier, co_await claim(id, what.body_hash));
    if (earlier) co_return *std::move(earlier);
    CXB_FAIL_POINT("idempotency.claimed");
    answer outcome{error{errc::internal}};
    std::exception_ptr thrown;
    try {
        outcome = co_await effect();
    } catch (...) {
        thrown = std::current_exception();
    }
    // A row that cannot be settled stays in flight and so becomes `outcome_unknown`.
    co_await settle(id, thrown ? nullptr : &outcome, what.request_id);
    if (thrown) std::rethrow_exception(thrown);
    co_return outcome;
}

store::filter idempotency_keeper::expired(time_point now) {
    return store::all_of({store::lte("expires_at", wire::json_value(format_timestamp(now)))});
}

}  // namespace cxb::server
