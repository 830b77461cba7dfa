// Our webhook signatures beside the public library of Standard Webhooks.
#include <array>

#include "cxb/base/random.hpp"
#include "cxb/contract/webhook/signature.hpp"
#include "peers/node_peer.hpp"

namespace {

using namespace cxb;
using namespace cxb::contract::webhook;

constexpr std::string_view body =
    R"({"type":"call.completed","timestamp":"2026-01-02T03:04:05.678Z","data":{"n":"é"}})";

time_point present() {
    return std::chrono::floor<milliseconds>(std::chrono::system_clock::now());
}

class StandardWebhooks : public ::testing::Test {
  protected:
    void SetUp() override { CXB_SKIP_IF_MISSING(test::missing_package("standardwebhooks")); }
    secret const current_ = generate_secret(system_random());
    secret const previous_ = generate_secret(system_random());
    std::string const id_ = make_id(present(), system_random());
};

wire::json_object verification(secret const& key, wire::header_list const& headers,
                               std::string_view text) {
    wire::json_object sent;
    for (auto const& [name, value] : headers.items())
        sent[name] = value;
    return {{"kind", "verify"}, {"secret", key.reveal()}, {"headers", sent}, {"body", text}};
}

// 10-7
TEST_F(StandardWebhooks, AcceptsOurSignatures) {
    wire::header_list sent;
    ASSERT_TRUE(add_headers(sent, std::array{current_, previous_}, id_, present(), body));
    wire::header_list old;
    ASSERT_TRUE(
        add_headers(old, std::array{current_}, id_, present() - std::chrono::seconds{310}, body));
    auto const answers = test::ask_node(
        "standard_webhooks.mjs",
        {verification(current_, sent, body), verification(previous_, sent, body),
         verification(generate_secret(system_random()), sent, body),
         verification(current_, sent, std::string(body) + " "), verification(current_, old, body)});
    ASSERT_EQ(answers.size(), 5U);
    EXPECT_TRUE(answers[0].as_object().contains("ok")) << wire::to_text(answers[0]);
    EXPECT_TRUE(answers[1].as_object().contains("ok")) << "while a secret is rotated";
    for (std::size_t i = 2; i < 5; ++i)
        EXPECT_TRUE(answers[i].as_object().contains("error")) << i;
}

// 10-7
TEST_F(StandardWebhooks, SignsWhatWeAccept) {
    auto const timestamp = std::chrono::floor<seconds>(present()).time_since_epoch().count();
    auto const answers =
        test::ask_node("standard_webhooks.mjs", {wire::json_object{{"kind", "sign"},
                                                                   {"secret", current_.reveal()},
                                                                   {"id", id_},
                                                                   {"timestamp", timestamp},
                                                                   {"body", body}}});
    ASSERT_EQ(answers.size(), 1U);
    std::string const signature(answers[0].at("ok").as_string());
    EXPECT_EQ(signature, sign(std::array{current_}, id_, timestamp, body).value());
    wire::header_list const received{{"webhook-id", id_},
                                     {"webhook-timestamp", std::to_string(timestamp)},
                                     {"webhook-signature", signature}};
    EXPECT_TRUE(verify(received, body, std::array{previous_, current_}, present()));
    EXPECT_FALSE(verify(received, body, std::array{previous_}, present()));
}

}  // namespace
