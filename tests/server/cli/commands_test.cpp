#include "cli/commands/commands.hpp"

#include <algorithm>
#include <set>

#include "tests/server/cli/cli_fixture.hpp"
#include "tests/server/cli/command_cases.hpp"

namespace {
using namespace cxb;
using cxb_test::remote_case;
using cxb_test::sent_access;

constexpr std::chrono::hours too_long{1};  // longer than a client waits before it repeats

std::string command_name(cli::command const& row) {
    return std::string(row.noun) + (row.verb.empty() ? "" : " ") + std::string(row.verb);
}

struct Commands : cxb_test::CliFixture {
    void SetUp() override {
        CliFixture::SetUp();
        environment["CXB_URL"] = "http://api:9";
        environment["CXB_API_KEY"] = "vx_1";
        environment["CXB_CORE_SECRET"] = "s3cret";
        pauses_left = 0;
    }

    int use(remote_case const& one, std::vector<std::string> before = {}) {
        before.insert(before.end(), one.words.begin(), one.words.end());
        in.clear();
        in.str(one.input);
        return run(std::move(before));
    }
};

struct RemoteCommand : Commands, ::testing::WithParamInterface<remote_case> {};

TEST_P(RemoteCommand, SendsOneRequestWithItsAccess) {
    auto const& one = GetParam();
    net.reply(200, one.answer);
    ASSERT_EQ(use(one), 0) << err.str();
    ASSERT_EQ(net.calls().size(), 1U);
    EXPECT_EQ(last().message.method, one.method);
    EXPECT_EQ(last().url, "http://api:9" + one.target);
    EXPECT_EQ(last().message.body, one.body);
    auto const& headers = last().message.headers;
    for (auto const& [name, value] : one.headers.items())
        EXPECT_EQ(headers.get(name), value) << name;
    EXPECT_EQ(headers.get("X-API-Key"), one.access == sent_access::key ? "vx_1" : "");
    EXPECT_EQ(headers.get("X-CXB-Core-Secret"),
              one.access == sent_access::core_secret ? "s3cret" : "");
    EXPECT_FALSE(headers.has("Authorization"));
}

TEST_P(RemoteCommand, ShowsPeopleATextAndProgramsOneDocument) {
    auto const& one = GetParam();
    net.reply(200, one.answer).reply(200, one.answer);
    ASSERT_EQ(use(one), 0) << err.str();
    EXPECT_EQ(out.str(), one.text);
    EXPECT_EQ(err.str(), "");
    // What login keeps would change what the second use says.
    std::filesystem::remove_all(home / "cxb");
    ASSERT_EQ(use(one, {"--json"}), 0) << err.str();
    EXPECT_EQ(out.str(), one.document + "\n");
    EXPECT_EQ(err.str(), "");
}

TEST_P(RemoteCommand, TellsEveryRefusalByItsExitCode) {
    auto const& one = GetParam();
    constexpr std::pair<int, int> rows[] = {{401, 3}, {403, 3}, {404, 4},
                                            {409, 1}, {422, 1}, {504, 5}};
    for (auto const& [status, code] : rows) {
        // A dialout that waits repeats what could not be reached; not after such a Retry-After.
        net.reply(status, R"({"detail":"No","request_id":"r7"})", {{"Retry-After", "3600"}});
        EXPECT_EQ(use(one), code) << status;
        EXPECT_EQ(out.str(), "") << status;
        EXPECT_EQ(err.str().find("cxb: No\n"), 0U) << err.str();
        EXPECT_NE(err.str().find("request r7\n"), std::string::npos) << err.str();
    }
    EXPECT_EQ(net.remaining(), 0U);
}

TEST_P(RemoteCommand, TellsWhereItReachedNobody) {
    auto const& one = GetParam();
    auto const failure = [] {
        return error{errc::unavailable, "refused"}
            .with_request_sent(sent_state::no)
            .with_retry_after(too_long);
    };
    net.fail(failure()).fail(failure());
    EXPECT_EQ(use(one), 5);
    EXPECT_EQ(out.str(), "");
    EXPECT_NE(err.str().find("http://api:9"), std::string::npos) << err.str();
    EXPECT_EQ(use(one, {"--json"}), 5);
    EXPECT_EQ(out.str(), "");
    auto const told = wire::parse_json(err.str());
    ASSERT_TRUE(told && told->is_object()) << err.str();
    EXPECT_EQ(wire::text_at(told->get_object(), "error"), "refused");
}

TEST_P(RemoteCommand, RefusesWrongUseBeforeItSends) {
    EXPECT_EQ(run(GetParam().wrong), 2);
    EXPECT_EQ(out.str(), "");
    EXPECT_NE(err.str(), "");
    EXPECT_TRUE(net.calls().empty());
}

std::string test_name(::testing::TestParamInfo<remote_case> const& info) {
    std::string name = info.param.command;
    std::replace_if(name.begin(), name.end(), [](char c) { return c == ' ' || c == '-'; }, '_');
    return name + '_' + std::to_string(info.index);
}

INSTANTIATE_TEST_SUITE_P(All, RemoteCommand, ::testing::ValuesIn(cxb_test::remote_cases()),
                         &test_name);

TEST_F(Commands, OthersRefuseWrongUseToo) {
    for (auto const& one : cxb_test::other_cases()) {
        EXPECT_EQ(run(one.wrong), 2) << one.command;
        EXPECT_EQ(out.str(), "") << one.command;
        EXPECT_NE(err.str(), "") << one.command;
    }
    EXPECT_TRUE(net.calls().empty());
}

TEST_F(Commands, EachHasACaseHere) {
    std::set<std::string> here;
    for (auto const& one : cxb_test::remote_cases())
        here.insert(one.command);
    for (auto const& one : cxb_test::other_cases())
        here.insert(one.command);
    std::set<std::string> there;
    for (auto const* row : cli::all_commands())
        there.insert(command_name(*row));
    EXPECT_EQ(here, there);
}

TEST_F(Commands, AnAnswerOfAnotherServiceIsAFailure) {
    for (auto const& one : cxb_test::remote_cases()) {
        if (one.command == "logout") continue;  // reads no answer
        net.reply(200, "<html>welcome</html>");
        EXPECT_EQ(use(one), 1) << one.command;
        EXPECT_NE(err.str().find("http://api:9"), std::string::npos) << err.str();
    }
}

TEST_F(Commands, AdviceFollowsTheAccessThatWasUsed) {
    auto const told = [this](std::string_view text) {
        return err.str().find(text) != std::string::npos;
    };
    net.reply(401, R"({"detail":"Not authenticated"})");
    EXPECT_EQ(run({"bots", "list"}), 3);
    EXPECT_TRUE(told("cxb login --email")) << err.str();
    net.reply(403, R"({"detail":"Admin only"})");
    EXPECT_EQ(run({"bots", "list"}), 3);
    EXPECT_TRUE(told("Your role or key does not allow this")) << err.str();
    net.reply(403, R"({"detail":"Invalid core secret"})");
    EXPECT_EQ(run({"config", "fetch", "b1"}), 3);
    EXPECT_TRUE(told("Set CXB_CORE_SECRET")) << err.str();
}

TEST_F(Commands, RefusedMembersAreNamed) {
    std::string const refusal =
        R"({"detail":"Invalid bot","errors":[{"pointer":"/name","reason":"is required"}]})";
    net.reply(422, refusal).reply(422, refusal);
    in.str("{}");
    EXPECT_EQ(run({"bots", "create", "-"}), 1);
    EXPECT_NE(err.str().find("  /name: is required\n"), std::string::npos) << err.str();
    in.clear();
    in.str("{}");
    EXPECT_EQ(run({"--json", "bots", "create", "-"}), 1);
    EXPECT_NE(err.str().find(R"("errors":[{"pointer":"/name","reason":"is required"}])"),
              std::string::npos)
        << err.str();
    EXPECT_NE(err.str().find(R"("status":422)"), std::string::npos) << err.str();
}

TEST_F(Commands, ADocumentThatIsNotAnObjectIsNotSent) {
    for (char const* text : {"", "{", "[]", "7"}) {
        in.clear();
        in.str(text);
        EXPECT_EQ(run({"bots", "update", "b1", "-"}), 2) << text;
    }
    EXPECT_TRUE(net.calls().empty());
}

TEST_F(Commands, AKeyThatDoesNotWorkIsAFailureWithItsReason) {
    net.reply(200, R"({"ok":false,"latency_ms":31,"error":"status_401"})");
    EXPECT_EQ(run({"settings", "test", "openai"}), 1);
    EXPECT_EQ(out.str(), "openai does not work: status_401, after 31 ms\n");
    net.reply(200, R"({"ok":false,"latency_ms":0,"error":"key_missing"})");
    EXPECT_EQ(run({"--json", "settings", "test", "openai"}), 1);
    EXPECT_EQ(out.str(), "{\"ok\":false,\"latency_ms\":0,\"error\":\"key_missing\"}\n");
}

// Anyone on the machine reads command lines.
TEST_F(Commands, SettingsTakeNoSecretOnTheCommandLine) {
    EXPECT_EQ(run({"settings", "set", "api-keys", R"({"openai":"sk-1"})"}), 2);
    EXPECT_EQ(run({"settings", "set", "api-keys", "openai=sk-1"}), 2);
    EXPECT_TRUE(net.calls().empty());
}

TEST_F(Commands, AWebhookTestThatFailsSaysSo) {
    net.reply(200, R"({"status":503,"ms":12})");
    EXPECT_EQ(run({"webhooks", "test", "w1"}), 1);
    EXPECT_EQ(out.str(), "Answered 503 after 12 ms\n");
    net.reply(200, R"({"status":0,"ms":3,"error":"blocked"})");
    EXPECT_EQ(run({"webhooks", "test", "w1"}), 1);
    EXPECT_EQ(out.str(), "Not reached: blocked after 3 ms\n");
}

TEST_F(Commands, DefaultsAreLeftToTheApi) {
    net.reply(200, R"({"config":{}})");
    EXPECT_EQ(run({"config", "preview", "b1"}), 0);
    EXPECT_EQ(last().message.body, R"({"connected_event":{},"skip_prefetch":true})");
    EXPECT_NE(out.str().find("Unresolved: -\nOpen: -\n"), std::string::npos) << out.str();
    in.str("{}");
    net.reply(200, R"({"id":"b1"})");
    EXPECT_EQ(run({"bots", "update", "b1", "-"}), 0);
    EXPECT_FALSE(last().message.headers.has("If-Match"));
    net.reply(200, R"({"workers":[],"total_capacity":0,"active_calls":0,"available":0})");
    EXPECT_EQ(run({"fleet", "show"}), 0);
    EXPECT_EQ(out.str(),
              "Capacity 0, running 0, free 0\n"
              "No hosts. Add some: cxb fleet set http://core-1:8001\n");
}

}  // namespace
