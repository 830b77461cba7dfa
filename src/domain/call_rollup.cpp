#include "cxb/domain/call_rollup.hpp"

#include <algorithm>
#include <array>
#include <charconv>
#include <cmath>
#include <limits>

namespace cxb::inline v1 {
namespace domain {
namespace {

using wire::json_object;
using wire::json_value;

constexpr std::array stages = {std::string_view{"stt"},  std::string_view{"rag"},
                               std::string_view{"tool"}, std::string_view{"llm"},
                               std::string_view{"tts"},  std::string_view{"total"}};
constexpr std::array counters = {std::string_view{"requests"},
                                 std::string_view{"prompt_tokens"},
                                 std::string_view{"completion_tokens"},
                                 std::string_view{"cache_read_input_tokens"},
                                 std::string_view{"cache_creation_input_tokens"},
                                 std::string_view{"fresh_prompt_tokens"},
                                 std::string_view{"audio_ms"},
                                 std::string_view{"characters"}};

constexpr double longest_seconds = 1e12;  // a peer's number must fit in milliseconds

std::int64_t sum(std::int64_t a, std::int64_t b) {
    std::int64_t out = 0;
    if (!__builtin_add_overflow(a, b, &out)) return out;
    return b > 0 ? std::numeric_limits<std::int64_t>::max()
                 : std::numeric_limits<std::int64_t>::min();
}

void count(rollup_counts& counts, std::string path, std::int64_t by) {
    if (by == 0) return;
    auto& entry = counts[std::move(path)];
    entry = sum(entry, by);
}

std::string_view text_of(json_value const* value) {
    auto const* text = value == nullptr ? nullptr : value->if_string();
    return text == nullptr ? std::string_view{} : std::string_view(*text);
}

bool flag_of(json_value const* value) {
    return value != nullptr && value->is_bool() && value->get_bool();
}

double number_of(json_value const* value) {
    boost::system::error_code wrong;
    if (value == nullptr || !value->is_number()) return 0;
    double const number = value->to_number<double>(wrong);
    return wrong.failed() || std::isnan(number) ? 0 : number;
}

std::int64_t milliseconds_of(double in_seconds) {
    return std::llround(std::clamp(in_seconds, 0.0, longest_seconds) * 1000);
}

void count_call(call_member const& member, rollup_counts& out) {
    std::string const status(text_of(member("status")));
    count(out, "calls.finished", 1);
    if (status == "completed" || status == "failed" || status == "voicemail")
        count(out, "calls." + status, 1);
    auto const direction = text_of(member("call_direction"));
    if (direction == "inbound" || direction == "outbound")
        count(out, "calls." + std::string(direction), 1);
    double const duration = number_of(member("call_duration_seconds"));
    if (status == "completed" && duration > 0) {
        count(out, "calls.connected", 1);
        count(out, "calls.talk_ms", milliseconds_of(duration));
    }
    if (flag_of(member("was_transferred"))) count(out, "calls.transferred", 1);
    for (std::string const name : {"disposition", "disconnected_by"})
        if (auto const word = text_of(member(name)); !word.empty())
            count(out, name + "." + rollup_step(word), 1);
}

void count_latency(json_value const* samples, rollup_counts& out) {
    if (samples == nullptr || !samples->is_array()) return;
    for (auto const stage : stages) {
        std::string const name = std::string(stage) + "_ms";
        latency_histogram made;
        for (auto const& sample : samples->get_array()) {
            auto const* object = sample.if_object();
            auto const* value = object == nullptr ? nullptr : object->if_contains(name);
            if (value != nullptr && value->is_number())
                made.add(real_milliseconds{number_of(value)});
        }
        std::string const path = "latency." + std::string(stage) + ".";
        for (std::size_t i = 0; i < made.counts.size(); ++i)
            if (made.counts[i] != 0) count(out, path + "b." + std::to_string(i), made.counts[i]);
        for (auto const& [ms, times] : made.over)
            count(out, path + "over." + std::to_string(ms), times);
        count(out, path + "us", made.sum_us);
    }
}

// Fresh tokens are the given ones, else what of the prompt was neither read from nor put into the
// cache (as in cache_summary.hpp).
std::int64_t fresh_tokens(json_object const& entry) {
    if (entry.contains("fresh_prompt_tokens"))
        return std::max<std::int64_t>(0, wire::int_at(entry, "fresh_prompt_tokens"));
    auto const at_least_none = [&](char const* name) {
        return std::max<std::int64_t>(0, wire::int_at(entry, name));
    };
    auto const cached =
        sum(at_least_none("cache_read_input_tokens"), at_least_none("cache_creation_input_tokens"));
    return std::max<std::int64_t>(0, at_least_none("prompt_tokens") - cached);
}

std::int64_t usage_count(json_object const& entry, std::string_view counter) {
    if (counter == "fresh_prompt_tokens") return fresh_tokens(entry);
    if (counter == "audio_ms") return milliseconds_of(wire::number_at(entry, "audio_seconds"));
    std::int64_t const absent = counter == "requests" ? 1 : 0;
    return std::max<std::int64_t>(0, wire::int_at(entry, counter, absent));
}

void count_usage(json_value const* usage, rollup_counts& out) {
    if (usage == nullptr || !usage->is_array()) return;
    for (auto const& each : usage->get_array()) {
        auto const* entry = each.if_object();
        if (entry == nullptr) continue;
        std::string path = "usage.";
        for (char const* name : {"kind", "provider", "model"})
            path += rollup_step(wire::text_at(*entry, name)) + ".";
        for (auto const counter : counters)
            count(out, path + std::string(counter), usage_count(*entry, counter));
    }
}

void flatten(json_object const& tree, std::string const& before, rollup_counts& out) {
    for (auto const& member : tree) {
        std::string path = before + std::string(member.key());
        if (auto const* inner = member.value().if_object())
            flatten(*inner, path + ".", out);
        else if (auto const number = wire::int_at(tree, member.key()); number != 0)
            out[std::move(path)] = number;
    }
}

json_object nested(rollup_counts const& counts) {
    json_object out;
    for (auto const& [path, number] : counts) {
        json_object* at = &out;
        std::string_view rest = path;
        for (auto dot = rest.find('.'); dot != std::string_view::npos; dot = rest.find('.')) {
            auto& next = (*at)[rest.substr(0, dot)];
            at = next.is_object() ? &next.get_object() : &next.emplace_object();
            rest.remove_prefix(dot + 1);
        }
        (*at)[rest] = number;
    }
    return out;
}

bool is_special(unsigned char c) {
    return c < 0x20 || c == 0x7f || c == '.' || c == '$' || c == '%';
}

}  // namespace

time_point rollup_slot_of(time_point moment) noexcept {
    auto const since = moment.time_since_epoch();
    auto const slots = std::chrono::floor<std::chrono::minutes>(since).count();
    auto const width = rollup_slot.count();
    auto const number = slots >= 0 ? slots / width : -((width - 1 - slots) / width);
    return time_point{std::chrono::minutes{number * width}};
}

json_object to_json(rollup_key const& key) {
    return {{"slot", key.slot}, {"bot_id", key.bot_id}, {"campaign_id", key.campaign_id}};
}

std::optional<rollup_key> read_rollup_key(json_object const& document) {
    rollup_key out;
    out.slot = wire::text_at(document, "slot");
    out.bot_id = wire::text_at(document, "bot_id");
    out.campaign_id = wire::text_at(document, "campaign_id");
    if (out.slot.empty()) return std::nullopt;
    return out;
}

std::optional<call_rollup> rollup_of(call_member const& member) {
    auto const status = text_of(member("status"));
    if (status.empty() || status == "active") return std::nullopt;
    if (flag_of(member("is_test")) || text_of(member("call_type")) == "agent") return std::nullopt;
    auto const created = parse_timestamp(text_of(member("created_at")));
    if (!created) return std::nullopt;
    call_rollup out;
    out.key.slot = format_timestamp(rollup_slot_of(*created));
    out.key.bot_id = text_of(member("bot_id"));
    out.key.campaign_id = text_of(member("campaign_id"));
    count_call(member, out.counts);
    count_latency(member("latency_samples"), out.counts);
    count_usage(member("usage_metrics"), out.counts);
    return out;
}

json_object to_json(call_rollup const& rollup) {
    auto out = to_json(rollup.key);
    out["counts"] = nested(rollup.counts);
    return out;
}

std::optional<call_rollup> read_call_rollup(json_object const& stored) {
    auto key = read_rollup_key(stored);
    auto const* counts = stored.if_contains("counts");
    if (!key || counts == nullptr || !counts->is_object()) return std::nullopt;
    call_rollup out{*std::move(key), {}};
    flatten(counts->get_object(), "", out.counts);
    return out;
}

void rollup_changes::count(rollup_key const& key, std::string_view path, std::int64_t by) {
    if (by == 0) return;
    auto& counts = all_[key];
    auto const [entry, fresh] = counts.try_emplace(std::string(path), 0);
    entry->second = sum(entry->second, by);
    if (entry->second == 0) counts.erase(entry);
    if (counts.empty()) all_.erase(key);
}

void rollup_changes::add(call_rollup const& rollup) {
    for (auto const& [path, number] : rollup.counts)
        count(rollup.key, path, number);
}

void rollup_changes::subtract(call_rollup const& rollup) {
    for (auto const& [path, number] : rollup.counts)
        count(rollup.key, path, -number);
}

std::string rollup_step(std::string_view text) {
    if (text.empty()) return "%";
    constexpr std::string_view digits = "0123456789ABCDEF";
    std::string out;
    for (char const c : text) {
        auto const byte = static_cast<unsigned char>(c);
        if (!is_special(byte)) {
            out += c;
            continue;
        }
        out += '%';
        out += digits[byte >> 4];
        out += digits[byte & 0xf];
    }
    return out;
}

std::string text_of_rollup_step(std::string_view step) {
    std::string out;
    for (std::size_t i = 0; i < step.size(); ++i) {
        unsigned byte = 0;
        auto const* const digits = step.data() + i + 1;
        if (step[i] != '%') {
            out += step[i];
        } else if (step.size() - i > 2 &&
                   std::from_chars(digits, digits + 2, byte, 16).ptr == digits + 2) {
            out += static_cast<char>(byte);
            i += 2;
        }
    }
    return out;
}

std::span<std::string_view const> latency_stages() noexcept {
    return stages;
}

std::span<std::string_view const> usage_counters() noexcept {
    return counters;
}

latency_histogram read_latency(json_object const& stage) {
    latency_histogram out;
    out.sum_us = wire::int_at(stage, "us");
    auto const each = [&](char const* name, auto take) {
        auto const* list = stage.if_contains(name);
        if (list == nullptr || !list->is_object()) return;
        for (auto const& member : list->get_object()) {
            std::int64_t key = -1;
            auto const text = member.key();
            auto const read = std::from_chars(text.data(), text.data() + text.size(), key);
            std::int64_t const times = static_cast<std::int64_t>(number_of(&member.value()));
            if (read.ec == std::errc{} && key >= 0 && times != 0) take(key, times);
        }
    };
    each("b", [&](std::int64_t key, std::int64_t times) {
        if (key < std::int64_t(latency_buckets)) out.counts[static_cast<std::size_t>(key)] = times;
    });
    each("over", [&](std::int64_t key, std::int64_t times) { out.over[key] = times; });
    return out;
}

}  // namespace domain
}  // namespace cxb::inline v1
