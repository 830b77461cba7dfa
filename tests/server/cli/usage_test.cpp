// What `cxb` says to a command line it cannot read, to answers of who is no cxb-api, and when its
// own output has no reader.
#include <fstream>

#include "tests/server/cli/cli_fixture.hpp"

namespace {
using namespace cxb;

struct Usage : cxb_test::CliFixture {
    bool told(std::string const& text) const { return err.str().find(text) != std::string::npos; }
    void answers(int status, std::string const& body) {
        net.otherwise([=](auto const&) {
            wire::http_response answer;
            answer.status = status;
            answer.body = body;
            return cxb::testing::scripted_transport::answer(answer);
        });
    }
};

// Words of a shell line; quotes keep blanks together.
std::vector<std::string> words_of(std::string_view line) {
    std::vector<std::string> out;
    std::string word;
    bool any = false;
    char quote = 0;
    for (char const c : line) {
        if (quote != 0 && c == quote) {
            quote = 0;
        } else if (quote == 0 && (c == '\'' || c == '"')) {
            quote = c;
            any = true;
        } else if (quote == 0 && c == ' ') {
            if (any) out.push_back(std::exchange(word, {}));
            any = false;
        } else {
            word += c;
            any = true;
        }
    }
    if (any) out.push_back(word);
    return out;
}

// Of `echo … | cxb …`, `source <(cxb …)` and `cxb … > FILE` what `cxb` gets.
std::vector<std::string> arguments_of(std::string_view example) {
    auto line = example.substr(example.find("cxb ") + 4);
    line = line.substr(0, line.find_first_of(">)"));
    return words_of(line);
}

TEST_F(Usage, ExamplesAreAcceptedAsTheyStand) {
    answers(404, R"({"detail":"Not there"})");
    environment["CXB_OUTBOX_DIR"] = home.string();
    for (auto const* row : cli::all_commands()) {
        std::string const example(row->example);
        for (unsigned char const c : example)
            EXPECT_LT(c, 0x80) << example << ": cannot be typed";
        // These begin processes or open ports of their own.
        if (row->noun == "conformance") continue;
        auto const arguments = arguments_of(example);
        auto named = std::find(arguments.begin(), arguments.end(), row->noun);
        ASSERT_NE(named, arguments.end()) << example;
        if (!row->verb.empty()) {
            EXPECT_EQ(*(named + 1), row->verb) << example;
        }
        run(arguments);
        EXPECT_FALSE(told("See: cxb")) << example << '\n' << err.str();
    }
}

TEST_F(Usage, NamesTheWordAtFaultAndWhatWasMeant) {
    struct {
        std::vector<std::string> words;
        std::string said, see;
    } const rows[] = {
        {{"bogus"}, "'bogus' is no command of cxb\n", "See: cxb --help"},
        {{"bot", "list"}, "did you mean bots?", "See: cxb --help"},
        {{"calls", "lst"},
         "'lst' is no command of cxb calls; did you mean list?",
         "See: cxb calls --help"},
        {{"bots", "test"}, "did you mean test-call?", "See: cxb bots --help"},
        {{"bots", "list", "--limt", "3"},
         "'--limt' is no option of cxb bots list; did you mean "
         "--limit?",
         "See: cxb bots list --help"},
        {{"--jsn", "bots", "list"}, "did you mean --json?", "See: cxb bots list --help"},
        {{"bots", "show"}, "BOT is required", "See: cxb bots show --help"},
        {{"bots", "show", "a", "b"}, "'b' is one word too many", "See: cxb bots show --help"},
    };
    for (auto const& row : rows) {
        EXPECT_EQ(run(row.words), 2);
        EXPECT_TRUE(told(row.said)) << row.said << '\n' << err.str();
        EXPECT_TRUE(told(row.see)) << row.see << '\n' << err.str();
        EXPECT_EQ(out.str(), "");
    }
    EXPECT_EQ(run({"--json", "calls", "lst"}), 2);
    auto const problem = wire::parse_json(err.str());
    ASSERT_TRUE(problem.has_value()) << err.str();
    EXPECT_EQ(wire::text_at(problem->as_object(), "code"), "usage");
    EXPECT_EQ(wire::text_at(problem->as_object(), "advice"), "See: cxb calls --help");
    EXPECT_TRUE(net.calls().empty());
}

TEST_F(Usage, HalfACommandShowsWhatMayFollow) {
    EXPECT_EQ(run({}), 2);
    EXPECT_TRUE(told("doctor")) << err.str();
    EXPECT_EQ(run({"calls"}), 2);
    EXPECT_TRUE(told("Usage: cxb calls [OPTIONS] SUBCOMMAND")) << err.str();
    EXPECT_TRUE(told("trace")) << err.str();
    EXPECT_TRUE(told("cxb calls wants a command"));
    EXPECT_EQ(run({"help"}), 0);
    EXPECT_NE(out.str().find("doctor"), std::string::npos);
    EXPECT_EQ(run({"help", "calls", "trace"}), 0);
    EXPECT_NE(out.str().find("Example: cxb calls trace"), std::string::npos) << out.str();
    EXPECT_EQ(out.str().find("/docs"), std::string::npos) << out.str();
    EXPECT_EQ(run({"help", "carriers", "create"}), 0);
    EXPECT_NE(out.str().find("/docs of cxb-api"), std::string::npos) << out.str();
}

TEST_F(Usage, AnAddressThatIsNoneIsWrongUsage) {
    for (auto const* bad : {"nonsense", "ftp://x", "http://", "cxb.example.com:8080"}) {
        EXPECT_EQ(run({"--url", bad, "bots", "list"}), 2) << bad;
        EXPECT_TRUE(told(bad)) << err.str();
        EXPECT_TRUE(told("CXB_URL")) << err.str();
    }
    EXPECT_TRUE(net.calls().empty());
    EXPECT_EQ(run({"--url", "nonsense", "version"}), 0);
}

TEST_F(Usage, RefusalsWithoutWordsAreExplained) {
    struct {
        int status, code;
        std::string said;
    } const rows[] = {
        {400, 1, "https://"},       {301, 1, "sends elsewhere"}, {413, 1, "body of this"},
        {404, 1, "CX Bridge API?"}, {403, 3, "A proxy"},         {502, 5, "/ready"},
        {503, 5, "/ready"},         {504, 5, "/ready"},          {500, 1, "CX Bridge API?"}};
    for (auto const& row : rows) {
        answers(row.status, "<html>nginx</html>");
        EXPECT_EQ(run({"bots", "show", "b"}), row.code) << row.status;
        EXPECT_TRUE(told("http://127.0.0.1:8080 answered " + std::to_string(row.status)))
            << err.str();
        EXPECT_TRUE(told(row.said)) << row.said << '\n' << err.str();
    }
}

TEST_F(Usage, AnswersThatAreNoneAreFailures) {
    for (auto const* body : {"", "7", "null", "{}", R"({"items":"x"})"}) {
        answers(200, body);
        EXPECT_EQ(run({"bots", "list"}), 1) << body;
        EXPECT_EQ(out.str(), "") << body;
        EXPECT_TRUE(told("CX Bridge API?")) << err.str();
    }
    for (auto const* body : {"", "{}", "[]"}) {
        answers(200, body);
        EXPECT_EQ(run({"dialout", "b", "+919876543210"}), 1) << body;
        EXPECT_EQ(out.str(), "") << body;
    }
    answers(200, "<html><body>welcome</body></html>");
    EXPECT_EQ(run({"events", "tail"}), 1);
    EXPECT_TRUE(told("no stream of events")) << err.str();
    answers(200, "");
    EXPECT_EQ(run({"events", "tail", "--retries", "1"}), 5);
    EXPECT_TRUE(told("ends the stream again and again")) << err.str();
}

TEST_F(Usage, ALoginThatIsRefusedIsNotToldToLogIn) {
    net.reply(401, R"({"detail":"Invalid email or password"})");
    EXPECT_EQ(run({"login", "--email", "a@b.c"}), 3);
    EXPECT_TRUE(told("reset-password")) << err.str();
    EXPECT_FALSE(told("cxb login")) << err.str();
}

TEST_F(Usage, AdviceGoesByHowOneSignedIn) {
    environment["CXB_API_KEY"] = "vx_1";
    answers(401, R"({"detail":"Not authenticated"})");
    EXPECT_EQ(run({"bots", "list"}), 3);
    EXPECT_TRUE(told("The API key in CXB_API_KEY")) << err.str();
    environment.erase("CXB_API_KEY");
    EXPECT_EQ(run({"bots", "list"}), 3);
    EXPECT_TRUE(told("Sign in: cxb login")) << err.str();
}

TEST_F(Usage, OneFaultIsToldOnceAndWhatDoesNotPassIsNotPutOff) {
    answers(422, R"({"detail":"/to_number: too short","errors":[{"pointer":"/to_number",)"
                 R"("reason":"too short"}]})");
    EXPECT_EQ(run({"dialout", "b", "1"}), 1);
    EXPECT_EQ(err.str(), "cxb: /to_number: too short\n");
    answers(422, R"x({"detail":"/a: x (and 1 more)","errors":[{"pointer":"/a","reason":"x"},)x"
                 R"({"pointer":"/b","reason":"y"}]})");
    EXPECT_EQ(run({"dialout", "b", "1"}), 1);
    EXPECT_EQ(err.str(), "cxb: /a: x (and 1 more)\n  /a: x\n  /b: y\n");
    answers(503, R"({"detail":"LiveKit not configured"})");
    EXPECT_EQ(run({"dialout", "b", "1"}), 5);
    EXPECT_EQ(err.str(), "cxb: LiveKit not configured\n");
}

TEST_F(Usage, ACertificateThatIsNotTrustedNamesTheSetting) {
    net.fail(error{errc::upstream_failed, "TLS connection failed"}.with_reason("tls"));
    EXPECT_EQ(run({"bots", "list"}), 1);
    EXPECT_TRUE(told("CXB_HTTP_CA_FILE")) << err.str();
}

TEST_F(Usage, TheCoreSecretMayStandInAFile) {
    answers(200, R"({"session_id":"s"})");
    std::ofstream(home / "secret") << "from-the-file\n";
    environment["CXB_CORE_SECRET_FILE"] = home / "secret";
    EXPECT_EQ(run({"config", "fetch", "b"}), 0);
    EXPECT_EQ(last().message.headers.get("X-CXB-Core-Secret"), "from-the-file");
    environment["CXB_CORE_SECRET"] = "typed";
    EXPECT_EQ(run({"config", "fetch", "b"}), 0);
    EXPECT_EQ(last().message.headers.get("X-CXB-Core-Secret"), "typed");
    environment.erase("CXB_CORE_SECRET");
    environment["CXB_CORE_SECRET_FILE"] = home / "nothing";
    EXPECT_EQ(run({"config", "fetch", "b"}), 2);
    EXPECT_TRUE(told("nothing")) << err.str();
}

TEST_F(Usage, OutputThatCannotBeWrittenIsAFailure) {
    answers(200, R"({"items":[]})");
    out.setstate(std::ios::badbit);
    EXPECT_EQ(run({"bots", "list"}), 1);
    EXPECT_TRUE(told("Cannot write to standard output")) << err.str();
    EXPECT_EQ(run({"--json", "version"}), 1);
}

TEST_F(Usage, WhoWaitsOutlivesARestartOfTheServer) {
    // So that the client does not repeat by itself.
    auto const away =
        error{errc::unavailable, "Connection failed"}.with_retry_after(std::chrono::hours{1});
    auto const stopping = error{errc::unavailable, "Stopping"}.with_status(503).with_retry_after(
        std::chrono::hours{1});
    net.reply(200, R"({"status":"accepted","call_id":"c","session_id":"s"})")
        .reply(200, R"({"status":"active"})")
        .fail(away)
        .fail(stopping)
        .reply(200, R"({"status":"completed","push_state":"delivered"})");
    EXPECT_EQ(run({"--json", "dialout", "b", "+919876543210", "--wait"}), 0) << err.str();
    EXPECT_EQ(wire::text_at(document().as_object(), "call.status"), "completed");
    net.reply(200, R"({"items":[]})")
        .fail(away)
        .reply(200, R"({"items":[{"session_id":"new","status":"active"}]})");
    pauses_left = 2;
    EXPECT_EQ(run({"--json", "calls", "tail"}), 0) << err.str();
    EXPECT_EQ(out.str(), "{\"session_id\":\"new\",\"status\":\"active\"}\n");
    net.fail(away);
    EXPECT_EQ(run({"calls", "tail"}), 5);
}

}  // namespace
