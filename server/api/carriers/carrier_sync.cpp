#include "server/api/carriers/carrier_sync.hpp"

#include <boost/asio/as_tuple.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/this_coro.hpp>
#include <boost/asio/use_awaitable.hpp>

#include "cxb/base/encoding.hpp"
#include "cxb/base/ids.hpp"
#include "cxb/domain/retry_schedule.hpp"
#include "server/api/carriers/carrier_limits.hpp"
#include "server/common/model/collections.hpp"

namespace cxb::api {
namespace {

namespace asio = boost::asio;
namespace model = server::model;
using wire::json_object;
using wire::json_value;

constexpr milliseconds look_again{25};
constexpr milliseconds busy_pause{1000};

json_value stamp(time_point moment) {
    return json_value(format_timestamp(moment));
}

store::filter held_by(std::string_view carrier_id, std::string_view holder) {
    auto out = store::by_id(carrier_id);
    out.all.push_back(store::eq("lk_sync_holder", json_value(holder)));
    return out;
}

// What every ending of a synchronisation writes: ids, and that nobody holds the carrier.
store::update ids_of(json_object const& carrier) {
    store::update out;
    for (auto const* kind : livekit_kinds) {
        auto const id = wire::text_at(carrier, kind->member);
        if (id.empty())
            out.unset(kind->member);
        else
            out.set(kind->member, json_value(id));
    }
    return std::move(out.unset("lk_sync_holder").unset("lk_sync_until"));
}

asio::awaitable<void> pause(milliseconds time) {
    asio::steady_timer timer(co_await asio::this_coro::executor, time);
    co_await timer.async_wait(asio::as_tuple(asio::use_awaitable));
}

}  // namespace

json_object make_sync_job(std::string_view carrier_id, std::int64_t version, time_point now,
                          random_source& random) {
    server::job_spec spec;
    spec.kind = sync_kind;
    spec.key = "cs:" + std::string(carrier_id) + ":" + std::to_string(version);
    spec.payload = {{"carrier_id", carrier_id}, {"version", version}};
    spec.max_attempts = domain::carrier_retries().max_attempts;
    return server::make_job(std::move(spec), now, random);
}

json_object make_cleanup_job(json_object const& carrier, time_point now, random_source& random) {
    json_object kept{{"_id", wire::text_at(carrier, "_id")}};
    for (auto const* kind : livekit_kinds)
        if (auto const* id = carrier.if_contains(kind->member)) kept[kind->member] = *id;
    server::job_spec spec;
    spec.kind = cleanup_kind;
    spec.key = "cc:" + std::string(wire::text_at(carrier, "_id"));
    spec.payload = {{"carrier", std::move(kept)}};
    spec.max_attempts = domain::carrier_retries().max_attempts;
    return server::make_job(std::move(spec), now, random);
}

// Any answer, also a refusal, shows that LiveKit is there.
void carrier_sync::note(bool done, error const& failure) {
    bool const away = !done && client::livekit_unreachable(failure);
    metrics_.get_gauge("cxb_livekit_up").set(away ? 0 : 1);
    if (!done)
        metrics_.get_counter("cxb_livekit_failures_total", {away ? "unreachable" : "refused"})
            .add();
}

store::async<std::optional<json_object>> carrier_sync::claim(std::string carrier_id,
                                                             std::string holder) {
    auto const now = time_.now();
    auto free = store::by_id(carrier_id);
    free.any = {store::all_of({store::missing("lk_sync_until")}),
                store::all_of({store::lte("lk_sync_until", stamp(now))}),
                store::all_of({store::eq("lk_sync_holder", json_value(holder))})};
    store::update mine;
    mine.set("lk_sync_holder", json_value(holder)).set("lk_sync_until", stamp(now + sync_lease));
    co_return co_await store_.find_one_and_update(model::carriers, std::move(free),
                                                  std::move(mine));
}

// False: the carrier is not ours any more, or gone.
store::async<bool> carrier_sync::save(json_object const& carrier, std::string holder,
                                      result<void> const& done) {
    auto const id = wire::text_at(carrier, "_id");
    auto whole = ids_of(carrier);
    if (done)
        whole.set("lk_sync_status", "synced")
            .set("lk_last_synced_at", stamp(time_.now()))
            .unset("lk_sync_error");
    else
        whole.set("lk_sync_status", "error")
            .set("lk_sync_error", json_value(utf8_prefix(done.error().detail(), sync_error_bytes)));
    auto as_read = held_by(id, holder);
    as_read.all.push_back(store::eq("version", wire::int_at(carrier, "version")));
    CXB_CO_TRY(bool const saved,
               co_await store_.update_one(model::carriers, std::move(as_read), std::move(whole)));
    if (saved) co_return true;
    co_return co_await store_.update_one(model::carriers, held_by(id, holder), ids_of(carrier));
}

store::async<carrier_sync::attempt> carrier_sync::sync_once(std::string carrier_id,
                                                            std::string holder) {
    auto const turn = co_await turns_.take("carrier " + carrier_id);
    CXB_CO_TRY(auto claimed, co_await claim(carrier_id, holder));
    if (!claimed) {
        CXB_CO_TRY(auto const there,
                   co_await store_.find_one(model::carriers, store::by_id(carrier_id)));
        co_return attempt{there ? outcome::busy : outcome::gone, {}};
    }
    livekit_steps steps(livekit_, *std::move(claimed));
    auto const done = co_await steps.bring();
    note(done.has_value(), done.error());
    CXB_CO_TRY(bool const kept, co_await save(steps.carrier(), holder, done));
    if (!kept) {
        CXB_CO_TRY(auto const there,
                   co_await store_.find_one(model::carriers, store::by_id(carrier_id)));
        if (there) co_return attempt{outcome::busy, {}};
        // It was deleted meanwhile, and its clean-up may have run before something was made.
        CXB_CO_CHECK(co_await steps.clear());
        co_return attempt{outcome::gone, {}};
    }
    if (!done) co_return attempt{outcome::failed, done.error()};
    co_return attempt{outcome::synced, {}};
}

server::job_verdict carrier_sync::again(server::job_context const& job, error const& cause) {
    auto const wait = domain::next_wait(domain::carrier_retries(), static_cast<int>(job.attempt()),
                                        random_, {}, wait_scale_);
    return server::job_verdict::retry(wait, cause.status(), cause.detail());
}

asio::awaitable<server::job_verdict> carrier_sync::run_sync(server::job_context job) {
    if (!configured()) co_return again(job, error{errc::unavailable, "LiveKit not configured"});
    std::string const carrier(wire::text_at(job.payload(), "carrier_id"));
    auto const tried = co_await sync_once(carrier, std::string(job.id()));
    if (!tried) co_return again(job, tried.error());
    if (tried->what == outcome::busy)
        co_return server::job_verdict::put_back(time_.now() + busy_pause);
    // An earlier try may have died between making something and noticing that it is gone.
    if (tried->what == outcome::gone && job.attempt() > 1) {
        auto const cleared = co_await clear_gone({{"_id", carrier}});
        if (!cleared) co_return again(job, cleared.error());
    }
    if (tried->what == outcome::failed) co_return again(job, tried->cause);
    co_return server::job_verdict::done();
}

asio::awaitable<server::job_verdict> carrier_sync::run_cleanup(server::job_context job) {
    if (!configured()) co_return again(job, error{errc::unavailable, "LiveKit not configured"});
    auto const* carrier = job.payload().if_contains("carrier");
    if (carrier == nullptr || !carrier->is_object())
        co_return server::job_verdict::dead(0, "payload unreadable");
    auto const done = co_await clear_gone(carrier->get_object());
    if (!done) co_return again(job, done.error());
    co_return server::job_verdict::done();
}

store::async<void> carrier_sync::clear_gone(json_object carrier) {
    auto const turn = co_await turns_.take("carrier " + std::string(wire::text_at(carrier, "_id")));
    livekit_steps steps(livekit_, std::move(carrier));
    auto const done = co_await steps.clear();
    note(done.has_value(), done.error());
    co_return done;
}

store::async<void> carrier_sync::sync_now(std::string carrier_id) {
    if (!configured()) co_return error{errc::unavailable, "LiveKit not configured"};
    std::string const holder = make_uuid7(time_.now(), random_);
    auto const end = std::chrono::steady_clock::now() + sync_patience;
    for (;;) {
        CXB_CO_TRY(auto const tried, co_await sync_once(carrier_id, holder));
        if (tried.what == outcome::gone) co_return error{errc::not_found, "Carrier not found"};
        if (tried.what == outcome::synced) co_return result<void>{};
        if (tried.what == outcome::failed)
            co_return error{errc::upstream_failed, tried.cause.detail()}.with_note(
                {tried.cause.to_log_text()});
        if (std::chrono::steady_clock::now() >= end)
            co_return error{errc::unavailable, "Another synchronisation of this carrier runs"}
                .with_reason("sync_running");
        co_await pause(look_again);
    }
}

store::async<std::optional<json_object>> carrier_sync::settled(std::string carrier_id,
                                                               std::int64_t version) {
    auto const end = std::chrono::steady_clock::now() + sync_patience;
    for (;;) {
        CXB_CO_TRY(auto found, co_await store_.find_one(model::carriers, store::by_id(carrier_id)));
        bool const waits = configured() && found && wire::int_at(*found, "version") == version &&
                           wire::text_at(*found, "lk_sync_status") == "pending";
        if (!waits || std::chrono::steady_clock::now() >= end) co_return found;
        co_await pause(look_again);
    }
}

}  // namespace cxb::api
