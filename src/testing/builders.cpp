#include "cxb/testing/builders.hpp"

#include "cxb/base/crypto.hpp"

namespace cxb::inline v1 {
namespace testing {

namespace {

constexpr char const* bot_id = "65f000000000000000000001";

// 2026-01-01T00:00:00Z, where the fake clock begins.
constexpr time_point begin{
    std::chrono::sys_days{std::chrono::year{2026} / std::chrono::January / 1}};

std::string uuid_of(std::string_view text) {
    auto const hex = sha256_hex(text);
    return hex.substr(0, 8) + '-' + hex.substr(8, 4) + "-7" + hex.substr(12, 3) + "-8" +
           hex.substr(15, 3) + '-' + hex.substr(18, 12);
}

contract::call_results::transcript_item turn(contract::call_results::speaker role,
                                             std::string content) {
    contract::call_results::transcript_item out;
    out.role = role;
    out.content = std::move(content);
    return out;
}

}  // namespace

config_builder make_config(std::string session_id) {
    contract::runtime_config::runtime_config out;
    out.session_id = std::move(session_id);
    out.bot_id = bot_id;
    out.bot_name = "Renewals";
    out.webhook_url = "http://control-plane.test/api/v1/call-results";
    out.system_prompt = "You are polite and brief.";
    out.opening_message = "Hello";
    return config_builder(std::move(out));
}

result_builder make_result(std::string session_id) {
    using contract::call_results::speaker;
    contract::call_results::call_results out;
    out.result_id = uuid_of(session_id);
    out.session_id = std::move(session_id);
    out.bot_id = bot_id;
    out.call_start_time = begin;
    out.call_answer_time = begin + std::chrono::seconds{8};
    out.call_end_time = begin + std::chrono::seconds{50};
    out.call_duration_seconds = real_seconds{42};
    out.disconnected_by = contract::call_results::disconnect_word::customer;
    out.transcript.emplace();
    out.transcript->push_back(turn(speaker::assistant, "Hello"));
    out.transcript->push_back(turn(speaker::user, "Hello, who is it?"));
    return result_builder(std::move(out));
}

}  // namespace testing
}  // namespace cxb::inline v1
