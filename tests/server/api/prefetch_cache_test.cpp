// What a pre-fetch keeps, for how long and how much of it; how an answer is read (spec 20 §9).
#include <boost/asio/awaitable.hpp>

#include "cxb/base/encoding.hpp"
#include "cxb/net/event_loops.hpp"
#include "cxb/testing/fake_clock.hpp"
#include "cxb/testing/scripted_transport.hpp"
#include "server/api/config/crm_prefetch.hpp"

#include <gtest/gtest.h>

namespace cxb::api::test {
namespace {

using namespace std::chrono_literals;
using wire::json_object;

struct PrefetchCache : ::testing::Test {
    net::event_loops loops{1};
    testing::scripted_transport crm;
    testing::fake_clock clock;
    crm_prefetch prefetch{crm, clock};
    pre_call_fetch_block block;
    call_namespaces names;

    PrefetchCache() {
        loops.start();
        block.url = "https://crm.example/customer?id={{call.id}}";
        names.call = {{"id", "1"}};
    }
    ~PrefetchCache() override { loops.stop(); }

    prefetch_outcome ask(milliseconds left = 4s) {
        prefetch_outcome got;
        loops.run_and_wait([](PrefetchCache& at, milliseconds at_most,
                              prefetch_outcome& out) -> boost::asio::awaitable<void> {
            out = co_await at.prefetch.run(at.block, at.names, {"+911", "b1", "s1"}, at_most);
        }(*this, left, got));
        return got;
    }
    prefetch_outcome ask_for(std::size_t id) {
        names.call["id"] = std::to_string(id);
        return ask();
    }
    static std::string shown(prefetch_outcome const& got) {
        return got.members ? wire::to_text(*got.members) : "nothing";
    }
    // The word for an answer of the CRM with this body; "" = it was used.
    std::string word_for(std::string body) {
        crm.reply(200, std::move(body));
        auto const got = ask();
        EXPECT_EQ(got.entry->error, got.reason);
        EXPECT_EQ(got.entry->ok, got.reason.empty());
        return got.reason;
    }
};

TEST_F(PrefetchCache, AnAnswerServesForItsTimeAndNoLonger) {
    block.cache_ttl_seconds = 60s;
    crm.reply(200, R"({"n":1})").reply(200, R"({"n":2})");
    EXPECT_FALSE(ask().from_cache);
    clock.advance(60s - 1ms);
    auto const kept = ask();
    EXPECT_TRUE(kept.from_cache);
    EXPECT_EQ(shown(kept), R"({"n":1})");
    EXPECT_FALSE(kept.entry) << "nobody was asked";
    clock.advance(1ms);
    EXPECT_EQ(shown(ask()), R"({"n":2})");
    EXPECT_EQ(crm.calls().size(), 2U);
}

TEST_F(PrefetchCache, WithoutATimeNothingIsKept) {
    crm.reply(200, R"({"n":1})").reply(200, R"({"n":2})");
    EXPECT_EQ(shown(ask()), R"({"n":1})");
    EXPECT_EQ(shown(ask()), R"({"n":2})");
}

TEST_F(PrefetchCache, AfterAFailureAnOldAnswerServesAsLongAsItMay) {
    block.cache_ttl_seconds = 60s;
    block.stale_if_error_seconds = 600s;
    block.defaults = wire::raw_json::from_object({{"n", 0}});
    crm.reply(200, R"({"n":1})");
    EXPECT_EQ(ask().reason, "");
    crm.reply(500).fail(error{errc::unavailable}).reply(500);
    clock.advance(61s);
    auto const old = ask();
    EXPECT_EQ(old.reason, "status_500");
    EXPECT_TRUE(old.stale);
    EXPECT_FALSE(old.from_cache);
    EXPECT_EQ(shown(old), R"({"n":1})");
    EXPECT_EQ(old.entry->error, "status_500") << "told either way";
    clock.advance(599s - 1ms);
    EXPECT_TRUE(ask().stale);
    clock.advance(1ms);
    auto const over = ask();
    EXPECT_FALSE(over.stale);
    EXPECT_EQ(shown(over), R"({"n":0})") << "the defaults";
}

// Without a time to be fresh it is asked each time, and serves only after a failure.
TEST_F(PrefetchCache, OnlyForFailuresAnAnswerMayBeKeptToo) {
    block.stale_if_error_seconds = 600s;
    crm.reply(200, R"({"n":1})").reply(200, R"({"n":2})").reply(503);
    ask();
    EXPECT_EQ(shown(ask()), R"({"n":2})");
    auto const old = ask();
    EXPECT_TRUE(old.stale);
    EXPECT_EQ(shown(old), R"({"n":2})");
}

TEST_F(PrefetchCache, WithoutOldAnswerAndDefaultsThereIsNothing) {
    crm.fail(error{errc::deadline_exceeded});
    auto const got = ask();
    EXPECT_EQ(got.reason, "timeout");
    EXPECT_FALSE(got.members);
}

TEST_F(PrefetchCache, FailuresAreNotKept) {
    block.cache_ttl_seconds = 60s;
    crm.reply(404).reply(200, R"({"n":1})");
    EXPECT_EQ(ask().reason, "status_404");
    EXPECT_EQ(ask().reason, "");
}

TEST_F(PrefetchCache, TenThousandAnswersAreKept) {
    block.cache_ttl_seconds = 60s;
    crm.otherwise([](client::outgoing_request const&) {
        wire::http_response out;
        out.status = 200;
        out.body = R"({"n":1})";
        return out;
    });
    constexpr std::size_t kept = 10000;
    for (std::size_t id = 0; id < kept; ++id)
        ask_for(id);
    for (std::size_t id = 0; id < kept; id += 999)
        EXPECT_TRUE(ask_for(id).from_cache) << id;
    EXPECT_FALSE(ask_for(kept).from_cache);
    EXPECT_TRUE(ask_for(kept).from_cache) << "another one went for it";
    std::size_t missed = 0;
    for (std::size_t id = 0; id < kept && missed == 0; ++id)
        missed += ask_for(id).from_cache ? 0 : 1;
    EXPECT_EQ(missed, 1U);
}

TEST_F(PrefetchCache, SixtyFourMebibytesAreKept) {
    block.cache_ttl_seconds = 60s;
    std::string const large =
        wire::to_text(json_object{{"t", std::string(255 * limits::kib, 'x')}});
    crm.otherwise([&](client::outgoing_request const&) {
        wire::http_response out;
        out.status = 200;
        out.body = large;
        return out;
    });
    std::size_t const fit = 64 * limits::mib / large.size();
    for (std::size_t id = 0; id < fit; ++id)
        ask_for(id);
    EXPECT_EQ(crm.calls().size(), fit);
    EXPECT_TRUE(ask_for(0).from_cache);
    EXPECT_TRUE(ask_for(fit - 1).from_cache);
    ask_for(fit);
    EXPECT_TRUE(ask_for(fit).from_cache);
    std::size_t found = 0;
    for (std::size_t id = 0; id <= fit; ++id)
        found += crm.calls().size() == fit + 1 && ask_for(id).from_cache ? 1 : 0;
    EXPECT_LE(found, fit) << "one went for it";
}

TEST_F(PrefetchCache, WhatIsNoObjectIsToldInItsWord) {
    block.response_path = "/data";
    for (auto const& [body, word] :
         {std::pair(R"({"data":{"a":1}})", ""), std::pair(R"({"data":[{"a":1},2]})", ""),
          std::pair(R"({"data":[]})", "shape"), std::pair(R"({"data":[1]})", "shape"),
          std::pair(R"({"data":"x"})", "shape"), std::pair(R"({"data":null})", "shape"),
          std::pair(R"({"other":{}})", "shape"), std::pair("[]", "shape"), std::pair("7", "shape"),
          std::pair("", "not_json"), std::pair("<html>", "not_json"),
          std::pair(R"({"data":{"a":1}} x)", "not_json")})
        EXPECT_EQ(word_for(body), word) << body;
}

TEST_F(PrefetchCache, FiveHundredMembersAreTaken) {
    json_object many;
    for (int i = 0; i < 500; ++i)
        many["m" + std::to_string(i)] = i;
    EXPECT_EQ(word_for(wire::to_text(many)), "");
    many["one_more"] = 1;
    EXPECT_EQ(word_for(wire::to_text(many)), "too_large");
}

TEST_F(PrefetchCache, TextsAreCutAt8KiBAtAnyDepth) {
    std::string const long_text(8 * limits::kib + 1, 'x');
    json_object const answer{{"t", long_text}, {"deep", {{"list", {long_text}}}}};
    crm.reply(200, wire::to_text(answer));
    auto const got = ask();
    ASSERT_TRUE(got.members);
    EXPECT_LE(wire::text_at(*got.members, "t").size(), 8 * limits::kib);
    EXPECT_GT(wire::text_at(*got.members, "t").size(), 8 * limits::kib - 8);
    EXPECT_LE(got.members->at("deep").at("list").at(0).as_string().size(), 8 * limits::kib);
}

TEST_F(PrefetchCache, MappedNamesAreAddedAndNestedOnesStay) {
    block.mapping = {{"city", "/addr/city"}, {"first", "/list/0"}, {"none", "/nope"}};
    crm.reply(200, R"({"addr":{"city":"Pune"},"list":[7]})");
    EXPECT_EQ(shown(ask()), R"({"addr":{"city":"Pune"},"list":[7],"city":"Pune","first":7})");
}

TEST_F(PrefetchCache, WordsOfFailures) {
    auto const word_of = [&](error cause) {
        crm.fail(std::move(cause));
        return ask().reason;
    };
    EXPECT_EQ(word_of(error{errc::deadline_exceeded}), "timeout");
    EXPECT_EQ(word_of(error{errc::unavailable}), "connect");
    EXPECT_EQ(word_of(error{errc::unavailable}.with_reason("tls")), "tls");
    EXPECT_EQ(word_of(error{errc::blocked}.with_reason("address")), "blocked");
    EXPECT_EQ(word_of(error{errc::too_large}), "too_large");
    for (int const status : {301, 400, 429, 503}) {
        crm.reply(status);
        EXPECT_EQ(ask().reason, "status_" + std::to_string(status));
    }
}

// Of what can be asked again, and of what cannot.
TEST_F(PrefetchCache, RepeatsConnectFailuresAnd5xxOnly) {
    block.retries = 2;
    crm.fail(error{errc::unavailable}).reply(502).reply(200, R"({"n":1})");
    auto const got = ask();
    EXPECT_EQ(got.reason, "");
    EXPECT_EQ(got.entry->attempt, 3);
    for (auto const code : {errc::deadline_exceeded, errc::blocked, errc::too_large}) {
        auto const before = crm.calls().size();
        crm.fail(error{code});
        EXPECT_NE(ask().reason, "");
        EXPECT_EQ(crm.calls().size(), before + 1);
    }
    auto const before = crm.calls().size();
    crm.reply(429);
    EXPECT_EQ(ask().reason, "status_429");
    EXPECT_EQ(crm.calls().size(), before + 1);
}

TEST_F(PrefetchCache, AllTriesShareOneTimeAndNoneBeginsWithoutAny) {
    block.retries = 2;
    block.timeout_ms = 1000ms;
    auto const slow = [&](client::outgoing_request const&) -> testing::scripted_transport::answer {
        clock.advance(600ms);
        return error{errc::unavailable};
    };
    crm.respond(slow).respond(slow);
    EXPECT_EQ(ask().reason, "connect");
    auto const calls = crm.calls();
    ASSERT_EQ(calls.size(), 2U) << "the time of the third is over";
    EXPECT_EQ(calls[0].options.total, 1000ms);
    EXPECT_EQ(calls[1].options.total, 400ms);
    // What is left of the build counts when it is less.
    crm.reply(200, "{}");
    ask(250ms);
    EXPECT_EQ(crm.calls().back().options.total, 250ms);
    auto const late = ask(0ms);
    EXPECT_EQ(late.reason, "timeout");
    EXPECT_EQ(crm.calls().size(), 3U) << "nobody is asked any more";
}

TEST_F(PrefetchCache, TheRequestAsTheBotWroteIt) {
    block.method = "POST";
    block.query = {{"q", "{{call.id}} &"}};
    block.headers = {{"X-Who", "{{crm.nobody}}{{call.id}}"}};
    block.auth.type = "basic";
    block.auth.username = "u{{call.id}}";
    block.auth.password = secret("p:w");
    names.call = {{"id", "a/b"}};
    auto const standard = prefetch_request(block, names, {"+911", "b1", "s1"});
    EXPECT_EQ(standard.url, "https://crm.example/customer?id=a%2Fb&q=a%2Fb%20%26");
    EXPECT_EQ(standard.message.headers.get("X-Who"), "a/b");
    EXPECT_EQ(standard.message.headers.get("Authorization"), "Basic " + to_base64("ua/b:p:w"));
    EXPECT_EQ(standard.message.body, R"({"caller_id":"+911","bot_id":"b1","session_id":"s1",)"
                                     R"("variables":{"id":"a/b"}})");
    block.body = wire::raw_json::from_object({{"who", "{{call.id}}"}, {"x", "{{call.x}}"}});
    block.auth = {};
    block.auth.type = "api_key";
    block.auth.header = "X-Key";
    block.auth.value = secret("k\r\nEvil: 1");
    auto const own = prefetch_request(block, names, {"+911", "b1", "s1"});
    EXPECT_EQ(own.message.body, R"({"who":"a/b","x":""})");
    EXPECT_EQ(own.message.headers.get("X-Key"), "kEvil: 1");
    EXPECT_FALSE(own.message.headers.has("Authorization"));
    block.auth = {};
    block.auth.type = "bearer";
    block.auth.token = secret("t");
    EXPECT_EQ(prefetch_request(block, names, {}).message.headers.get("Authorization"), "Bearer t");
    block.method = "GET";
    EXPECT_EQ(prefetch_request(block, names, {}).message.body, "");
}

}  // namespace
}  // namespace cxb::api::test
