#include "server/api/app/change_feed.hpp"

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <mutex>
#include <set>

namespace cxb::api {
namespace {

namespace asio = boost::asio;

constexpr char const* bots_topic = "bots";
constexpr char const* settings_topic = "settings";

}  // namespace

struct change_feed::state : std::enable_shared_from_this<state> {
    state(bot_directory& all_bots, settings_directory& all_settings, server::logger& where,
          asio::any_io_executor executor)
        : bots(all_bots), system(all_settings), log(where), home(std::move(executor)) {}

    struct work {
        std::set<std::string> bots;
        bool all_bots = false;
        bool settings = false;
        [[nodiscard]] bool empty() const { return bots.empty() && !all_bots && !settings; }
    };

    bot_directory& bots;
    settings_directory& system;
    server::logger& log;
    asio::any_io_executor home;
    std::mutex mutex;
    work pending;          // guarded by mutex
    bool running = false;  // guarded by mutex

    void bot_changed(store::json_object const& news);
    void settings_changed(store::json_object const& news);
    template <class Note>
    void add(Note note);
    bool take(work& out);
    asio::awaitable<void> drain();
    asio::awaitable<result<void>> carry_out(work what);
};

void change_feed::state::bot_changed(store::json_object const& news) {
    auto const id = wire::text_at(news, "id");
    auto const known = bots.find_any(id);
    std::pair const told(wire::int_at(news, "version"), wire::int_at(news, "state_rev"));
    if (known && std::pair(known->version, known->state_rev) >= told) return;
    add([&](work& to) {
        if (to.bots.size() < max_pending)
            to.bots.emplace(id);
        else
            to.all_bots = true;
    });
}

void change_feed::state::settings_changed(store::json_object const& news) {
    if (system.get()->version >= wire::int_at(news, "version")) return;
    add([](work& to) { to.settings = true; });
}

template <class Note>
void change_feed::state::add(Note note) {
    {
        std::lock_guard const lock(mutex);
        note(pending);
        if (std::exchange(running, true)) return;
    }
    asio::co_spawn(
        home,
        [](std::shared_ptr<state> self) -> asio::awaitable<void> {
            co_await self->drain();
        }(shared_from_this()),
        asio::detached);
}

bool change_feed::state::take(work& out) {
    std::lock_guard const lock(mutex);
    out = std::exchange(pending, {});
    running = !out.empty();
    return running;
}

asio::awaitable<void> change_feed::state::drain() {
    for (work now; take(now);)
        if (auto const done = co_await carry_out(std::move(now)); !done)
            log.warn("change not read, the poll will find it", {{"cause", done.error()}});
}

asio::awaitable<result<void>> change_feed::state::carry_out(work what) {
    if (what.settings) CXB_CO_CHECK(co_await system.refresh());
    if (what.all_bots) CXB_CO_CHECK(co_await bots.refresh());
    for (auto const& id : what.bots)
        CXB_CO_CHECK(co_await bots.reload(id));
    co_return result<void>{};
}

change_feed::change_feed(store::event_bus& bus, bot_directory& bots, settings_directory& system,
                         server::logger& log, asio::any_io_executor home)
    : bus_(bus), state_(std::make_shared<state>(bots, system, log, std::move(home))) {
    // Nobody hears: the bus counts it, the others poll.
    bots.on_saved([&bus](bot_entry const& bot) {
        store::json_object news{{"id", bot.id}, {"version", bot.version}};
        if (bot.state_rev != 0) news["state_rev"] = bot.state_rev;
        (void)bus.publish(bots_topic, std::move(news));
    });
    system.on_saved([&bus](std::int64_t version) {
        (void)bus.publish(settings_topic, {{"version", version}});
    });
    auto const inside = state_;
    bots_id_ = bus_.subscribe(
        bots_topic, {.on_message = [inside](auto const& news) { inside->bot_changed(news.body); },
                     .on_missed = [inside] { inside->add([](auto& to) { to.all_bots = true; }); }});
    settings_id_ = bus_.subscribe(
        settings_topic,
        {.on_message = [inside](auto const& news) { inside->settings_changed(news.body); },
         .on_missed = [inside] { inside->add([](auto& to) { to.settings = true; }); }});
}

change_feed::~change_feed() {
    bus_.unsubscribe(bots_id_);
    bus_.unsubscribe(settings_id_);
    state_->bots.on_saved({});
    state_->system.on_saved({});
}

}  // namespace cxb::api
