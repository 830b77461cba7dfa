#pragma once
// Ways to talk to a media protocol machine, and to look at what it does.

#include <gmock/gmock.h>

#include "cxb/wire/json.hpp"
#include "cxb/worker/media_protocol.hpp"
#include "tests/support/media_texts.hpp"

namespace cxb_test {

namespace worker = cxb::worker;

inline constexpr char const* connected_text = dialler_hello[0];
inline constexpr char const* start_text = dialler_hello[1];
inline constexpr char const* answer_text = dialler_hello[2];

class media_driver {
  public:
    using kind = cxb::contract::runtime_config::transport_kind;
    explicit media_driver(kind which, worker::media_limits limits = {})
        : machine(worker::media_protocol::make(which, limits)) {
        take(machine->begin(now));
    }
    void say(std::string_view text) { take(machine->received(now, text)); }
    void take(worker::media_actions actions) {
        for (auto& one : actions)
            seen.push_back(std::move(one));
    }
    // Lets the time pass; the machine is woken at each of its moments.
    void pass(std::chrono::nanoseconds by) {
        auto const end = now.steady + by;
        for (auto at = machine->next_timer(); at && *at <= end; at = machine->next_timer()) {
            advance(std::max(*at, now.steady));
            take(machine->tick(now));
        }
        advance(end);
        take(machine->tick(now));
    }
    // Frames sent so far, as objects; the list is emptied.
    std::vector<cxb::wire::json_object> sent() {
        std::vector<cxb::wire::json_object> out;
        for (auto const& one : std::exchange(seen, {}))
            if (auto const* frame = std::get_if<worker::media_send>(&one))
                out.push_back(cxb::wire::parse_json(frame->text).value().as_object());
        return out;
    }
    std::vector<std::string> sent_events() {
        std::vector<std::string> out;
        for (auto const& one : sent())
            out.emplace_back(cxb::wire::text_at(one, "event"));
        return out;
    }
    template <class T>
    [[nodiscard]] T const* find() const {
        for (auto const& one : seen)
            if (auto const* wanted = std::get_if<T>(&one)) return wanted;
        return nullptr;
    }
    [[nodiscard]] int close_code() const {
        auto const* close = find<worker::media_close>();
        return close == nullptr ? 0 : close->code;
    }
    [[nodiscard]] std::string left() const {
        auto const* gone = find<worker::media_left>();
        return gone == nullptr ? "" : gone->word + ": " + gone->raw_reason;
    }

    worker::media_moment now{std::chrono::hours(5), *cxb::parse_timestamp("2026-01-02T03:04:05Z")};
    std::unique_ptr<worker::media_protocol> machine;
    worker::media_actions seen;

  private:
    void advance(std::chrono::nanoseconds to) {
        now.wall += std::chrono::duration_cast<cxb::milliseconds>(to - now.steady);
        now.steady = to;
    }
};

}  // namespace cxb_test
