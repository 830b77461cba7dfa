#include "server/api/prompt_cache/cache_schedule.hpp"

#include <boost/asio/as_tuple.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/this_coro.hpp>
#include <boost/asio/use_awaitable.hpp>

#include "cxb/base/ids.hpp"
#include "cxb/domain/daily_run.hpp"
#include "server/common/model/collections.hpp"

namespace cxb::api {
namespace {

namespace asio = boost::asio;
namespace model = server::model;
using wire::json_object;
using wire::json_value;

// What the workers of one run share; all on one executor.
struct daily_work {
    std::vector<std::string> bots;
    std::function<store::async<void>(std::string)> each;
    server::loop_lease& lease;
    std::size_t next = 0;
    std::size_t failed = 0;
    std::string cause{};
};

asio::awaitable<void> work_off(daily_work& work) {
    while (work.next < work.bots.size() && work.lease.held()) {
        auto const done = co_await work.each(work.bots[work.next++]);
        if (done) continue;
        if (work.failed++ == 0) work.cause = done.error().detail();
    }
}

// Waits for all, also when one ends by an exception, and passes that on.
store::async<void> work_off_all(daily_work& work) {
    auto const executor = co_await asio::this_coro::executor;
    asio::steady_timer all_ended(executor, asio::steady_timer::time_point::max());
    std::exception_ptr thrown;
    std::size_t open = std::min(caches_at_once, work.bots.size());
    for (std::size_t i = open; i > 0; --i)
        asio::co_spawn(executor, work_off(work), [&](std::exception_ptr const& by) {
            if (by) thrown = by;
            if (--open == 0) all_ended.cancel();
        });
    while (open != 0)
        co_await all_ended.async_wait(asio::as_tuple(asio::use_awaitable));
    if (thrown) std::rethrow_exception(thrown);
    if (work.failed == 0) co_return result<void>{};
    co_return error{errc::upstream_failed, std::to_string(work.failed) + " of " +
                                               std::to_string(work.bots.size()) +
                                               " bots: " + work.cause};
}

// One of the two runs.
struct daily_kind {
    char const* name;
    char const* member;
    int hour;
};

class schedule {
  public:
    schedule(live_prompt_caches& caches, store::document_store& store, server::loop_lease& lease,
             domain::time_zone zone, clock const& time, random_source& random)
        : caches_(caches),
          store_(store),
          lease_(lease),
          zone_(std::move(zone)),
          time_(time),
          random_(random) {}

    store::async<void> run_if_due(daily_kind kind, bool prewarm) {
        CXB_CO_TRY(auto const row,
                   co_await store_.find_one(model::system_runtime, store::by_id(cache_loop)));
        std::optional<time_point> last;
        if (row)
            if (auto const at = parse_timestamp(wire::text_at(*row, kind.member))) last = *at;
        auto const now = time_.now();
        auto const due = domain::check_daily_run(zone_, kind.hour, last, now);
        if (!due.due) co_return result<void>{};
        if (due.late) CXB_CO_CHECK(co_await note_catch_up(kind, due, now));
        daily_work work{bots(prewarm), {}, lease_};
        if (prewarm)
            work.each = [this, due](std::string id) {
                return caches_.prewarm(std::move(id), due.due_at);
            };
        else
            work.each = [this](std::string id) { return caches_.clear(std::move(id)); };
        auto done = co_await work_off_all(work);
        if (!prewarm && done) done = co_await drop_old_events(now);
        CXB_CO_CHECK(co_await note_run(kind, now));
        co_return done;
    }

  private:
    std::vector<std::string> bots(bool wanted) {
        auto const system = caches_.system().get();
        std::vector<std::string> out;
        for (auto const& bot : caches_.bots().all_known()) {
            bool const wants = cache_need_of(*bot, *system) == cache_need::wanted;
            if (wanted ? wants : !wants && has_state(*bot)) out.push_back(bot->id);
        }
        return out;
    }

    store::async<void> note_catch_up(daily_kind kind, domain::daily_run due, time_point now) {
        store::batch writes;
        writes.insert(model::live_prompt_cache_events,
                      json_object{{"_id", make_hex24(now, random_)},
                                  {"at", format_timestamp(now)},
                                  {"event", "catchup_triggered"},
                                  {"run", kind.name},
                                  {"due_at", format_timestamp(due.due_at)}});
        CXB_CO_CHECK(co_await lease_.commit(std::move(writes)));
        co_return result<void>{};
    }

    store::async<void> drop_old_events(time_point now) {
        json_value const oldest(format_timestamp(now - cache_events_kept));
        for (;;) {
            CXB_CO_TRY(auto const removed,
                       co_await lease_.remove(model::live_prompt_cache_events,
                                              store::all_of({store::lt("at", oldest)})));
            if (removed < server::leased_removals) co_return result<void>{};
        }
    }

    store::async<void> note_run(daily_kind kind, time_point began) {
        store::batch writes;
        writes.update_one(model::system_runtime, store::by_id(cache_loop),
                          store::update{}.set(kind.member, json_value(format_timestamp(began))));
        CXB_CO_CHECK(co_await lease_.commit(std::move(writes)));
        co_return result<void>{};
    }

    live_prompt_caches& caches_;
    store::document_store& store_;
    server::loop_lease& lease_;
    domain::time_zone zone_;
    clock const& time_;
    random_source& random_;
};

}  // namespace

store::async<void> run_cache_schedule(live_prompt_caches& caches, store::document_store& store,
                                      server::loop_lease& lease,
                                      server::prompt_cache_settings settings, clock const& time,
                                      random_source& random) {
    schedule daily(caches, store, lease, domain::time_zone_or_utc(settings.timezone), time, random);
    auto const warmed =
        co_await daily.run_if_due({"prewarm", "prewarm_at", settings.prewarm_hour}, true);
    auto const cleaned =
        co_await daily.run_if_due({"cleanup", "cleanup_at", settings.cleanup_hour}, false);
    CXB_CO_CHECK(warmed);
    co_return cleaned;
}

}  // namespace cxb::api
