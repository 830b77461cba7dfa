// The kit without a peer: which checks run, what becomes of their words, how it is printed.
#include <gtest/gtest.h>

#include <set>

#include "cli/conformance/api_checks.hpp"
#include "cli/conformance/core_checks.hpp"
#include "cli/conformance/corpus.hpp"
#include "cli/conformance/kit_host.hpp"
#include "cli/conformance/peer_process.hpp"
#include "cli/conformance/report.hpp"
#include "cxb/testing/scripted_transport.hpp"
#include "support/child_process.hpp"
#include "support/scratch_folder.hpp"

namespace cxb_test {
namespace {

namespace kit = cxb::cli::conformance;
using kit::verdict;

struct KitRun : ::testing::Test {
    kit::outcome passes() {
        said.push_back({"GET http://x/a", {"X-CXBCore-Secret: ***"}, "", 200, "fine"});
        notes.emplace_back("half of it");
        return {};
    }
    std::vector<kit::bound_check> rows{
        {{"T01", "passes", "10 §1", kit::need::none}, [this] { return passes(); }},
        {{"T02", "fails <&>", "10 §2", kit::need::none},
         [this] {
             said.push_back({"POST http://x/b", {}, "{}", 0, "refused"});
             return kit::outcome(kit::fails("expected 200, got \"500\""));
         }},
        {{"T03", "skips", "10 §3", kit::need::none},
         [] { return kit::outcome(kit::skips("not served")); }},
        {{"T04", "needs an admin", "10 §4", kit::need::bot | kit::need::admin},
         [this] { return passes(); }}};
    std::vector<kit::exchange> said;
    std::vector<std::string> notes;
    std::vector<std::string> progress;

    cxb::result<std::vector<kit::check_result>> run(kit::selection const& wanted) {
        kit::kit_port const port{
            [](kit::need one) { return std::string(one == kit::need::admin ? "no admin" : ""); },
            [this] { return std::exchange(said, {}); },
            [this] { return std::exchange(notes, {}); }};
        return kit::run_checks(rows, wanted, port,
                               [this](kit::check const& one) { progress.emplace_back(one.id); });
    }
    kit::run_report report(kit::selection const& wanted = {}) {
        return {"api", "http://x", *run(wanted)};
    }
};

TEST_F(KitRun, EachCheckHasItsVerdict) {
    auto const all = report();
    ASSERT_EQ(all.results.size(), 4U);
    EXPECT_EQ(all.results[0].judged, verdict::passed);
    EXPECT_EQ(all.results[0].notes, std::vector<std::string>{"half of it"});
    EXPECT_EQ(all.results[1].judged, verdict::failed);
    EXPECT_EQ(all.results[1].exchanges.size(), 1U);
    EXPECT_EQ(all.results[2].reason, "not served");
    EXPECT_EQ(all.results[3].judged, verdict::skipped);
    EXPECT_EQ(all.results[3].reason, "no admin");
    EXPECT_EQ(all.code(), cxb::cli::exit_code::failed);
}

TEST_F(KitRun, SelectionByIdInAnyCase) {
    auto const some = report({kit::split_ids({"t01, T03", "T04"}), {"T03"}});
    ASSERT_EQ(some.results.size(), 3U);
    EXPECT_EQ(some.results[1].reason, "left out by --skip");
    EXPECT_EQ(progress, (std::vector<std::string>{"T01", "T04"}));
    EXPECT_EQ(some.code(), cxb::cli::exit_code::done);
    for (kit::selection const& wrong : {kit::selection{{"T99"}, {}}, kit::selection{{}, {"T99"}}}) {
        auto const refused = run(wrong);
        ASSERT_FALSE(refused);
        EXPECT_EQ(refused.error().reason(), "usage");
    }
}

TEST_F(KitRun, TheTableShowsFailuresWhole) {
    EXPECT_EQ(kit::to_table(report()),
              "ok    T01  10 §1             passes\n"
              "      note: half of it\n"
              "      GET http://x/a -> 200\n"
              "FAIL  T02  10 §2             fails <&>\n"
              "      expected 200, got \"500\"\n"
              "        POST http://x/b\n"
              "          {}\n"
              "        -> no answer\n"
              "          refused\n"
              "skip  T03  10 §3             skips\n"
              "      not served\n"
              "skip  T04  10 §4             needs an admin\n"
              "      no admin\n"
              "\nhttp://x: 1 passed, 1 failed, 2 skipped\n");
}

TEST_F(KitRun, JsonAndJUnitSayTheSame) {
    auto const all = report();
    auto const document = kit::to_json(all);
    EXPECT_EQ(cxb::wire::int_at(document, "passed"), 1);
    EXPECT_FALSE(cxb::wire::bool_at(document, "ok", true));
    auto const& second = document.at("checks").as_array().at(1).as_object();
    EXPECT_EQ(cxb::wire::text_at(second, "state"), "failed");
    EXPECT_EQ(cxb::wire::text_at(second.at("exchanges").as_array().at(0).as_object(), "answer"),
              "refused");
    auto const xml = kit::to_junit(all);
    EXPECT_NE(xml.find("<testsuite name=\"cxb.api\" tests=\"4\" failures=\"1\" errors=\"0\" "
                       "skipped=\"2\""),
              std::string::npos)
        << xml;
    EXPECT_NE(xml.find("name=\"T02 fails &lt;&amp;&gt; (10 §2)\""), std::string::npos) << xml;
    EXPECT_NE(xml.find("<failure message=\"expected 200, got &quot;500&quot;\">"),
              std::string::npos);
    EXPECT_NE(xml.find("<skipped message=\"not served\"/>"), std::string::npos);
}

template <class Kit>
std::set<std::string> ids_of(std::span<kit::check_of<Kit> const> rows) {
    std::set<std::string> out;
    for (auto const& row : rows) {
        EXPECT_FALSE(row.about.sentence.empty()) << row.about.id;
        EXPECT_TRUE(row.about.rule.starts_with("10 §")) << row.about.id;
        EXPECT_NE(row.run, nullptr) << row.about.id;
        out.emplace(row.about.id);
    }
    EXPECT_EQ(out.size(), rows.size());
    return out;
}

TEST(KitTables, EveryCheckOfTheSpecHasItsRow) {
    auto const api = ids_of(kit::api_checks());
    EXPECT_EQ(api.size(), 30U);
    EXPECT_TRUE(api.contains("A01") && api.contains("A30"));
    auto const core = ids_of(kit::core_checks());
    EXPECT_EQ(core.size(), 34U);
    EXPECT_TRUE(core.contains("C01") && core.contains("C34"));
    EXPECT_GE(kit::corpus_results().size(), 9U);
    for (auto const& [name, text] : kit::corpus_results())
        EXPECT_TRUE(cxb::wire::parse_json(text)) << name;
}

TEST(KitPeer, KeepsWhatWasSaidWithoutSecrets) {
    cxb::testing::scripted_transport net;
    net.reply(200, R"({"access_token":"t0p","items":[{"api_key":"k3y","max_tokens":5}]})");
    net.fail(cxb::error{cxb::errc::unavailable, "Connection refused"});
    kit::http_peer peer(net);
    kit::ask what;
    what.method = "POST";
    what.url = "http://x/login";
    what.headers.set("Authorization", "Bearer t0p");
    what.body = R"({"password":"s3same"})";
    EXPECT_EQ(peer.send(what).text_at("access_token"), "t0p");
    auto const none = peer.send(what);
    EXPECT_EQ(none.status, 0);
    EXPECT_EQ(none.summary(), "no answer: Connection refused");
    auto const kept = peer.take_exchanges();
    ASSERT_EQ(kept.size(), 2U);
    EXPECT_EQ(kept[0].headers.front(), "Authorization: ***");
    EXPECT_EQ(kept[0].request_body, R"({"password":"***"})");
    EXPECT_EQ(kept[0].answer,
              R"({"access_token":"***","items":[{"api_key":"***","max_tokens":5}]})");
    EXPECT_EQ(kept[1].answer, "Connection refused");
    EXPECT_TRUE(peer.take_exchanges().empty());
    EXPECT_EQ(net.calls().front().request.message.headers.get("Content-Type"), "application/json");
}

TEST(KitPeer, WaitsWhereItIsToldWhenToGoOn) {
    cxb::testing::scripted_transport net;
    net.reply(429, "{}", {{"Retry-After", "0"}}).reply(200, "{}");
    net.reply(429, R"({"error":"At capacity"})");
    kit::http_peer peer(net);
    EXPECT_EQ(peer.send({}).status, 200);
    EXPECT_EQ(peer.send({}).status, 429);
}

TEST(KitPeer, AsksAllAtOnce) {
    cxb::testing::scripted_transport net;
    net.otherwise([](cxb::client::outgoing_request const& request) {
        cxb::wire::http_response out;
        out.body = request.url;
        return cxb::testing::scripted_transport::answer(out);
    });
    kit::http_peer peer(net);
    std::vector<kit::ask> all(3);
    for (std::size_t i = 0; i < all.size(); ++i)
        all[i].url = "u" + std::to_string(i);
    auto const got = peer.send_all(std::move(all));
    ASSERT_EQ(got.size(), 3U);
    for (std::size_t i = 0; i < got.size(); ++i)
        EXPECT_EQ(got[i].text, "u" + std::to_string(i));
}

TEST(KitHost, AddressesToListenOn) {
    EXPECT_EQ(kit::listen_address::parse("").value().port, 0);
    auto const given = kit::listen_address::parse("0.0.0.0:8090").value();
    EXPECT_EQ(given.host, "0.0.0.0");
    EXPECT_EQ(given.port, 8090);
    for (auto const* const wrong : {"host", ":80", "host:", "host:x", "host:99999"})
        EXPECT_FALSE(kit::listen_address::parse(wrong)) << wrong;
}

TEST(KitProcess, IsStartedKilledAndToldItsEnvironment) {
    scratch_folder const folder;
    auto const log = folder.path() / "log";
    kit::peer_process one("sh -c 'echo $CXB_SAID; exec sleep 600'", {{"CXB_SAID", "hello"}}, log);
    ASSERT_TRUE(one.start());
    EXPECT_TRUE(cxb::test::eventually([&] { return cxb::test::read_file(log) == "hello\n"; }));
    EXPECT_FALSE(one.exit_code());
    one.terminate();
    EXPECT_TRUE(cxb::test::eventually([&] { return one.exit_code().has_value(); }));
    EXPECT_EQ(one.exit_code(), 128 + 15);
    ASSERT_TRUE(one.start());
    EXPECT_FALSE(one.exit_code());
    one.kill();
    EXPECT_EQ(one.exit_code(), 128 + 9);
}

// As a supervisor does whose workers outlive it: they have process groups of their own.
TEST(KitProcess, KillsChildrenInGroupsOfTheirOwn) {
    scratch_folder const folder;
    auto const log = folder.path() / "log";
    kit::peer_process one("bash -c 'set -m; sleep 600 & echo $!; wait'", {}, log);
    ASSERT_TRUE(one.start());
    std::string child;
    ASSERT_TRUE(cxb::test::eventually([&] {
        child = cxb::test::read_file(log);
        return child.ends_with('\n');
    }));
    one.kill();
    auto const stat = cxb::test::read_file("/proc/" + std::to_string(std::stoi(child)) + "/stat");
    EXPECT_TRUE(stat.empty() || stat.find(") Z ") != std::string::npos) << stat;
}

}  // namespace
}  // namespace cxb_test
