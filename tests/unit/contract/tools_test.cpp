#include "cxb/contract/runtime_config/tools.hpp"

#include "cxb/contract/runtime_config/transfer.hpp"
#include "tests/unit/contract/config_kit.hpp"

namespace {

using namespace cxb;
using namespace cxb_test;

std::string tool_fault(std::string const& members) {
    return refused_at(R"("tools":[{"type":"function",)" + members + "}]");
}
std::string http_fault(std::string const& members) {
    return tool_fault(R"("function":{"name":"t"},"kind":"http","http":{)" + members + '}');
}
std::string target_fault(std::string const& type, std::string const& value) {
    return refused_at(R"("transfer_targets":[{"label":"l","method":"livekit_sip_refer","type":")" +
                      type + R"(","value":")" + value + "\"}]");
}

TEST(Tools, FunctionForm) {
    EXPECT_EQ(tool_fault(R"("function":{"name":"get_premium-1"})"), "");
    EXPECT_EQ(tool_fault(R"("function":{"name":"a b"})"), "/tools/0/function/name");
    EXPECT_EQ(tool_fault(R"("function":{"name":")" + std::string(65, 'a') + "\"}"),
              "/tools/0/function/name");
    EXPECT_EQ(tool_fault(R"("function":{})"), "/tools/0/function/name");
    EXPECT_EQ(tool_fault(R"("function":{"name":"a","parameters":[]})"),
              "/tools/0/function/parameters");
    auto const parameters = [](std::size_t bytes) {
        return R"("function":{"name":"a","parameters":{"d":")" + std::string(bytes - 8, 'x') +
               "\"}}";
    };
    EXPECT_EQ(tool_fault(parameters(limits::item_json)), "");
    EXPECT_EQ(tool_fault(parameters(limits::item_json + 1)), "/tools/0/function/parameters");
    auto const description = [](std::size_t bytes) {
        return R"("function":{"name":"a","description":")" + std::string(bytes, 'x') + "\"}";
    };
    EXPECT_EQ(tool_fault(description(1024)), "");
    EXPECT_EQ(tool_fault(description(1025)), "/tools/0/function/description");
    EXPECT_EQ(refused_at(R"("tools":[{"function":{"name":"a"}}])"), "/tools/0/type");
    EXPECT_EQ(refused_at(R"("tools":[{"type":"x","function":{"name":"a"}}])"), "/tools/0/type");
}

TEST(Tools, HttpRequest) {
    EXPECT_EQ(http_fault(R"("url":"https://a/{{args.x}}")"), "");
    EXPECT_EQ(tool_fault(R"("function":{"name":"t"},"kind":"http")"), "/tools/0/http");
    EXPECT_EQ(http_fault(R"("method":"GET")"), "/tools/0/http/url");
    for (char const* url : {"ftp://a/", "https://", "https:///x", "http://u:p@a/", "{{args.x}}"})
        EXPECT_EQ(http_fault(R"("url":")" + std::string(url) + '"'), "/tools/0/http/url") << url;
    auto const with = [](std::string const& member) {
        return http_fault(R"("url":"https://a/",)" + member);
    };
    for (char const* good :
         {R"("timeout_seconds":1)", R"("timeout_seconds":30)", R"("max_response_bytes":262144)",
          R"("response_pointer":"/a/b")", R"("body":[1,"{{args.x}}"])"})
        EXPECT_EQ(with(good), "") << good;
    EXPECT_EQ(with(R"("timeout_seconds":0.5)"), "/tools/0/http/timeout_seconds");
    EXPECT_EQ(with(R"("timeout_seconds":31)"), "/tools/0/http/timeout_seconds");
    EXPECT_EQ(with(R"("max_response_bytes":262145)"), "/tools/0/http/max_response_bytes");
    EXPECT_EQ(with(R"("response_pointer":"a")"), "/tools/0/http/response_pointer");
}

TEST(Tools, DefaultsOfAnHttpTool) {
    auto const read = read_config(
        R"("tools":[{"type":"function","function":{"name":"t"},"http":{"url":"https://a/"}}])");
    ASSERT_TRUE(read);
    auto const& tool = read->tools.at(0);
    using namespace contract::runtime_config;
    EXPECT_TRUE(tool.kind.is(tool_kind::builtin));
    EXPECT_TRUE(tool.http->method.is(http_method::post));
    EXPECT_EQ(tool.http->timeout_seconds, real_seconds{10});
    EXPECT_EQ(tool.http->max_response_bytes, 32768);
    EXPECT_FALSE(tool.http->sensitive);
}

// Spec 10 §3.5: the value must look like its type; of an unknown type it may be anything.
TEST(TransferTargets, ValuesFitTheirType) {
    constexpr std::pair<char const*, char const*> good[] = {
        {"sip_uri", "sip:a@b"},    {"tel_uri", "tel:+911"},   {"phone_number", "+91112345"},
        {"phone_number", "123"},   {"extension", "*98#_.-a"}, {"agent_queue", "Q-1_a"},
        {"hologram", "any thing"},
    };
    for (auto const& [type, value] : good)
        EXPECT_EQ(target_fault(type, value), "") << type << ' ' << value;
    constexpr std::pair<char const*, char const*> bad[] = {
        {"sip_uri", "a@b"},        {"tel_uri", "+911"},  {"phone_number", "12"},
        {"phone_number", "tel:1"}, {"extension", "a b"}, {"agent_queue", "a.b"},
    };
    for (auto const& [type, value] : bad)
        EXPECT_EQ(target_fault(type, value), "/transfer_targets/0/value") << type << ' ' << value;
    EXPECT_EQ(target_fault("extension", std::string(33, '1')), "/transfer_targets/0/value");
    EXPECT_EQ(target_fault("phone_number", std::string(21, '1')), "/transfer_targets/0/value");
    EXPECT_EQ(refused_at(R"("transfer_targets":[{"label":")" + std::string(81, 'l') +
                         R"(","method":"agent_desk","type":"agent_queue","value":"q"}])"),
              "/transfer_targets/0/label");
}

}  // namespace
