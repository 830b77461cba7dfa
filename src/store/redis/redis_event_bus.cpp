#include "cxb/store/redis/redis_event_bus.hpp"

#include <pthread.h>
#include <sys/eventfd.h>
#include <unistd.h>

#include <condition_variable>
#include <csignal>
#include <map>
#include <mutex>
#include <set>
#include <thread>

namespace cxb::inline v1 {
namespace store {
namespace {

constexpr milliseconds ping_after{500};
constexpr milliseconds silent_for{1500};

using steady = std::chrono::steady_clock;

}  // namespace

struct redis_event_bus::hearing {
    hearing(std::shared_ptr<redis_pool> shared, int descriptor)
        : pool(std::move(shared)),
          wake(descriptor),
          channel_prefix(pool->options().prefix + ":" + std::to_string(pool->options().address.db) +
                         ":") {}
    ~hearing() { ::close(wake); }

    struct entry {
        std::string topic;
        bus_listener listener;
    };

    std::shared_ptr<redis_pool> pool;
    int wake;  // eventfd: a topic was added, or the bus closes
    std::string channel_prefix;
    std::atomic<bool> up{false};
    std::atomic<bool> closing{false};
    std::atomic<std::uint64_t> published{0};
    std::atomic<std::uint64_t> received{0};
    std::atomic<std::uint64_t> missed{0};
    std::atomic<std::uint64_t> lost{0};
    std::mutex calling;  // held while listeners run and while the list changes
    std::map<int, entry> entries;
    int last = 0;
    std::set<std::string> heard;  // topics confirmed on the link there is; under calling
    std::mutex waiting;
    std::condition_variable ended;
    std::thread thread;

    void work();
    void hear(redis_link& link);
    result<void> follow(redis_link& link, std::set<std::string>& asked);
    void take(redis_reply const& pushed);
    void tell_missed(std::string const& topic);
    void tell(std::string const& topic, std::string const& text);
    void nudge() const {
        std::uint64_t const one = 1;
        // A full counter wakes as well.
        if (::write(wake, &one, sizeof one) < 0) return;
    }
    void calm() const {
        std::uint64_t count = 0;
        if (::read(wake, &count, sizeof count) < 0) return;
    }
    bool wait_for(milliseconds time) {
        std::unique_lock lock(waiting);
        return !ended.wait_for(lock, time, [this] { return closing.load(); });
    }
};

// Asks for the topics that have listeners and were not asked for on this link.
result<void> redis_event_bus::hearing::follow(redis_link& link, std::set<std::string>& asked) {
    std::set<std::string> wanted;
    {
        std::lock_guard const lock(calling);
        for (auto const& [id, each] : entries)
            wanted.insert(each.topic);
    }
    for (auto const& topic : wanted) {
        if (!asked.insert(topic).second) continue;
        CXB_CHECK(link.send({"SUBSCRIBE", channel_prefix + topic}));
    }
    return {};
}

void redis_event_bus::hearing::tell_missed(std::string const& topic) {
    ++missed;
    std::lock_guard const lock(calling);
    heard.insert(topic);
    for (auto const& [id, each] : entries)
        if (each.topic == topic && each.listener.on_missed) each.listener.on_missed();
}

void redis_event_bus::hearing::tell(std::string const& topic, std::string const& text) {
    auto body = wire::parse_json(text);
    if (!body || !body->is_object()) {
        ++lost;
        return;
    }
    bus_message const message{topic, std::move(body->as_object())};
    ++received;
    std::lock_guard const lock(calling);
    for (auto const& [id, each] : entries)
        if (each.topic == topic) each.listener.on_message(message);
}

// `subscribe channel count`, `message channel body`, or the answer to PING.
void redis_event_bus::hearing::take(redis_reply const& pushed) {
    if (pushed.items.size() < 3) return;
    auto const& kind = pushed.items[0].text;
    auto const& channel = pushed.items[1].text;
    if (!channel.starts_with(channel_prefix)) return;
    auto const topic = channel.substr(channel_prefix.size());
    if (kind == "subscribe") tell_missed(topic);
    if (kind == "message") tell(topic, pushed.items[2].text);
}

// Until the link fails or the bus closes.
void redis_event_bus::hearing::hear(redis_link& link) {
    std::set<std::string> asked;
    auto last_heard = steady::now();
    auto last_ping = last_heard;
    while (!closing) {
        if (!follow(link, asked)) return;
        auto const pushed = link.receive(ping_after, wake);
        if (!pushed) return;
        auto const now = steady::now();
        if (*pushed) {
            last_heard = now;
            take(**pushed);
            continue;
        }
        calm();
        if (now - last_heard > silent_for) return;
        if (now - last_ping < ping_after) continue;
        last_ping = now;
        if (!link.send({"PING"})) return;
    }
}

void redis_event_bus::hearing::work() {
    auto const& options = pool->options();
    redis_back_off back_off(options.first_wait, options.longest_wait);
    while (!closing) {
        auto link = redis_link::connect(options.address, options.connect, options.silence);
        if (link) {
            back_off.reset();
            up = true;
            hear(*link);
            up = false;
            std::lock_guard const lock(calling);
            heard.clear();
        }
        if (!wait_for(back_off.next(system_random()))) return;
    }
}

result<std::unique_ptr<redis_event_bus>> redis_event_bus::open(std::shared_ptr<redis_pool> pool) {
    int const wake = ::eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
    if (wake < 0) return error{errc::unavailable, "No file descriptor left"};
    auto inside = std::make_unique<hearing>(std::move(pool), wake);
    sigset_t all;
    sigset_t before;
    sigfillset(&all);
    pthread_sigmask(SIG_SETMASK, &all, &before);
    inside->thread = std::thread([at = inside.get()] { at->work(); });
    pthread_sigmask(SIG_SETMASK, &before, nullptr);
    return std::unique_ptr<redis_event_bus>(new redis_event_bus(std::move(inside)));
}

redis_event_bus::redis_event_bus(std::unique_ptr<hearing> inside) : inside_(std::move(inside)) {}

redis_event_bus::~redis_event_bus() {
    close();
}

result<void> redis_event_bus::publish(std::string topic, json_object body) {
    if (!is_topic(topic)) return error{errc::invalid, "Not a topic"};
    auto text = wire::to_text(body);
    if (text.size() > limits::event_body) return error{errc::too_large, "Event is too large"};
    auto* const inside = inside_.get();
    auto const queued =
        inside->pool->post({"PUBLISH", inside->channel_prefix + topic, std::move(text)},
                           [inside](result<redis_reply> const& sent) {
                               if (!sent) ++inside->lost;
                           });
    if (queued)
        ++inside->published;
    else
        ++inside->lost;
    return queued;
}

int redis_event_bus::subscribe(std::string topic, bus_listener listener) {
    int id = 0;
    {
        std::lock_guard const lock(inside_->calling);
        // One that is heard already is not confirmed again.
        if (inside_->heard.contains(topic) && listener.on_missed) listener.on_missed();
        id = ++inside_->last;
        inside_->entries.emplace(id, hearing::entry{std::move(topic), std::move(listener)});
    }
    inside_->nudge();
    return id;
}

void redis_event_bus::unsubscribe(int id) {
    std::lock_guard const lock(inside_->calling);
    inside_->entries.erase(id);
}

bool redis_event_bus::connected() const {
    return inside_->up && inside_->pool->connected();
}

bus_counters redis_event_bus::counters() const {
    return {inside_->published, inside_->received, inside_->missed, inside_->lost};
}

void redis_event_bus::close() {
    {
        std::lock_guard const lock(inside_->waiting);
        inside_->closing = true;
    }
    inside_->ended.notify_all();
    inside_->nudge();
    if (inside_->thread.joinable()) inside_->thread.join();
    // Its threads may still tell how a publication went.
    inside_->pool->close();
}

}  // namespace store
}  // namespace cxb::inline v1
