// Analytics over generated calls against a plain recount.
#include <cmath>
#include <random>

#include "cxb/base/encoding.hpp"
#include "server/api/analytics_fixture.hpp"

namespace cxb::api::test {
namespace {

using namespace std::chrono_literals;
using std::chrono::days;
using keeps = std::function<bool(seen_call const&)>;

time_point at(char const* text) {
    return parse_timestamp(text).value();
}

// Clocks in New York went on by an hour on 8 March 2026; nothing else is known of zones here.
std::chrono::minutes offset_of(std::string const& zone, time_point moment) {
    if (zone == "Asia/Kolkata") return 330min;
    if (zone != "America/New_York") return 0min;
    return moment < at("2026-03-08T07:00:00Z") ? -300min : -240min;
}

std::string local_day_of(std::string const& zone, time_point moment) {
    return format_timestamp(moment + offset_of(zone, moment)).substr(0, 10);
}

struct AnalyticsRecount : api_test {
    testing::fake_clock clock{at("2026-03-04T00:00:00Z")};
    time_point const from = at("2026-03-05T00:00:00Z");
    time_point const to = at("2026-03-12T00:00:00Z");
    std::mt19937 random{41};
    std::string bots[2];
    std::vector<seen_call> made;
    std::unique_ptr<stored_documents> documents;

    void SetUp() override {
        surroundings.time = &clock;
        settings.jobs.workers = 0;
        start();
        bots[0] = make_bot();
        bots[1] = make_bot({{"name", "Other"}});
        documents = std::make_unique<stored_documents>(settings);
    }
    void TearDown() override {
        documents.reset();
        stop();  // before the clock goes
    }

    unsigned one_of(unsigned n) { return static_cast<unsigned>(random() % n); }

    answer get(std::string const& path) {
        clock.advance(100ms);  // the rate limit is not the subject
        auto got = admin("GET", "/api/v1/analytics/" + path);
        EXPECT_EQ(got.status, 200) << path << got.body;
        return got;
    }
    std::string range_text(time_point begin, time_point end) {
        return "from=" + percent_encode(format_timestamp(begin)) +
               "&to=" + percent_encode(format_timestamp(end));
    }
    std::string range_text() { return range_text(from, to); }

    void begin_call(unsigned number) {
        seen_call one;
        one.session = "g-" + std::to_string(number);
        one.bot = bots[one_of(2)];
        one.direction = one_of(2) == 0 ? "inbound" : "outbound";
        one.created = clock.now();
        auto const got = core("POST", "/api/v1/config/" + one.bot,
                              json_object{{"caller_id", "+919876543210"},
                                          {"transport", "livekit_" + one.direction},
                                          {"connected_event",
                                           {{"_campaign_session_id", one.session},
                                            {"_cxb_test_call", number % 11 == 3}}}});
        ASSERT_EQ(got.text("session_id"), one.session) << got.body;
        one.excluded = number % 11 == 3;
        if (one.excluded) documents->set(one.session, "is_test", true);
        if (number % 13 == 5) {
            documents->set(one.session, "call_type", "agent");
            one.excluded = true;
        }
        if (one_of(3) > 0) {
            one.campaign = "camp-" + std::to_string(one_of(2));
            documents->set(one.session, "campaign_id", json_value(one.campaign));
        }
        made.push_back(one);
    }

    void end_call(seen_call& one) {
        std::pair<char const*, char const*> const ends[] = {{"customer", "completed"},
                                                            {"bot", "completed"},
                                                            {"error", "failed"},
                                                            {"no_answer", "failed"},
                                                            {"voicemail", "voicemail"}};
        auto const& end = ends[one_of(5)];
        one.word = end.first;
        one.status = end.second;
        one.duration = one_of(4) == 0 ? 0 : double(one_of(4000)) / 16;
        one.transferred = one_of(3) == 0;
        char const* const words[] = {"PTP", "Call.Back", "$RTP %", "", "Wrong number"};
        one.disposition = words[one_of(5)];
        one.llm_ms.clear();
        wire::json_array samples;
        for (unsigned i = 0; i < 1 + one_of(4); ++i) {
            one.llm_ms.push_back(double(one_of(96000)) / 4);
            samples.push_back(json_object{{"turn", i + 1}, {"llm_ms", one.llm_ms.back()}});
        }
        one.tokens = one_of(1000);
        json_object const usage{{"kind", "llm"},
                                {"provider", "openai"},
                                {"model", "gpt-4.1"},
                                {"prompt_tokens", one.tokens}};
        auto const got = post_result(
            {{"session_id", one.session},
             {"result_id", make_result_id()},
             {"bot_id", one.bot},
             {"disconnected_by", one.word},
             {"call_duration_seconds", one.duration},
             {"was_transferred", one.transferred},
             {"transcript", wire::json_array{json_object{{"role", "user"}, {"content", "haan"}}}},
             {"post_call_analysis", {{"DISPOSITION", one.disposition}}},
             {"latency_samples", samples},
             {"usage_metrics", wire::json_array{usage}}});
        ASSERT_EQ(got.status, 200) << got.body;
    }
    static std::string make_result_id() { return make_uuid4_text(); }
    static std::string make_uuid4_text();

    // A week and a day around the change of clocks, three calls in four with a result.
    void make_calls() {
        for (unsigned i = 0; i < 180; ++i) {
            clock.advance(std::chrono::minutes{20 + one_of(85)});
            begin_call(i);
            if (i % 4 != 2) end_call(made.back());
        }
        forget_token();
    }

    static keeps within(time_point begin, time_point end) {
        return [=](seen_call const& one) {
            return !one.excluded && one.created >= begin && one.created < end;
        };
    }
    template <class Value>
    Value sum(keeps const& wanted, std::function<Value(seen_call const&)> value) const {
        Value out{};
        for (auto const& one : made)
            if (wanted(one)) out += value(one);
        return out;
    }
    std::int64_t number(keeps const& wanted, keeps const& also) const {
        return sum<std::int64_t>(wanted, [&](seen_call const& one) { return also(one) ? 1 : 0; });
    }
    static bool is_connected(seen_call const& one) {
        return one.status == "completed" && one.duration > 0;
    }
    static keeps has_status(char const* status) {
        return [=](seen_call const& one) { return one.status == status; };
    }
    static std::int64_t whole(json_value const& value) { return value.to_number<std::int64_t>(); }

    void expect_counts(json_value const& got, keeps const& wanted) {
        auto const any = [](seen_call const&) { return true; };
        auto const& calls = got.at("calls");
        EXPECT_EQ(whole(calls.at("total")), number(wanted, any));
        for (char const* status : {"active", "completed", "failed", "voicemail"})
            EXPECT_EQ(whole(calls.at(status)), number(wanted, has_status(status))) << status;
        for (char const* way : {"inbound", "outbound"})
            EXPECT_EQ(whole(calls.at(way)),
                      number(wanted, [&](seen_call const& one) { return one.direction == way; }))
                << way;
        auto const connected = number(wanted, &is_connected);
        auto const finished = number(wanted, any) - number(wanted, has_status("active"));
        double const talk = sum<double>(
            wanted, [](seen_call const& one) { return is_connected(one) ? one.duration : 0; });
        EXPECT_EQ(whole(got.at("connected")), connected);
        EXPECT_NEAR(got.at("talk_seconds").to_number<double>(), talk, 0.1);
        if (finished == 0) {
            EXPECT_TRUE(got.at("connect_rate").is_null());
        } else {
            EXPECT_NEAR(got.at("connect_rate").to_number<double>(),
                        100.0 * double(connected) / double(finished), 0.0501);
        }
        if (connected > 0)
            EXPECT_NEAR(got.at("avg_duration_seconds").to_number<double>(),
                        talk / double(connected), 0.0511);
        EXPECT_EQ(whole(got.at("transferred")), number(wanted, [](seen_call const& one) {
                      return one.status != "active" && one.transferred;
                  }));
    }

    void expect_overview() {
        auto const got = get("overview?" + range_text());
        expect_counts(got.json, within(from, to));
        expect_counts(got.json.at("previous"), within(from - (to - from), from));
        time_point const middle = from + days{4};
        auto const half = get("overview?" + range_text(middle, middle + days{2}));
        expect_counts(half.json, within(middle, middle + days{2}));
        expect_counts(half.json.at("previous"), within(middle - days{2}, middle));
        auto const of = [&](std::string const& bot, std::string const& campaign) {
            return [=, all = within(from, to)](seen_call const& one) {
                return all(one) && (bot.empty() || one.bot == bot) &&
                       (campaign.empty() || one.campaign == campaign);
            };
        };
        expect_counts(get("overview?bot_id=" + bots[1] + "&" + range_text()).json, of(bots[1], ""));
        expect_counts(get("overview?campaign_id=camp-1&" + range_text()).json, of("", "camp-1"));
        expect_counts(
            get("overview?campaign_id=camp-0&bot_id=" + bots[0] + "&" + range_text()).json,
            of(bots[0], "camp-0"));
    }

    // Each row holds the calls between its start and the next one's.
    void expect_series(wire::json_array const& series, std::string const& what) {
        std::int64_t total = 0;
        for (std::size_t i = 0; i < series.size(); ++i) {
            auto const& row = series[i].as_object();
            auto const begin = at(std::string(wire::text_at(row, "start")).c_str());
            auto const end =
                i + 1 < series.size()
                    ? at(std::string(wire::text_at(series[i + 1].as_object(), "start")).c_str())
                    : to;
            auto const wanted = within(std::max(begin, from), std::min(end, to));
            auto const all = number(wanted, [](seen_call const&) { return true; });
            total += all;
            EXPECT_EQ(wire::int_at(row, "total"), all) << what << i;
            for (char const* status : {"completed", "failed", "voicemail"})
                EXPECT_EQ(wire::int_at(row, status), number(wanted, has_status(status))) << what;
            EXPECT_EQ(wire::int_at(row, "connected"), number(wanted, &is_connected)) << what;
            EXPECT_NEAR(wire::number_at(row, "talk_seconds"),
                        sum<double>(wanted,
                                    [](seen_call const& one) {
                                        return is_connected(one) ? one.duration : 0;
                                    }),
                        0.05);
        }
        EXPECT_EQ(total, number(within(from, to), [](seen_call const&) { return true; })) << what;
    }

    void expect_volume() {
        for (std::string const zone : {"UTC", "Asia/Kolkata", "America/New_York"}) {
            std::string const asked = "&tz=" + percent_encode(zone) + "&" + range_text();
            auto const by_day = get("volume?bucket=day" + asked);
            EXPECT_EQ(by_day.text("tz"), zone);
            std::map<std::string, std::int64_t> wanted;
            for (auto moment = from; moment < to; moment += 15min)
                wanted.try_emplace(local_day_of(zone, moment), 0);
            for (auto const& one : made)
                if (within(from, to)(one)) ++wanted[local_day_of(zone, one.created)];
            std::map<std::string, std::int64_t> found;
            auto const& series = by_day.json.at("series").as_array();
            for (auto const& row : series) {
                auto const start = at(std::string(wire::text_at(row.as_object(), "start")).c_str());
                EXPECT_EQ(format_timestamp(start + offset_of(zone, start)).substr(10),
                          "T00:00:00.000Z")
                    << zone << ": a local midnight";
                found[local_day_of(zone, start)] = wire::int_at(row.as_object(), "total");
            }
            EXPECT_EQ(found, wanted) << zone;
            EXPECT_EQ(series.size(), wanted.size());
            for (char const* bucket : {"15m", "hour", "day"})
                expect_series(get(std::string("volume?bucket=") + bucket + asked)
                                  .json.at("series")
                                  .as_array(),
                              zone + bucket);
        }
    }

    void expect_outcomes(std::string const& by, std::string seen_call::* member) {
        std::map<std::string, std::int64_t> wanted;
        std::int64_t total = 0;
        for (auto const& one : made) {
            if (!within(from, to)(one) || one.status == "active") continue;
            ++wanted[one.*member];
            ++total;
        }
        auto const rows = get("outcomes?by=" + by + "&" + range_text()).json.as_array();
        std::map<std::string, std::int64_t> found;
        std::int64_t before = total;
        for (auto const& row : rows) {
            auto const& object = row.as_object();
            auto const count = wire::int_at(object, "count");
            EXPECT_LE(count, before) << "most frequent first";
            before = count;
            found[std::string(wire::text_at(object, "key"))] = count;
            EXPECT_NEAR(wire::number_at(object, "share"), 100.0 * double(count) / double(total),
                        0.0501);
        }
        EXPECT_EQ(found, wanted) << by;
        auto const few = get("outcomes?limit=1&by=" + by + "&" + range_text()).json.as_array();
        ASSERT_EQ(few.size(), std::min<std::size_t>(2, wanted.size()));
        EXPECT_EQ(few[0], rows[0]);
        if (few.size() == 1) return;
        EXPECT_EQ(wire::text_at(few[1].as_object(), "key"), "other");
        EXPECT_EQ(wire::int_at(few[1].as_object(), "count"),
                  total - wire::int_at(rows[0].as_object(), "count"));
    }

    void expect_latency_and_usage() {
        std::vector<double> values;
        std::map<std::string, std::pair<std::int64_t, std::int64_t>> wanted;
        for (auto const& one : made) {
            if (!within(from, to)(one) || one.status == "active") continue;
            values.insert(values.end(), one.llm_ms.begin(), one.llm_ms.end());
            ++wanted[one.bot].first;
            wanted[one.bot].second += one.tokens;
        }
        std::sort(values.begin(), values.end());
        auto const all = get("latency?" + range_text());
        auto const& got = all.json.at("llm").as_object();
        EXPECT_EQ(wire::int_at(got, "count"), std::int64_t(values.size()));
        double const total = std::accumulate(values.begin(), values.end(), 0.0);
        EXPECT_NEAR(wire::number_at(got, "avg"), total / double(values.size()), 0.0511);
        for (int const percent : {50, 90, 95, 99}) {
            auto const rank = (values.size() * std::size_t(percent) + 99) / 100;
            double bound = 10;
            while (std::round(bound) < values[rank - 1] && std::round(bound) < 18622)
                bound *= 1.1;
            auto const shown =
                values[rank - 1] > 18622 ? std::ceil(values.back()) : std::round(bound);
            EXPECT_EQ(wire::number_at(got, "p" + std::to_string(percent)), shown) << percent;
        }
        EXPECT_EQ(wire::int_at(all.json.at("stt").as_object(), "count"), 0);
        EXPECT_TRUE(all.json.at("stt").at("p50").is_null());
        std::map<std::string, std::pair<std::int64_t, std::int64_t>> found;
        auto const used = get("usage?" + range_text());
        for (auto const& row : used.json.as_array()) {
            auto const& object = row.as_object();
            EXPECT_EQ(wire::text_at(object, "model"), "gpt-4.1");
            found[std::string(wire::text_at(object, "bot_id"))] = {
                wire::int_at(object, "requests"), wire::int_at(object, "prompt_tokens")};
        }
        EXPECT_EQ(found, wanted);
    }

    void expect_all() {
        expect_overview();
        expect_volume();
        expect_outcomes("disposition", &seen_call::disposition);
        expect_outcomes("disconnected_by", &seen_call::word);
        expect_outcomes("bot_id", &seen_call::bot);
        expect_outcomes("campaign_id", &seen_call::campaign);
        expect_latency_and_usage();
        EXPECT_EQ(counted(*documents), contributed(*documents));
    }
};

std::string AnalyticsRecount::make_uuid4_text() {
    static int made_ids = 0;
    std::string const digits = std::to_string(100000 + ++made_ids);
    return "00000000-0000-4000-8000-000000" + digits;
}

TEST_F(AnalyticsRecount, GeneratedCallsAndReplacedResults) {  // 21-41
    make_calls();
    ASSERT_NO_FATAL_FAILURE(expect_all());
    // Every third result is replaced, also by one that names another bot; late ones arrive.
    for (auto& one : made) {
        if (one.status == "active" && one_of(2) == 0) continue;
        if (one.status != "active" && one_of(3) > 0) continue;
        if (one_of(2) == 0) one.bot = bots[one_of(2)];
        ASSERT_NO_FATAL_FAILURE(end_call(one));
    }
    ASSERT_NO_FATAL_FAILURE(expect_all());
}

}  // namespace
}  // namespace cxb::api::test
