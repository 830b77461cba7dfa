#include "server/core/conversation/call_log.hpp"

#include <algorithm>
#include <utility>

#include "cxb/base/encoding.hpp"
#include "cxb/base/limits.hpp"

namespace cxb::inline v1 {
namespace core {

namespace {

// Room for the other members of one event's data.
constexpr std::size_t most_value = limits::item_json - 1024;

bool is_caller(line_sound::kind what) {
    return what != line_sound::kind::bot_words;
}

}  // namespace

milliseconds call_log::offset(time_point now) const {
    return record.answered_at ? std::max(now - *record.answered_at, milliseconds(0))
                              : milliseconds(0);
}

double call_log::seconds_at(time_point now) const {
    return static_cast<double>(offset(now).count()) / 1000.0;
}

void call_log::event(time_point now, std::string_view type, event_details details) {
    if (record.events.size() >= limits::event_items) return;
    conversation_event made;
    made.type = std::string(type);
    made.at = now;
    if (record.answered_at) made.at_seconds = seconds_at(now);
    made.turn = details.turn;
    made.name = std::move(details.name);
    made.status = std::move(details.status);
    made.duration_ms = details.duration_ms;
    made.data = std::move(details.data);
    record.events.push_back(std::move(made));
}

void call_log::service_error(time_point now, std::string_view part, std::string_view code,
                             std::string_view message) {
    event_details details;
    details.name = std::string(part);
    details.data = wire::json_object{
        {"code", code}, {"message", message}, {"retried", false}, {"fallback_used", false}};
    event(now, "service_error", std::move(details));
}

void call_log::sound_starts(time_point now, line_sound::kind what) {
    if (record.answered_at) record.sounds.push_back({what, offset(now), std::nullopt});
}

void call_log::sound_ends(time_point at, bool caller) {
    for (auto sound = record.sounds.rbegin(); sound != record.sounds.rend(); ++sound) {
        if (is_caller(sound->what) != caller) continue;
        if (!sound->end) sound->end = std::max(offset(at), sound->start);
        return;
    }
}

wire::json_value bounded(wire::json_value const& value, bool& truncated) {
    auto text = wire::to_text(value);
    if (text.size() <= most_value) return value;
    truncated = true;
    return wire::json_value(utf8_prefix(text, most_value));
}

}  // namespace core
}  // namespace cxb::inline v1
