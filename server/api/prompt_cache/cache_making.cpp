// One makes a cache, all who want it get it: flights inside a process, leases between processes.
#include <algorithm>
#include <boost/asio/as_tuple.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/this_coro.hpp>
#include <boost/asio/use_awaitable.hpp>

#include "server/api/prompt_cache/cache_flight.hpp"
#include "src/base/fail_point.hpp"

namespace cxb::api {
namespace {

namespace asio = boost::asio;
using wire::json_object;

constexpr milliseconds look_step{200};  // while another process makes it
constexpr int most_tries = 5;           // against a bot that is being edited
constexpr int most_flights = 3;         // that one caller joins or leads

error provider_error(std::string text) {
    return error{errc::upstream_failed, std::move(text)}.with_reason("provider_error");
}

// A lease that ended under a maker who was held up.
error not_ours(error const& cause) {
    return cause.reason() == "lease_lost" ? provider_error("Another process has taken over")
                                          : cause;
}

error too_late() {
    return provider_error("The cache is still being made");
}

json_object event_of(char const* word, std::string const& by, std::string const& version) {
    return {{"event", word}, {"by", by}, {"static_version", version}};
}

}  // namespace

void live_prompt_caches::flight_table::land(std::string const& bot_id, flight& done,
                                            std::shared_ptr<made const> outcome) {
    std::scoped_lock const lock(mutex);
    open.erase(bot_id);
    // Thrown or cut off: those who wait end by their time.
    if (!outcome) return;
    done.outcome = std::move(outcome);
    for (auto const& timer : done.waiting)
        asio::post(timer->get_executor(), [timer] { timer->cancel(); });
}

std::shared_ptr<live_prompt_caches::flight_table> live_prompt_caches::no_flights() {
    return std::make_shared<flight_table>();
}

live_prompt_caches::joined live_prompt_caches::join(
    std::string const& bot_id, std::shared_ptr<asio::steady_timer> const& timer) {
    std::scoped_lock const lock(flights_->mutex);
    auto& open = flights_->open[bot_id];
    bool const leads = !open;
    if (leads)
        open = std::make_shared<flight>();
    else
        open->waiting.push_back(timer);
    return {open, leads};
}

asio::awaitable<live_prompt_caches::made> live_prompt_caches::make(std::string bot_id, wish what) {
    creation at{std::move(bot_id), std::move(what),
                asio::steady_timer::clock_type::now() + means_.wait};
    for (int i = 0; i < most_flights; ++i) {
        if (auto const seen = co_await look(at); !seen) co_return made{seen.error()};
        if (at.is_content(at.state, means_.time.now())) co_return made{at.state};
        auto const timer =
            std::make_shared<asio::steady_timer>(co_await asio::this_coro::executor, at.until);
        auto const [with, leads] = join(at.bot_id, timer);
        if (leads) {
            landing end{flights_, at.bot_id, with, {}};
            end.outcome = std::make_shared<made const>(co_await lead(at));
            if (end.outcome->superseded) continue;
            co_return *end.outcome;
        }
        co_await timer->async_wait(asio::as_tuple(asio::use_awaitable));
        std::shared_ptr<made const> outcome;
        {
            std::scoped_lock const lock(flights_->mutex);
            outcome = with->outcome;
        }
        if (!outcome) break;
        if (outcome->superseded) continue;
        // A flight may have ended with less than what we wish for.
        bool const enough = !outcome->state || at.is_content(*outcome->state, means_.time.now());
        if (enough) co_return *outcome;
    }
    co_return made{too_late()};
}

store::async<void> live_prompt_caches::look(creation& at) {
    CXB_CO_TRY(at.bot, co_await means_.bots.read(at.bot_id));
    at.system = means_.system.get();
    if (cache_need_of(*at.bot, *at.system) != cache_need::wanted)
        co_return error{errc::conflict, "Live prompt cache is not enabled"};
    at.state = cache_state_of(at.bot->stored);
    at.version = wanted_version(*at.bot, *at.system);
    co_return result<void>{};
}

// Empty: the lease is ours. Else what another process came to.
asio::awaitable<std::optional<live_prompt_caches::made>> live_prompt_caches::take_lease(
    creation& at) {
    auto const rev = at.bot->state_rev;
    asio::steady_timer timer(co_await asio::this_coro::executor);
    for (;;) {
        auto const got = co_await at.lease->keep();
        if (!got) co_return made{got.error()};
        if (*got == server::lease_change::taken) co_return std::nullopt;
        auto const now = asio::steady_timer::clock_type::now();
        if (now >= at.until) co_return made{too_late()};
        timer.expires_at(std::min(now + look_step, at.until));
        co_await timer.async_wait(asio::as_tuple(asio::use_awaitable));
        if (auto const seen = co_await look(at); !seen) co_return made{seen.error()};
        if (at.is_content(at.state, means_.time.now())) co_return made{at.state};
        if (at.state.status == cache_status::failed && at.bot->state_rev > rev)
            co_return made{provider_error(at.state.last_error.value_or(""))};
    }
}

asio::awaitable<live_prompt_caches::made> live_prompt_caches::lead(creation& at) {
    at.lease.emplace(means_.store, means_.time, lease_for(at.bot_id));
    if (auto ended = co_await take_lease(at)) co_return *std::move(ended);
    auto out = co_await lead_leased(at);
    // A lease that could not be given back ends by itself.
    (void)co_await at.lease->release();
    co_return out;
}

asio::awaitable<live_prompt_caches::made> live_prompt_caches::lead_leased(creation& at) {
    for (int i = 0; i < most_tries; ++i) {
        // Whoever held the lease before may have made it.
        if (auto const seen = co_await look(at); !seen) co_return made{seen.error()};
        if (at.is_content(at.state, means_.time.now())) co_return made{at.state};
        auto next = at.state;
        bool const of_use = next.status != cache_status::stale &&
                            (at.what.gone.empty() || next.cache_name != at.what.gone);
        next.status = cache_status::creating;
        if (!of_use) {
            next.cache_name.clear();
            next.expires_at.reset();
        }
        auto const marked = co_await swap(*at.lease, at.bot, std::move(next),
                                          event_of("creating", at.what.by, at.version));
        if (!marked) co_return made{not_ours(marked.error())};
        if (!*marked) continue;
        at.bot = *marked;
        at.state = cache_state_of(at.bot->stored);
        co_return co_await order(at);
    }
    co_return made{error{errc::unavailable, "The bot keeps changing"}};
}

asio::awaitable<live_prompt_caches::made> live_prompt_caches::order(creation& at) {
    auto const& model = *talking_model(*at.bot, *at.system);
    auto const& bot = at.bot->bot;
    cache_order wanted{cache_access_of(*at.bot, *at.system, model.provider),
                       model.model,
                       bot.name,
                       bot.static_system_prompt,
                       bot.tools,
                       means_.ttl};
    auto const answer = co_await provider_.create(wanted);
    CXB_FAIL_POINT("cache.made");
    if (!answer) co_return co_await fail(at, answer.error());
    co_return co_await keep(at, *answer, std::move(wanted));
}

asio::awaitable<live_prompt_caches::made> live_prompt_caches::keep(creation& at, made_cache fresh,
                                                                   cache_order ordered) {
    std::string const version = at.version;
    cache_state const ready{
        ordered.access.provider, ordered.model,    fresh.name,   version,   cache_status::ready,
        means_.time.now(),       fresh.expires_at, std::nullopt, at.what.by};
    auto event = event_of("created", at.what.by, version);
    event["cache_name"] = fresh.name;
    event["expires_at"] = format_timestamp(fresh.expires_at);
    made out{error{errc::unavailable, "The bot keeps changing"}};
    for (int i = 0; i < most_tries && !out.superseded; ++i) {
        auto const swapped = co_await swap(*at.lease, at.bot, ready, event);
        if (swapped && *swapped) {
            count("created");
            co_return made{ready};
        }
        if (!swapped) {
            out.state = not_ours(swapped.error());
            // What became of the write may be unknown then: the object ages out.
            if (swapped.error().reason() != "lease_lost") co_return out;
            break;
        }
        auto const seen = co_await look(at);
        out.superseded = !seen || at.version != version;
    }
    count("superseded");
    // Nobody will use it; one that cannot be deleted ages out.
    (void)co_await provider_.remove(std::move(ordered.access), fresh.name);
    co_return out;
}

asio::awaitable<live_prompt_caches::made> live_prompt_caches::fail(creation& at, error cause) {
    count("failed");
    made out{provider_error(cause.detail()), is_hopeless(cause), cause.retry_after()};
    auto event = event_of("failed", at.what.by, at.version);
    event["error"] = cause.detail();
    for (int i = 0; i < most_tries; ++i) {
        auto next = at.state;
        next.status = cache_status::failed;
        next.last_error = cause.detail();
        next.refreshed_by = at.what.by;
        auto const swapped = co_await swap(*at.lease, at.bot, std::move(next), event);
        if (!swapped || *swapped) break;
        if (auto const seen = co_await look(at); !seen) break;
    }
    co_return out;
}

}  // namespace cxb::api
