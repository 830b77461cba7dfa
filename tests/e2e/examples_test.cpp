// The examples as their readers run them: each language dials out and receives the signed push; the
// calls are taken by the minimal Core.
#include <array>
#include <csignal>
#include <fstream>

#include "cxb/contract/webhook/signature.hpp"
#include "e2e/installation.hpp"
#include "server/common/settings/example_yaml.hpp"

namespace cxb::e2e {
namespace {

namespace webhook = contract::webhook;

std::string example(std::string const& path) {
    return std::string(CXB_SOURCE_DIR) + "/examples/" + path;
}

bool node_is_missing() {
    return test::run_program({"node", "--version"}).exit_code != 0;
}

class Examples : public installation {
  protected:
    // API, minimal Core and a bot that pushes to `crm_url`.
    void start(std::string const& crm_url) {
        core_ = start_program("core",
                              {binary("examples/minimal_core"), "0", (scratch / "outbox").string()},
                              {{"CXB_CORE_SECRET", core_secret}, {"CXB_URL", api_url}});
        core_host const host{nullptr, listening(*core_)};
        ASSERT_FALSE(host.url.empty());
        set_fleet({&host});
        core_url_ = host.url;
        admin("PUT", "/api/v1/bots/" + bot_,
              {{"post_call_push",
                {{"url", crm_url},
                 {"sign", true},
                 {"key_mapper", {{"call_id", "{{result.call_id}}"}}}}}});
    }

    // The URL a program prints in its first line.
    static std::string listening(test::child_process& process) {
        std::string url;
        (void)test::eventually([&] {
            auto const text = process.log_text();
            url = wire::text_at(parsed_object(text.substr(0, text.find('\n'))), "listening");
            return !url.empty() || !process.running();
        });
        return url;
    }

    // API and bot first: receivers need the signing secret.
    void prepare() {
        start_api();
        make_key();
        bot_ = make_bot();
    }

    // Dials with a program and gives the session.
    std::string dial_with(std::vector<std::string> const& arguments) {
        auto const ran =
            test::run_program(arguments, {{"CXB_API_KEY", api_key}, {"CXB_URL", api_url}});
        EXPECT_EQ(ran.exit_code, 0) << ran.errors;
        return std::string(wire::text_at(parsed_object(ran.output), "session_id"));
    }

    void expect_delivered(std::string const& session) {
        ASSERT_FALSE(session.empty());
        EXPECT_TRUE(call_becomes(session, "push_state", {"delivered"}));
    }

    // The status a push forged without the secret gets.
    int forged(std::string const& url) {
        auto const stamp = std::to_string(
            std::chrono::duration_cast<seconds>(real_clock().now().time_since_epoch()).count());
        return http
            .call("POST", url,
                  {{"webhook-id", "msg_01jh000000000000000000000a"},
                   {"webhook-timestamp", stamp},
                   {"webhook-signature", "v1,AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA="}},
                  R"({"call_id":"forged"})")
            .status;
    }

    std::string bot_;
    std::string core_url_;
    std::unique_ptr<test::child_process> core_;
};

TEST_F(Examples, Python) {
    prepare();
    std::ofstream(scratch / "secret") << signing_secret << '\n';
    auto const ready = scratch / "crm.ready";
    auto const receiver = start_program(
        "receiver",
        {"python3", example("python/sample_crm.py"), "--listen", "127.0.0.1:0", "--secret-file",
         (scratch / "secret").string(), "--ready-file", ready.string()},
        {});
    auto const told = receiver->wait_ready(ready);
    ASSERT_TRUE(told);
    std::string const url(wire::text_at(*told, "url"));
    start(url + "/calls");
    expect_delivered(dial_with({"python3", example("python/crm_dialout.py"), "--bot", bot_, "--to",
                                caller_number, "--var", "CUSTOMER=Ravi"}));
    EXPECT_NE(http.call("GET", url + "/calls").text.find("\"verified\": true"), std::string::npos);
    EXPECT_EQ(forged(url + "/calls"), 401);
}

TEST_F(Examples, Node) {
    ASSERT_FALSE(node_is_missing()) << "scripts/setup.sh installs node";
    prepare();
    auto const receiver =
        start_program("receiver", {"node", example("node/webhook_receiver.mjs"), "0"},
                      {{"CXB_WEBHOOK_SECRET", signing_secret}});
    auto const url = listening(*receiver);
    ASSERT_FALSE(url.empty()) << receiver->log_text();
    start(url);
    expect_delivered(
        dial_with({"node", example("node/crm_dialout.mjs"), bot_, caller_number, "CUSTOMER=Ravi"}));
    EXPECT_EQ(forged(url), 401);
}

TEST_F(Examples, Cpp) {
    prepare();
    auto const receiver = start_program("receiver", {binary("examples/webhook_receiver"), "0"},
                                        {{"CXB_WEBHOOK_SECRET", signing_secret}});
    auto const url = listening(*receiver);
    ASSERT_FALSE(url.empty()) << receiver->log_text();
    start(url);
    expect_delivered(
        dial_with({binary("examples/crm_dialout"), bot_, caller_number, "CUSTOMER=Ravi"}));
    EXPECT_EQ(forged(url), 401);
    receiver->signal(SIGTERM);
    EXPECT_EQ(receiver->wait_exit(), 0);
    core_->signal(SIGTERM);
    EXPECT_EQ(core_->wait_exit(), 0) << core_->log_text();
}

TEST_F(Examples, Shell) {
    prepare();
    start(crm.url() + "/calls");
    auto const session =
        dial_with({example("shell/crm_dialout.sh"), bot_, caller_number, R"({"CUSTOMER":"Ravi"})"});
    expect_delivered(session);

    std::string const body = R"({"call_id":"s-1"})";
    wire::header_list headers;
    std::array const secrets{secret(signing_secret)};
    ASSERT_TRUE(webhook::add_headers(headers, secrets, "msg_01jh000000000000000000000a",
                                     real_clock().now(), body));
    std::string head = "POST /calls HTTP/1.1\r\nContent-Length: " + std::to_string(body.size());
    for (auto const& [name, value] : headers.items())
        head += "\r\n" + name + ": " + value;
    environment const settings{{"CXB_WEBHOOK_SECRET", signing_secret},
                               {"CXB_WEBHOOK_LOG", (scratch / "pushes.jsonl").string()}};
    auto const receive = [&](std::string const& sent) {
        return test::run_program({example("shell/webhook_receiver.sh")}, settings,
                                 head + "\r\n\r\n" + sent)
            .output;
    };
    EXPECT_TRUE(receive(body).starts_with("HTTP/1.1 200 "));
    std::string altered = body;
    altered.replace(altered.find("s-1"), 3, "s-2");
    EXPECT_TRUE(receive(altered).starts_with("HTTP/1.1 401 "));
    auto const kept = test::read_file(scratch / "pushes.jsonl");
    EXPECT_NE(kept.find("s-1"), std::string::npos);
    EXPECT_EQ(kept.find("s-2"), std::string::npos);
}

// What a Core author starts from: config, result, health.
TEST_F(Examples, ForCoreAuthors) {
    prepare();
    start(crm.url() + "/calls");
    environment const settings{{"CXB_URL", api_url}, {"CXB_CORE_SECRET", core_secret}};
    auto const config =
        test::run_program({binary("examples/fetch_config"), bot_, caller_number}, settings);
    ASSERT_EQ(config.exit_code, 0) << config.errors;
    std::string const session(wire::text_at(parsed_object(config.output), "session_id"));
    EXPECT_NE(config.output.find("Ravi"), std::string::npos);
    auto const stored = test::run_program({binary("examples/deliver_result"), session}, settings);
    EXPECT_EQ(stored.exit_code, 0) << stored.errors;
    EXPECT_EQ(wire::text_at(call_of(session), "status"), "completed");
    auto const health = test::run_program({binary("examples/read_fleet_health"), core_url_});
    EXPECT_EQ(health.output, "8 of 8 slots free\n") << health.errors;
    EXPECT_EQ(test::run_program({binary("examples/fetch_config"), "nobody"}, settings).exit_code,
              1);
}

// examples/cxb.example.yaml is what the setting table says.
TEST(ExampleYaml, IsCurrent) {
    EXPECT_EQ(test::read_file(example("cxb.example.yaml")), server::example_yaml())
        << "write the function's text into the file";
}

// 10-7: the vector of the contract, and one flipped byte.
TEST(VerifyWebhook, TellsGenuineFromForged) {
    std::string const body = "{}";
    std::string const key = "whsec_AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8=";
    std::array const secrets{secret(key)};
    wire::header_list headers;
    ASSERT_TRUE(webhook::add_headers(headers, secrets, "msg_1", real_clock().now(), body));
    std::vector<std::string> const command{binary("examples/verify_webhook"), "msg_1",
                                           std::string(headers.get(webhook::timestamp_header)),
                                           std::string(headers.get(webhook::signature_header))};
    environment const settings{{"CXB_WEBHOOK_SECRET", key}};
    EXPECT_EQ(test::run_program(command, settings, body).exit_code, 0);
    EXPECT_EQ(test::run_program(command, settings, "[]").exit_code, 1);
}

}  // namespace
}  // namespace cxb::e2e
