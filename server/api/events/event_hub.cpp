#include "server/api/events/event_hub.hpp"

#include <algorithm>
#include <boost/asio/as_tuple.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <charconv>
#include <deque>
#include <map>
#include <mutex>

#include "cxb/base/ids.hpp"

namespace cxb::api {
namespace {

namespace asio = boost::asio;
using text_ptr = std::shared_ptr<std::string const>;

constexpr std::string_view snapshot_needed = "snapshot_needed";
constexpr seconds try_again{5};

// A block of text/event-stream. JSON text has no line breaks, so one line of data is enough.
std::string block_of(std::string const& id, std::string_view type, wire::json_object const& data) {
    std::string out = "id: " + id + "\nevent: ";
    return out.append(type).append("\ndata: ").append(wire::to_text(data)).append("\n\n");
}

}  // namespace

// The mutex of the hub guards what is not the executor's own.
struct event_place {
    event_place(asio::any_io_executor const& executor, std::string who, event_wish const& wish)
        : news(executor), user(std::move(who)), topics(wish.topics) {}

    asio::steady_timer news;  // cancelled when there are some; of the listener's executor
    std::string const user;
    std::set<std::string, std::less<>> const topics;
    std::vector<text_ptr> missed;  // since the id it came back with
    std::deque<text_ptr> waiting;
    listening how = listening::goes_on;

    // No topic: for everybody.
    [[nodiscard]] bool wants(std::string_view topic) const {
        return topics.empty() || topic.empty() || topics.contains(topic);
    }
    [[nodiscard]] bool has_news() const {
        return how != listening::goes_on || !missed.empty() || !waiting.empty();
    }
    void end(listening why) {
        how = why;
        missed.clear();
        waiting.clear();
    }
};

namespace {

using place_ptr = std::shared_ptr<event_place>;

void wake(std::vector<place_ptr> const& who) {
    for (auto const& place : who)
        asio::post(place->news.get_executor(), [place] { place->news.cancel(); });
}

}  // namespace

struct event_hub_state {
    event_hub_state(clock const& now, std::string made, event_bounds limits)
        : time(now), generation(std::move(made)), bounds(limits) {}

    struct kept {
        std::uint64_t seq;
        std::chrono::nanoseconds at;  // steady
        std::string_view topic;
        text_ptr text;
    };

    clock const& time;
    std::string const generation;
    event_bounds const bounds;
    mutable std::mutex mutex;
    std::uint64_t seq = 0;
    std::size_t bytes = 0;
    std::deque<kept> ring;
    std::vector<place_ptr> places;
    std::map<std::string, std::size_t> by_user;
    bool closed = false;

    [[nodiscard]] std::string id() const { return generation + "." + std::to_string(seq); }
    void forget_oldest() {
        bytes -= ring.front().text->size();
        ring.pop_front();
    }
    void forget_old();
    void add(std::string_view type, std::string_view topic, wire::json_object data);
    std::optional<std::uint64_t> place_of(std::string_view last_id) const;
    void catch_up(event_place& place, std::string_view last_id);
    result<void> check_room(std::string const& user) const;
    void leave(place_ptr const& place);
};

void event_hub_state::forget_old() {
    auto const oldest = time.steady() - bounds.kept_for;
    while (!ring.empty() && (ring.size() > bounds.kept_events || bytes > bounds.kept_bytes ||
                             ring.front().at < oldest))
        forget_oldest();
}

void event_hub_state::add(std::string_view type, std::string_view topic, wire::json_object data) {
    data["at"] = format_timestamp(time.now());
    std::vector<place_ptr> woken;
    {
        std::scoped_lock const lock(mutex);
        if (closed) return;
        ++seq;
        auto const text = std::make_shared<std::string const>(block_of(id(), type, data));
        ring.push_back({seq, time.steady(), topic, text});
        bytes += text->size();
        forget_old();
        for (auto const& place : places) {
            if (place->how != listening::goes_on || !place->wants(topic)) continue;
            if (!place->has_news()) woken.push_back(place);
            if (place->waiting.size() < bounds.behind)
                place->waiting.push_back(text);
            else
                place->end(listening::too_slow);
        }
    }
    wake(woken);
}

// The number behind an id, if everything after it is still there.
std::optional<std::uint64_t> event_hub_state::place_of(std::string_view last_id) const {
    auto const dot = last_id.find('.');
    if (dot == last_id.npos || last_id.substr(0, dot) != generation) return std::nullopt;
    std::string_view const digits = last_id.substr(dot + 1);
    std::uint64_t last = 0;
    auto const read = std::from_chars(digits.data(), digits.data() + digits.size(), last);
    if (read.ec != std::errc{} || read.ptr != digits.data() + digits.size() || last > seq)
        return std::nullopt;
    bool const whole = last == seq || (!ring.empty() && ring.front().seq <= last + 1);
    return whole ? std::optional(last) : std::nullopt;
}

void event_hub_state::catch_up(event_place& place, std::string_view last_id) {
    if (last_id.empty()) return;
    forget_old();
    auto const last = place_of(last_id);
    if (!last) {
        place.missed.push_back(
            std::make_shared<std::string const>(block_of(id(), snapshot_needed, {})));
        return;
    }
    for (auto const& one : ring)
        if (one.seq > *last && place.wants(one.topic)) place.missed.push_back(one.text);
}

result<void> event_hub_state::check_room(std::string const& user) const {
    if (closed) return error{errc::unavailable, "The server is stopping"};
    if (places.size() >= bounds.streams)
        return error{errc::unavailable, "Too many event streams"}
            .with_reason("too_many_streams")
            .with_retry_after(try_again);
    auto const known = by_user.find(user);
    if (known != by_user.end() && known->second >= bounds.user_streams)
        return error{errc::rate_limited, "Too many event streams of one user"}
            .with_reason("too_many_streams")
            .with_retry_after(try_again);
    return {};
}

void event_hub_state::leave(place_ptr const& place) {
    std::scoped_lock const lock(mutex);
    std::erase(places, place);
    if (--by_user[place->user] == 0) by_user.erase(place->user);
}

event_listener::~event_listener() {
    hub_->leave(place_);
}

asio::awaitable<heard_events> event_listener::next(milliseconds at_most) {
    auto const place = place_;
    auto const hub = hub_;
    auto const waits = [&] {
        std::scoped_lock const lock(hub->mutex);
        return !place->has_news();
    };
    // Who adds something from now on posts to this executor, so it cannot wake us too early.
    if (waits()) {
        place->news.expires_after(at_most);
        co_await place->news.async_wait(asio::as_tuple(asio::use_awaitable));
    }
    std::scoped_lock const lock(hub->mutex);
    heard_events out{place->how, std::exchange(place->missed, {})};
    out.texts.insert(out.texts.end(), place->waiting.begin(), place->waiting.end());
    place->waiting.clear();
    co_return out;
}

void event_listener::end() {
    {
        std::scoped_lock const lock(hub_->mutex);
        place_->end(listening::over);
    }
    wake({place_});
}

event_hub::event_hub(store::event_bus& bus, store::document_store& rows, clock const& time,
                     random_source& random, std::string instance, event_bounds bounds)
    : bus_(bus),
      tickets_(rows, time, random),
      instance_(std::move(instance)),
      state_(std::make_shared<event_hub_state>(time, make_ulid(time.now(), random), bounds)) {
    auto const inside = state_;
    bus_id_ = bus_.subscribe(events_bus_topic,
                             {.on_message =
                                  [inside, own = instance_](store::bus_message const& news) {
                                      auto const type = wire::text_at(news.body, "type");
                                      auto const* data = news.body.if_contains("data");
                                      bool const known = !topic_of(type).empty() &&
                                                         data != nullptr && data->is_object();
                                      if (known && wire::text_at(news.body, "from") != own)
                                          inside->add(type, topic_of(type), data->get_object());
                                  },
                              .on_missed = [inside] { inside->add(snapshot_needed, {}, {}); }});
}

event_hub::~event_hub() {
    bus_.unsubscribe(bus_id_);
    close();
}

void event_hub::tell(event_news news) {
    wire::json_object body{{"from", instance_}, {"type", news.type}, {"data", news.data}};
    tell_here(std::move(news));
    // Nobody hears: the bus counts it, and who hears again is told that something was missed.
    (void)bus_.publish(events_bus_topic, std::move(body));
}

void event_hub::tell_here(event_news news) {
    state_->add(news.type, topic_of(news.type), std::move(news.data));
}

result<std::shared_ptr<event_listener>> event_hub::listen(asio::any_io_executor const& executor,
                                                          std::string user,
                                                          event_wish const& wish) {
    auto place = std::make_shared<event_place>(executor, std::move(user), wish);
    std::scoped_lock const lock(state_->mutex);
    CXB_CHECK(state_->check_room(place->user));
    state_->catch_up(*place, wish.last_id);
    // Whoever hears nothing for a while has a place to come back to all the same.
    std::string greeting = ": hb\n";
    if (place->missed.empty()) greeting += "id: " + state_->id() + "\n";
    state_->places.push_back(place);
    ++state_->by_user[place->user];
    return std::make_shared<event_listener>(state_, std::move(place), greeting + "\n");
}

bool event_hub::has_listener(std::string_view topic) const {
    std::scoped_lock const lock(state_->mutex);
    return std::ranges::any_of(state_->places,
                               [&](place_ptr const& place) { return place->wants(topic); });
}

std::size_t event_hub::streams() const {
    std::scoped_lock const lock(state_->mutex);
    return state_->places.size();
}

event_bounds const& event_hub::bounds() const noexcept {
    return state_->bounds;
}

void event_hub::close() {
    std::vector<place_ptr> all;
    {
        std::scoped_lock const lock(state_->mutex);
        state_->closed = true;
        all = state_->places;
        for (auto const& place : all)
            place->end(listening::over);
    }
    wake(all);
}

}  // namespace cxb::api
