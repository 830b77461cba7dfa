#include "benchmarks/support/result_body.hpp"

#include <array>
#include <cstdint>
#include <stdexcept>
#include <string_view>

namespace cxb::bench {
namespace {

// Fixed arithmetic instead of <random>: its distributions differ between libraries.
class dice {
  public:
    std::uint32_t below(std::uint32_t bound) {
        state_ = state_ * 6364136223846793005ULL + 1442695040888963407ULL;
        return static_cast<std::uint32_t>(state_ >> 33U) % bound;
    }

  private:
    std::uint64_t state_ = 20260102;
};

constexpr std::array sentences = {
    std::string_view{"Namaste Ravi ji, main Asha bol rahi hoon Acme Finance se."},
    std::string_view{"Your premium of 4200 rupees was due on the fifth of this month."},
    std::string_view{"haan boliye, I am listening"},
    std::string_view{"\xE0\xA4\xB9\xE0\xA4\xBE\xE0\xA4\x81 \xE0\xA4\xAC\xE0\xA5\x8B\xE0\xA4\xB2"
                     "\xE0\xA4\xBF\xE0\xA4\x8F"},
    std::string_view{"Could you tell me the policy number once again, slowly please?"},
    std::string_view{"It is P dash seven seven four one, in the name of my father."},
    std::string_view{"I said \\\"tomorrow\\\", not today; the salary comes on the first."},
    std::string_view{"You will get a link by SMS, and the cover stays in force for thirty days."},
    std::string_view{"Wait a moment.\\nMy brother is calling on the other line."},
    std::string_view{"Is there anything else that I can help you with today?"},
};

std::string number(std::uint32_t whole, std::uint32_t tenths) {
    return std::to_string(whole) + '.' + std::to_string(tenths % 10);
}

/// The four lists that grow with each turn.
struct lists {
    std::string transcript;
    std::string events;
    std::string latencies;
    std::string usage;
    [[nodiscard]] std::size_t size() const {
        return transcript.size() + events.size() + latencies.size() + usage.size();
    }
};

void add_row(std::string& list, std::string_view row) {
    if (!list.empty()) list += ',';
    list += row;
}

std::string said(dice& random) {
    std::string text;
    for (auto left = 1 + random.below(3); left > 0; --left) {
        if (!text.empty()) text += ' ';
        text += sentences[random.below(sentences.size())];
    }
    return text;
}

void add_tool_call(lists& out, dice& random, std::string const& at, std::string const& turn) {
    auto const id = std::to_string(random.below(90000) + 10000);
    add_row(out.events, R"({"type":"tool_call","at_seconds":)" + at + R"(,"turn":)" + turn +
                            R"(,"name":"get_premium","data":{"call_id":"c)" + id +
                            R"(","arguments":{"policy":"P-7741","as_of":"2026-01-02"}}})");
    add_row(out.events, R"({"type":"custom_tool_result","at_seconds":)" + at + R"(,"turn":)" +
                            turn +
                            R"(,"name":"get_premium","status":"ok","duration_ms":640,)"
                            R"("data":{"call_id":"c)" +
                            id + R"(","http_status":200,"result":{"due":4200,"late_fee":1.5}}})");
}

void add_turn(lists& out, dice& random, std::uint32_t index) {
    auto const turn = std::to_string(index);
    auto const begin = index * 6;
    auto const at = number(begin, random.below(10));
    bool const caller = index % 2 == 1;
    add_row(out.transcript, std::string(R"({"role":")") + (caller ? "user" : "assistant") +
                                R"(","content":")" + said(random) + R"(","start_seconds":)" + at +
                                R"(,"end_seconds":)" + number(begin + 4, random.below(10)) +
                                R"(,"turn":)" + turn +
                                (caller ? R"(,"language":"hi","confidence":0.93})" : "}"));
    if (index % 5 == 3) add_tool_call(out, random, at, turn);
    if (!caller) return;
    auto const ms = std::to_string(300 + random.below(400));
    add_row(out.latencies, R"({"turn":)" + turn + R"(,"at_seconds":)" + at +
                               R"(,"stt_ms":180.5,"llm_ms":)" + ms +
                               R"(,"tts_ms":310,"total_ms":)" + ms +
                               R"(.5,"prompt_tokens":1800,"completion_tokens":42})");
    add_row(out.usage, R"({"kind":"llm","provider":"openai","model":"gpt-4.1-mini","turn":)" +
                           turn + R"(,"prompt_tokens":1)" + ms +
                           R"(,"completion_tokens":42,"cache_read_input_tokens":1536})");
}

std::string assemble(lists const& all, std::string_view summary) {
    std::string out = R"({"session_id":")";
    out.append(session_marker).append(R"(","result_id":")").append(result_marker);
    out.append(R"(","result_seq":1,"bot_id":")").append(bot_marker);
    out.append(R"(","worker_id":"fleet-a/3","core_version":"1.0.0","stream_id":"st-)")
        .append(session_marker);
    out += R"(","caller_id":"+919876543210","from_number":"+911140000001",)"
           R"("call_direction":"outbound","call_start_time":"2026-01-02T03:04:05.000Z",)"
           R"("call_answer_time":"2026-01-02T03:04:17.250Z",)"
           R"("call_end_time":"2026-01-02T03:15:49.750Z","call_duration_seconds":692.5,)"
           R"("disconnected_by":"customer","has_customer_message":true,"transcript":[)";
    out.append(all.transcript).append(R"(],"events":[)").append(all.events);
    out.append(R"(],"intents":[{"name":"will_pay","confidence":0.88,"turn":4}],)");
    out.append(R"("recording_key":"2026/01/02/)").append(session_marker);
    out.append(R"(.wav","recording_status":"uploaded","post_call_analysis":{)");
    out.append(R"("DISPOSITION":"PTP","SUB_DISPOSITION":"TODAY","callback_requested":false,)");
    out.append(R"("SUMMARY":")").append(summary);
    out += R"("},"qc_analysis":{"overall_score":8,"empathy_score":7.5},"analysis_status":"done",)"
           R"("latency":{"turns":2,"llm_avg_ttfb_ms":410.5,"total_avg_response_ms":1050.0},)"
           R"("latency_samples":[)";
    out.append(all.latencies).append(R"(],"usage_metrics":[)").append(all.usage);
    if (!all.usage.empty()) out += ',';
    out += R"({"kind":"stt","audio_seconds":692.5},{"kind":"post_call","prompt_tokens":5200,)"
           R"("completion_tokens":310,"cache_read_input_tokens":4096,"cache_status":"hit"}],)"
           R"("pipeline_config":{"transport":"attach","config_version":"9f2c41d07be35a18",)"
           R"("llm":{"provider":"openai","model":"gpt-4.1-mini"}},"was_transferred":false})";
    return out;
}

}  // namespace

std::string make_result_body(std::size_t bytes) {
    constexpr std::size_t longest_turn = 1200;  // bytes one more turn may take
    dice random;
    lists all;
    auto const frame = assemble(all, "").size() + 1;
    if (bytes < frame + longest_turn) throw std::invalid_argument("result body too small");
    for (std::uint32_t turn = 0; frame + all.size() + longest_turn < bytes; ++turn)
        add_turn(all, random, turn);
    auto const used = assemble(all, "").size();
    std::string summary;
    while (summary.size() < bytes - used)
        summary += "The customer promised to pay online. ";
    summary.resize(bytes - used);
    return assemble(all, summary);
}

std::string make_prompt_text(std::size_t bytes) {
    std::string text;
    for (std::size_t i = 0; text.size() < bytes; ++i) {
        auto const sentence = sentences[i % sentences.size()];
        if (sentence.find('\\') != std::string_view::npos) continue;
        text.append(sentence).append(i % 7 == 6 ? "\n" : " ");
    }
    while (text.size() > bytes || (static_cast<unsigned char>(text.back()) & 0x80U) != 0)
        text.pop_back();
    return text.append(bytes - text.size(), '.');
}

}  // namespace cxb::bench
