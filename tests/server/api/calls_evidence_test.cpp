// Reading calls against a recount of its own, and results nobody expected.
#include "cxb/base/encoding.hpp"
#include "cxb/store/open/open_document_store.hpp"
#include "cxb/testing/fake_clock.hpp"
#include "server/api/api_fixture.hpp"
#include "server/common/model/collections.hpp"

namespace cxb::api::test {
namespace {

using namespace std::chrono_literals;
using names = std::set<std::string>;

// What the test made, not what the API says of it.
struct made_call {
    std::string session, bot, word, status, direction, caller, stream, disposition, push_state,
        campaign;
    int duration = 0;
    bool is_test = false, transferred = false, recorded = false;
    time_point created;
};

struct call_filter {
    std::string query;
    std::function<bool(made_call const&)> keeps;
};

std::string name_of(call_filter const& filter) {
    return filter.query.substr(0, filter.query.find('='));
}

struct CallList : api_test {
    testing::fake_clock clock{std::chrono::floor<milliseconds>(std::chrono::system_clock::now())};
    std::string pushing;
    std::string silent;
    std::vector<made_call> made;

    void SetUp() override {
        surroundings.time = &clock;
        start();
    }

    answer get(std::string const& path) {
        clock.advance(100ms);  // the rate limit is not the subject
        return admin("GET", path);
    }

    // Twenty-four calls in which every property appears with every other one, and without it.
    void make_calls(std::string const& crm_url) {
        pushing = make_bot({{"post_call_push", {{"url", crm_url + "/calls"}}}});
        silent = make_bot({{"name", "Silent"}});
        std::pair<char const*, char const*> const ends[] = {
            {"customer", "completed"}, {"error", "failed"}, {"voicemail", "voicemail"}};
        for (int i = 0; i < 24; ++i) {
            clock.advance(1min);
            made_call one;
            one.session = "c-" + std::to_string(i);
            one.bot = i % 2 == 0 ? pushing : silent;
            one.word = ends[i % 3].first;
            one.status = ends[i % 3].second;
            one.direction = (i / 2) % 2 == 0 ? "outbound" : "inbound";
            one.is_test = i % 5 == 4;
            one.caller = one.is_test ? "browser-test-00000000000" + std::to_string(i % 10)
                                     : "+91987654321" + std::to_string(i % 4);
            one.stream = "st-" + std::to_string(i % 6);
            one.disposition = i % 4 == 1 ? "PTP" : "RTP";
            one.duration = (i % 7) * 10;
            one.transferred = (i / 3) % 2 == 0;
            one.recorded = (i / 4) % 2 == 0;
            one.push_state = one.bot == silent ? "none" : one.is_test ? "skipped" : "delivered";
            one.created = clock.now();
            report(one);
            made.push_back(one);
        }
    }

    void report(made_call const& one) {
        char const* transport = one.is_test                   ? "widget"
                                : one.direction == "outbound" ? "livekit_outbound"
                                                              : "livekit_inbound";
        auto const got =
            core("POST", "/api/v1/config/" + one.bot,
                 json_object{
                     {"caller_id", one.caller},
                     {"stream_id", one.stream},
                     {"transport", transport},
                     {"connected_event",
                      {{"_campaign_session_id", one.session},
                       {"callDirection", one.direction == "outbound" ? "outgoing" : "incoming"}}}});
        EXPECT_EQ(got.text("session_id"), one.session) << got.body;
        json_object result{{"session_id", one.session},
                           {"disconnected_by", one.word},
                           {"call_duration_seconds", one.duration},
                           {"was_transferred", one.transferred},
                           {"post_call_analysis", {{"DISPOSITION", one.disposition}}}};
        if (one.recorded) result["recording_key"] = "2026/01/02/" + one.session + ".wav";
        EXPECT_EQ(post_result(result).text("result"), "stored");
    }

    bool pushes_are_done() {
        return eventually([&] {
            return std::ranges::all_of(made, [&](made_call const& one) {
                return get("/api/v1/calls/" + one.session).text("push_state") == one.push_state;
            });
        });
    }

    std::vector<call_filter> filters() const {
        auto const moment = made[10].created;
        auto const text = percent_encode(format_timestamp(moment));
        auto const call = [](auto member, auto value) {
            return [=](made_call const& one) { return one.*member == value; };
        };
        std::string const phone = "+919876543212";
        return {
            {"bot_id=" + pushing, call(&made_call::bot, pushing)},
            {"status=failed", call(&made_call::status, "failed")},
            {"disconnected_by=voicemail", call(&made_call::word, "voicemail")},
            {"call_direction=inbound", call(&made_call::direction, "inbound")},
            {"phone=" + percent_encode(phone), call(&made_call::caller, phone)},
            {"caller_id=" + percent_encode("+919876543211"),
             call(&made_call::caller, "+919876543211")},
            {"session_id=c-7", call(&made_call::session, "c-7")},
            {"stream_id=st-3", call(&made_call::stream, "st-3")},
            {"disposition=PTP", call(&made_call::disposition, "PTP")},
            {"call_type=bot", [](made_call const&) { return true; }},
            {"campaign_id=spring", call(&made_call::campaign, "spring")},
            {"campaign_id=nobody", [](made_call const&) { return false; }},
            {"call_type=agent", [](made_call const&) { return false; }},
            {"is_test=true", call(&made_call::is_test, true)},
            {"was_transferred=true", call(&made_call::transferred, true)},
            {"has_recording=false", call(&made_call::recorded, false)},
            {"push_state=delivered", call(&made_call::push_state, "delivered")},
            {"min_duration=20", [](made_call const& one) { return one.duration >= 20; }},
            {"max_duration=40", [](made_call const& one) { return one.duration <= 40; }},
            {"from=" + text, [=](made_call const& one) { return one.created >= moment; }},
            {"to=" + text, [=](made_call const& one) { return one.created < moment; }},
        };
    }

    void expect_list(std::string const& query, names const& wanted) {
        auto const got = get("/api/v1/calls?limit=200&" + query);
        ASSERT_EQ(got.status, 200) << query << got.body;
        names found;
        for (auto const& item : got.json.at("items").as_array())
            found.emplace(wire::text_at(item.as_object(), "session_id"));
        EXPECT_EQ(found, wanted) << query;
        EXPECT_EQ(got.json.at("total").to_number<std::size_t>(), wanted.size()) << query;
    }

    void expect_export(std::string const& query, names const& wanted) {
        auto const got = get("/api/v1/calls/export?format=ndjson&" + query);
        ASSERT_EQ(got.status, 200) << query << got.body;
        names found;
        std::istringstream lines(got.body);
        for (std::string line; std::getline(lines, line);)
            found.emplace(wire::text_at(wire::parse_json(line)->as_object(), "session_id"));
        EXPECT_EQ(found, wanted) << query;
    }

    // What the campaign chapter's dialler will say of its calls.
    void put_into_campaigns() {
        auto const opened =
            store::open_document_store({.url = settings.store.url, .database = settings.store.db});
        ASSERT_TRUE(opened) << opened.error().to_log_text();
        net::event_loops loops{1};
        loops.start();
        loops.run_and_wait([](store::document_store& into,
                              std::vector<made_call>& all) -> boost::asio::awaitable<void> {
            for (std::size_t i = 0; i < all.size(); i += 3) {
                all[i].campaign = i % 2 == 0 ? "spring" : "autumn";
                EXPECT_TRUE(co_await into.update_one(
                    server::model::calls, server::model::of_session(all[i].session),
                    store::update{}.set("campaign_id", json_value(all[i].campaign))));
            }
        }(*opened->store, made));
        loops.stop();
        opened->store->close();
    }
};

TEST_F(CallList, FiltersAloneAndInPairs) {  // 21-9
    peer crm([](wire::http_request const&, int) { return json_reply(200, "{}"); });
    make_calls(crm.url());
    ASSERT_TRUE(pushes_are_done());
    ASSERT_NO_FATAL_FAILURE(put_into_campaigns());
    auto const all = filters();
    auto const kept_by = [&](call_filter const& a, call_filter const& b) {
        names out;
        for (auto const& one : made)
            if (a.keeps(one) && b.keeps(one)) out.insert(one.session);
        return out;
    };
    for (std::size_t i = 0; i < all.size(); ++i) {
        expect_list(all[i].query, kept_by(all[i], all[i]));
        expect_export(all[i].query, kept_by(all[i], all[i]));
        for (std::size_t j = i + 1; j < all.size(); ++j)
            if (name_of(all[i]) != name_of(all[j]))
                expect_list(all[i].query + "&" + all[j].query, kept_by(all[i], all[j]));
    }
    for (char const* bad : {"colour=red", "status=failed&colour=red", "call_type=fax",
                            "is_test=perhaps", "min_duration=long", "from=yesterday", "limit=201"})
        EXPECT_EQ(get(std::string("/api/v1/calls?") + bad).status, 422) << bad;
}

TEST_F(CallList, TwoHundredAndOneRowsPage) {  // 21-9
    std::vector<std::string> wanted;
    for (int i = 0; i < 201; ++i) {
        // Several calls of one millisecond: the id decides their order.
        if (i % 3 == 0) clock.advance(1s);
        wanted.push_back("p-" + std::to_string(i));
        ASSERT_EQ(
            post_result({{"session_id", wanted.back()}, {"disconnected_by", "customer"}}).status,
            200);
    }
    auto const page = [&](std::string const& query) {
        auto const got = get("/api/v1/calls?" + query);
        EXPECT_EQ(got.status, 200) << got.body;
        EXPECT_EQ(got.json.at("total").to_number<int>(), 201);
        std::vector<std::string> out;
        for (auto const& item : got.json.at("items").as_array())
            out.emplace_back(wire::text_at(item.as_object(), "session_id"));
        return std::pair(out, got.text("next"));
    };
    auto const [first, next] = page("limit=200");
    ASSERT_EQ(first.size(), 200U);
    ASSERT_FALSE(next.empty());
    // A call that comes in meanwhile moves nothing.
    auto const [rest, end] = [&] {
        auto got = get("/api/v1/calls?limit=200&cursor=" + percent_encode(next));
        std::vector<std::string> out;
        for (auto const& item : got.json.at("items").as_array())
            out.emplace_back(wire::text_at(item.as_object(), "session_id"));
        return std::pair(out, got.text("next"));
    }();
    ASSERT_EQ(rest.size(), 1U);
    EXPECT_TRUE(end.empty());
    names seen(first.begin(), first.end());
    seen.insert(rest.begin(), rest.end());
    EXPECT_EQ(seen, names(wanted.begin(), wanted.end()));
    EXPECT_EQ(page("limit=200&page=2").first, rest);
    auto const backwards = page("limit=200&sort=created_at").first;
    EXPECT_EQ(backwards.front(), rest.front());
    EXPECT_EQ(get("/api/v1/calls?limit=200&page=51").status, 422);
}

TEST_F(CallList, ResultsNobodyExpectedAreKept) {  // spec 21 §1.2
    peer crm([](wire::http_request const&, int) { return json_reply(200, "{}"); });
    std::string const known = make_bot({{"post_call_push", {{"url", crm.url() + "/calls"}}}});
    auto const post = [&](char const* session, json_object extra) {
        extra["session_id"] = session;
        extra["disconnected_by"] = "customer";
        EXPECT_EQ(post_result(extra).text("result"), "stored") << session;
        return get(std::string("/api/v1/calls/") + session);
    };
    auto const nameless = post("o-1", {});
    auto const stranger = post("o-2", {{"bot_id", "65f000000000000000000001"}});
    for (auto const* orphan : {&nameless, &stranger}) {
        EXPECT_EQ(orphan->text("status"), "completed");
        EXPECT_TRUE(orphan->json.at("orphan_result").as_bool());
        EXPECT_EQ(orphan->text("push_state"), "none");
        auto const pushes = get("/api/v1/calls/" + orphan->text("session_id") + "/pushes");
        EXPECT_TRUE(pushes.json.as_array().empty()) << pushes.body;
    }
    auto const adopted = post("o-3", {{"bot_id", known}});
    EXPECT_TRUE(adopted.json.at("orphan_result").as_bool());
    EXPECT_EQ(adopted.text("bot_id"), known);
    EXPECT_TRUE(
        eventually([&] { return get("/api/v1/calls/o-3").text("push_state") == "delivered"; }));
    EXPECT_EQ(crm.count(), 1U);
    restart();
    EXPECT_EQ(get("/api/v1/calls/o-1").text("status"), "completed");
    EXPECT_EQ(crm.count(), 1U);
}

struct CallRecord : api_test {
    testing::fake_clock clock{std::chrono::floor<milliseconds>(std::chrono::system_clock::now())};
    void SetUp() override {
        surroundings.time = &clock;
        start();
    }
};

// The clock stands still, so the three documents differ in nothing but their names.
TEST_F(CallRecord, ACdrMayComeAtAnyTime) {  // 21-7
    std::string const bot = make_bot();
    auto const document = [&](int cdr_at) {
        std::string const session = "s-" + std::to_string(cdr_at);
        auto const cdr = [&](int at) {
            if (at != cdr_at) return;
            EXPECT_EQ(core("POST", "/api/v1/cdr",
                           json_object{{"streamId", "st-" + session},
                                       {"talktime", 92},
                                       {"call_status", "ANSWERED"},
                                       {"recording", "https://carrier.example/r.wav"}})
                          .status,
                      200);
        };
        cdr(0);
        EXPECT_EQ(core("POST", "/api/v1/config/" + bot,
                       json_object{{"stream_id", "st-" + session},
                                   {"connected_event", {{"_campaign_session_id", session}}}})
                      .status,
                  200);
        cdr(1);
        EXPECT_EQ(post_result({{"session_id", session}, {"disconnected_by", "customer"}}).status,
                  200);
        cdr(2);
        auto call = admin("GET", "/api/v1/calls/" + session).json.as_object();
        auto text = wire::to_canonical(call);
        for (auto at = text.find(session); at != text.npos; at = text.find(session))
            text.replace(at, session.size(), "S");
        auto same = wire::parse_json(text).value().as_object();
        for (char const* own : {"id", "rev", "fetch_id", "result_hash"})
            same.erase(own);
        return wire::to_canonical(same);
    };
    auto const before = document(0);
    EXPECT_NE(before.find("\"cdr_talktime\":92"), std::string::npos) << before;
    EXPECT_EQ(document(1), before);
    EXPECT_EQ(document(2), before);
}

TEST_F(CallRecord, ADirectBotKeepsItsStaticPart) {  // 20-39
    std::string const id = make_bot({{"prompt_mode", "direct"},
                                     {"system_prompt", ""},
                                     {"static_system_prompt", "You are Asha. Use {curly} braces."},
                                     {"dynamic_runtime_prompt", "You call {{FIRSTNAME}}."}});
    auto const got = core("POST", "/api/v1/config/" + id,
                          json_object{{"connected_event", {{"FIRSTNAME", "Ravi"}}}});
    ASSERT_EQ(got.status, 200) << got.body;
    EXPECT_EQ(got.text("prompt_parts.mode"), "direct");
    EXPECT_EQ(got.text("prompt_parts.static_system_prompt"), "You are Asha. Use {curly} braces.");
    EXPECT_EQ(got.text("prompt_parts.dynamic_runtime_prompt"), "You call Ravi.");
    EXPECT_EQ(got.text("system_prompt"), "You are Asha. Use {curly} braces.\n\nYou call Ravi.");
    auto const refused = admin("PUT", "/api/v1/bots/" + id,
                               json_object{{"static_system_prompt", "You call {{FIRSTNAME}}."}});
    EXPECT_EQ(refused.status, 422);
    EXPECT_EQ(refused.json.at("errors").at(0).at("pointer").as_string(), "/static_system_prompt");
    EXPECT_EQ(config(id).text("prompt_parts.static_system_prompt"),
              "You are Asha. Use {curly} braces.");
}

TEST_F(CallRecord, AnOldUploadLinkIsRefused) {  // 21-24
    auto const got = config(make_bot());
    std::string const link = got.text("recording.storage.upload_url");
    auto const put = [&] {
        return send_text("PUT", link.substr(url().size()), "abc", {{"Content-Type", "audio/wav"}})
            .status;
    };
    clock.advance(24h);
    EXPECT_EQ(put(), 201);
    clock.advance(24h);
    EXPECT_EQ(put(), 403);
}

TEST_F(CallRecord, ARecordingKeyNeverLeavesTheStore) {  // 21-23
    int number = 0;
    for (char const* key :
         {"../cxb.db", "../x", "a/../../cxb.db", "/etc/hostname", "..%2Fcxb.db"}) {
        std::string const session = "k-" + std::to_string(number++);
        auto const told = post_result(
            {{"session_id", session}, {"disconnected_by", "customer"}, {"recording_key", key}});
        EXPECT_TRUE(told.status == 200 || told.status == 422) << key;
        EXPECT_EQ(admin("GET", "/api/v1/recordings/" + session).status, 404) << key;
        EXPECT_EQ(post_result({{"session_id", session + "u"},
                               {"disconnected_by", "customer"},
                               {"recording_url", std::string("http://h/") + key}})
                      .status,
                  200);
        EXPECT_EQ(admin("GET", "/api/v1/recordings/" + session + "u").status, 404) << key;
    }
}

}  // namespace
}  // namespace cxb::api::test
