#include "server/api/analytics/analytics_reading.hpp"

#include <algorithm>
#include <array>
#include <cmath>
#include <functional>
#include <map>
#include <numeric>
#include <tuple>

#include "cxb/domain/call_rollup.hpp"
#include "server/common/model/collections.hpp"

namespace cxb::api {
namespace {

namespace model = server::model;
using wire::json_array;
using wire::json_object;
using wire::json_value;

constexpr std::size_t page_of_documents = 1000;

double one_decimal(double value) {
    return std::round(value * 10) / 10;
}

double in_seconds(std::int64_t ms) {
    return static_cast<double>(ms) / 1000;
}

json_value share_of(std::int64_t part, std::int64_t whole) {
    if (whole <= 0) return nullptr;
    return one_decimal(100.0 * static_cast<double>(part) / static_cast<double>(whole));
}

json_object const* object_at(json_object const& in, std::string_view name) {
    auto const* found = in.if_contains(name);
    return found == nullptr ? nullptr : found->if_object();
}

using each_document = std::function<void(json_object const&)>;

// All documents of a query page by page; only those members are read.
store::async<void> walk(store::document_store& from, store::collection const& what,
                        store::filter where, std::string sorted_by, std::vector<std::string> only,
                        each_document take) {
    store::find_options options;
    options.sort = {{std::move(sorted_by), false}};
    options.limit = page_of_documents;
    options.only = std::move(only);
    do {
        CXB_CO_TRY(auto page, co_await from.find(what, where, options));
        for (auto const& document : page.items)
            take(document);
        options.after = std::move(page.next);
    } while (!options.after.empty());
    co_return result<void>{};
}

// `part`: the one member of counters that is asked for.
store::async<void> walk_rollups(store::document_store& from, analytics_range const& range,
                                std::vector<std::string> parts, each_document take) {
    auto where = store::all_of({store::gte("slot", json_value(format_timestamp(range.from))),
                                store::lt("slot", json_value(format_timestamp(range.to)))});
    if (range.bot_id) where.all.push_back(store::eq("bot_id", json_value(*range.bot_id)));
    if (range.campaign_id)
        where.all.push_back(store::eq("campaign_id", json_value(*range.campaign_id)));
    for (char const* name : {"slot", "bot_id", "campaign_id"})
        if (std::find(parts.begin(), parts.end(), name) == parts.end()) parts.emplace_back(name);
    co_return co_await walk(from, model::call_rollups, std::move(where), "slot", std::move(parts),
                            std::move(take));
}

// What else must hold of an active call is looked at here, so that no other index is chosen: calls
// of a bot are many, active ones are not.
store::async<void> walk_active(store::document_store& from, analytics_range const& range,
                               each_document take) {
    auto where = store::all_of({store::eq("status", "active"),
                                store::gte("created_at", json_value(format_timestamp(range.from))),
                                store::lt("created_at", json_value(format_timestamp(range.to)))});
    auto const counted = [&range, take = std::move(take)](json_object const& call) {
        if (wire::bool_at(call, "is_test") || wire::text_at(call, "call_type") == "agent") return;
        if (range.bot_id && wire::text_at(call, "bot_id") != *range.bot_id) return;
        if (range.campaign_id && wire::text_at(call, "campaign_id") != *range.campaign_id) return;
        take(call);
    };
    co_return co_await walk(
        from, model::calls, std::move(where), "created_at",
        {"created_at", "bot_id", "campaign_id", "call_type", "is_test", "call_direction"}, counted);
}

struct call_counts {
    std::int64_t active = 0, finished = 0, completed = 0, failed = 0, voicemail = 0;
    std::int64_t inbound = 0, outbound = 0, connected = 0, talk_ms = 0, transferred = 0;
    std::int64_t queued = 0, delivered = 0, dead = 0;

    void add(json_object const& rollup) {
        static constexpr std::pair<char const*, std::int64_t call_counts::*> members[] = {
            {"calls.finished", &call_counts::finished},
            {"calls.completed", &call_counts::completed},
            {"calls.failed", &call_counts::failed},
            {"calls.voicemail", &call_counts::voicemail},
            {"calls.inbound", &call_counts::inbound},
            {"calls.outbound", &call_counts::outbound},
            {"calls.connected", &call_counts::connected},
            {"calls.talk_ms", &call_counts::talk_ms},
            {"calls.transferred", &call_counts::transferred},
            {"pushes.queued", &call_counts::queued},
            {"pushes.delivered", &call_counts::delivered},
            {"pushes.dead", &call_counts::dead}};
        for (auto const& [path, member] : members)
            this->*member += wire::int_at(rollup, path);
    }
    void add_active(json_object const& call) {
        ++active;
        auto const direction = wire::text_at(call, "call_direction");
        if (direction == "inbound") ++inbound;
        if (direction == "outbound") ++outbound;
    }
    [[nodiscard]] json_object shown() const {
        json_value average;
        if (connected > 0)
            average = one_decimal(in_seconds(talk_ms) / static_cast<double>(connected));
        return {{"calls",
                 {{"total", finished + active},
                  {"active", active},
                  {"completed", completed},
                  {"failed", failed},
                  {"voicemail", voicemail},
                  {"inbound", inbound},
                  {"outbound", outbound}}},
                {"connected", connected},
                {"connect_rate", share_of(connected, finished)},
                {"avg_duration_seconds", std::move(average)},
                {"talk_seconds", in_seconds(talk_ms)},
                {"transferred", transferred},
                {"pushes", {{"queued", queued}, {"delivered", delivered}, {"dead", dead}}}};
    }
};

using outcome_counts = std::map<std::string, std::int64_t, std::less<>>;

void add_outcomes(outcome_counts& counts, json_object const& rollup, std::string const& by) {
    if (by == "bot_id" || by == "campaign_id") {
        counts[std::string(wire::text_at(rollup, by))] += wire::int_at(rollup, "calls.finished");
        return;
    }
    auto const* words = object_at(rollup, by);
    if (words == nullptr) return;
    for (auto const& word : *words)
        counts[domain::text_of_rollup_step(word.key())] += wire::int_at(*words, word.key());
}

json_object outcome_row(json_value key, std::int64_t count, std::int64_t total) {
    return {{"key", std::move(key)}, {"count", count}, {"share", share_of(count, total)}};
}

// Most frequent first, equal ones by their word; "" stands for calls that have none.
json_array outcome_rows(outcome_counts const& counts, std::int64_t total, std::size_t limit) {
    std::vector<std::pair<std::string, std::int64_t>> sorted;
    for (auto const& entry : counts)
        if (entry.second > 0) sorted.emplace_back(entry);
    std::sort(sorted.begin(), sorted.end(), [](auto const& a, auto const& b) {
        return std::pair(-a.second, std::string_view(a.first)) <
               std::pair(-b.second, std::string_view(b.first));
    });
    json_array out;
    std::int64_t rest = 0;
    for (auto const& [word, count] : sorted) {
        if (out.size() < limit)
            out.push_back(
                outcome_row(word.empty() ? json_value() : json_value(word), count, total));
        else
            rest += count;
    }
    if (rest > 0) {
        auto other = outcome_row("other", rest, total);
        other["other"] = true;
        out.push_back(std::move(other));
    }
    return out;
}

json_object latency_row(domain::latency_histogram const& made) {
    auto const average = made.average();
    json_object out{{"count", made.count()}, {"avg", nullptr}};
    if (average) out["avg"] = one_decimal(average->count());
    constexpr std::pair<char const*, int> ranks[] = {
        {"p50", 50}, {"p90", 90}, {"p95", 95}, {"p99", 99}};
    for (auto const& [name, percent] : ranks) {
        auto const value = made.percentile(percent);
        out[name] = value ? json_value(*value) : json_value();
    }
    return out;
}

// bot, kind, provider, model as steps of a path.
using usage_key = std::array<std::string, 4>;
using usage_sums = std::map<usage_key, std::vector<std::int64_t>>;

void add_usage(usage_sums& sums, std::string_view bot, json_object const& usage) {
    auto const counters = domain::usage_counters();
    for (auto const& kind : usage) {
        if (!kind.value().is_object()) continue;
        for (auto const& provider : kind.value().get_object()) {
            if (!provider.value().is_object()) continue;
            for (auto const& model : provider.value().get_object()) {
                auto const* counts = model.value().if_object();
                if (counts == nullptr) continue;
                auto& sum = sums[{std::string(bot), std::string(kind.key()),
                                  std::string(provider.key()), std::string(model.key())}];
                sum.resize(counters.size());
                for (std::size_t i = 0; i < counters.size(); ++i)
                    sum[i] += wire::int_at(*counts, counters[i]);
            }
        }
    }
}

json_value shown_text(std::string const& text) {
    return text.empty() ? json_value() : json_value(text);
}

json_object usage_row(usage_key const& key, std::vector<std::int64_t> const& sum) {
    json_object out{{"bot_id", shown_text(key[0])}};
    constexpr char const* names[] = {"kind", "provider", "model"};
    for (std::size_t i = 0; i < std::size(names); ++i)
        out[names[i]] = shown_text(domain::text_of_rollup_step(key[i + 1]));
    auto const counters = domain::usage_counters();
    for (std::size_t i = 0; i < counters.size(); ++i) {
        if (counters[i] == "audio_ms")
            out["audio_seconds"] = in_seconds(sum[i]);
        else
            out[counters[i]] = sum[i];
    }
    return out;
}

}  // namespace

store::async<json_object> count_calls(store::document_store& from, analytics_range range) {
    call_counts sum;
    CXB_CO_CHECK(co_await walk_rollups(from, range, {"calls", "pushes"},
                                       [&](json_object const& row) { sum.add(row); }));
    CXB_CO_CHECK(
        co_await walk_active(from, range, [&](json_object const& call) { sum.add_active(call); }));
    co_return sum.shown();
}

store::async<json_array> count_by_time(store::document_store& from, analytics_range range,
                                       std::vector<time_point> starts) {
    std::vector<call_counts> sums(starts.size());
    auto const bucket = [&](json_object const& row, char const* name) -> call_counts* {
        auto const at = parse_timestamp(wire::text_at(row, name));
        if (!at || starts.empty() || *at < starts.front()) return nullptr;
        auto const after = std::upper_bound(starts.begin(), starts.end(), *at);
        return &sums[static_cast<std::size_t>(after - starts.begin()) - 1];
    };
    CXB_CO_CHECK(co_await walk_rollups(from, range, {"calls"}, [&](json_object const& row) {
        if (auto* sum = bucket(row, "slot")) sum->add(row);
    }));
    CXB_CO_CHECK(co_await walk_active(from, range, [&](json_object const& call) {
        if (auto* sum = bucket(call, "created_at")) sum->add_active(call);
    }));
    json_array out;
    for (std::size_t i = 0; i < starts.size(); ++i)
        out.push_back(json_object{{"start", format_timestamp(starts[i])},
                                  {"total", sums[i].finished + sums[i].active},
                                  {"completed", sums[i].completed},
                                  {"failed", sums[i].failed},
                                  {"voicemail", sums[i].voicemail},
                                  {"connected", sums[i].connected},
                                  {"talk_seconds", in_seconds(sums[i].talk_ms)}});
    co_return out;
}

store::async<json_array> count_outcomes(store::document_store& from, analytics_range range,
                                        std::string by, std::size_t limit) {
    outcome_counts counts;
    std::int64_t total = 0;
    CXB_CO_CHECK(co_await walk_rollups(from, range, {"calls", by}, [&](json_object const& row) {
        total += wire::int_at(row, "calls.finished");
        add_outcomes(counts, row, by);
    }));
    auto const named =
        std::accumulate(counts.begin(), counts.end(), std::int64_t{0},
                        [](std::int64_t sum, auto const& entry) { return sum + entry.second; });
    if (total > named) counts[""] += total - named;
    co_return outcome_rows(counts, total, limit);
}

store::async<json_object> measure_latency(store::document_store& from, analytics_range range) {
    auto const stages = domain::latency_stages();
    std::vector<domain::latency_histogram> sums(stages.size());
    CXB_CO_CHECK(co_await walk_rollups(from, range, {"latency"}, [&](json_object const& row) {
        auto const* all = object_at(row, "latency");
        for (std::size_t i = 0; all != nullptr && i < stages.size(); ++i)
            if (auto const* stage = object_at(*all, stages[i]))
                sums[i].add(domain::read_latency(*stage));
    }));
    json_object out;
    for (std::size_t i = 0; i < stages.size(); ++i)
        out[stages[i]] = latency_row(sums[i]);
    co_return out;
}

store::async<json_array> sum_usage(store::document_store& from, analytics_range range) {
    usage_sums sums;
    CXB_CO_CHECK(co_await walk_rollups(from, range, {"usage"}, [&](json_object const& row) {
        if (auto const* usage = object_at(row, "usage"))
            add_usage(sums, wire::text_at(row, "bot_id"), *usage);
    }));
    json_array out;
    for (auto const& [key, sum] : sums) {
        // What a replaced result took along leaves zeros.
        if (std::any_of(sum.begin(), sum.end(), [](std::int64_t n) { return n != 0; }))
            out.push_back(usage_row(key, sum));
    }
    co_return out;
}

}  // namespace cxb::api
