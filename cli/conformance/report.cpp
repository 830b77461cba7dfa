#include "cli/conformance/report.hpp"

#include <algorithm>
#include <cstdio>

namespace cxb::cli::conformance {

namespace {

// To a width in code points.
std::string padded(std::string_view text, std::size_t width) {
    std::string out(text);
    auto const shown = std::ranges::count_if(
        text, [](char const c) { return (static_cast<unsigned char>(c) & 0xC0) != 0x80; });
    for (auto at = static_cast<std::size_t>(shown); at < width; ++at)
        out += ' ';
    return out;
}

std::string seconds_text(std::chrono::milliseconds took) {
    char text[32];
    std::snprintf(text, sizeof text, "%.3f", static_cast<double>(took.count()) / 1000);
    return text;
}

std::string status_text(exchange const& one) {
    return one.status == 0 ? "no answer" : std::to_string(one.status);
}

std::string whole_exchange(exchange const& one) {
    std::string out = "        " + one.request + "\n";
    for (auto const& line : one.headers)
        out += "          " + line + "\n";
    if (!one.request_body.empty()) out += "          " + one.request_body + "\n";
    out += "        -> " + status_text(one) + "\n";
    if (!one.answer.empty()) out += "          " + one.answer + "\n";
    return out;
}

std::string xml_text(std::string_view text) {
    std::string out;
    for (char const c : text) {
        switch (c) {
            case '&':
                out += "&amp;";
                break;
            case '<':
                out += "&lt;";
                break;
            case '>':
                out += "&gt;";
                break;
            case '"':
                out += "&quot;";
                break;
            case '\n':
            case '\t':
                out += c;
                break;
            default:
                // XML 1.0 has no other control characters.
                out += static_cast<unsigned char>(c) < 0x20 ? '?' : c;
        }
    }
    return out;
}

std::string all_exchanges(check_result const& one) {
    std::string out;
    for (auto const& said : one.exchanges)
        out += whole_exchange(said);
    return out;
}

}  // namespace

std::size_t run_report::count(verdict judged) const {
    return static_cast<std::size_t>(
        std::ranges::count(results, judged, [](auto const& one) { return one.judged; }));
}

exit_code run_report::code() const {
    return count(verdict::failed) == 0 ? exit_code::done : exit_code::failed;
}

std::string to_table(run_report const& report) {
    std::string out;
    for (auto const& one : report.results) {
        char const* const state = one.judged == verdict::passed   ? "ok"
                                  : one.judged == verdict::failed ? "FAIL"
                                                                  : "skip";
        out += padded(state, 6) + padded(one.about.id, 5) + padded(one.about.rule, 18) +
               std::string(one.about.sentence) + "\n";
        if (!one.reason.empty()) out += "      " + one.reason + "\n";
        for (auto const& note : one.notes)
            out += "      note: " + note + "\n";
        if (one.judged == verdict::failed)
            out += all_exchanges(one);
        else if (!one.exchanges.empty())
            out += "      " + one.exchanges.back().request + " -> " +
                   status_text(one.exchanges.back()) + "\n";
    }
    out += "\n" + report.target + ": " + std::to_string(report.count(verdict::passed)) +
           " passed, " + std::to_string(report.count(verdict::failed)) + " failed, " +
           std::to_string(report.count(verdict::skipped)) + " skipped\n";
    return out;
}

wire::json_object to_json(run_report const& report) {
    wire::json_array checks;
    for (auto const& one : report.results) {
        wire::json_array said;
        for (auto const& each : one.exchanges)
            said.push_back(wire::json_object{
                {"request", each.request},
                {"headers", wire::json_array(each.headers.begin(), each.headers.end())},
                {"body", each.request_body},
                {"status", each.status},
                {"answer", each.answer}});
        checks.push_back(
            wire::json_object{{"id", one.about.id},
                              {"sentence", one.about.sentence},
                              {"rule", one.about.rule},
                              {"state", word_of(one.judged)},
                              {"reason", one.reason},
                              {"notes", wire::json_array(one.notes.begin(), one.notes.end())},
                              {"ms", one.took.count()},
                              {"exchanges", std::move(said)}});
    }
    return {{"kit", report.kit},
            {"target", report.target},
            {"ok", report.code() == exit_code::done},
            {"passed", static_cast<std::int64_t>(report.count(verdict::passed))},
            {"failed", static_cast<std::int64_t>(report.count(verdict::failed))},
            {"skipped", static_cast<std::int64_t>(report.count(verdict::skipped))},
            {"checks", std::move(checks)}};
}

std::string to_junit(run_report const& report) {
    std::chrono::milliseconds total{0};
    for (auto const& one : report.results)
        total += one.took;
    std::string out = "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<testsuite name=\"cxb.";
    out += report.kit + "\" tests=\"" + std::to_string(report.results.size()) + "\" failures=\"" +
           std::to_string(report.count(verdict::failed)) + "\" errors=\"0\" skipped=\"" +
           std::to_string(report.count(verdict::skipped)) + "\" time=\"" + seconds_text(total) +
           "\">\n";
    for (auto const& one : report.results) {
        out += "  <testcase classname=\"cxb." + report.kit + "\" name=\"" +
               xml_text(std::string(one.about.id) + " " + std::string(one.about.sentence) + " (" +
                        std::string(one.about.rule) + ")") +
               "\" time=\"" + seconds_text(one.took) + "\"";
        if (one.judged == verdict::passed) {
            out += "/>\n";
            continue;
        }
        bool const skip = one.judged == verdict::skipped;
        out += skip ? ">\n    <skipped message=\"" : ">\n    <failure message=\"";
        out += xml_text(one.reason) + "\"";
        out += skip ? "/>\n" : ">" + xml_text(all_exchanges(one)) + "</failure>\n";
        out += "  </testcase>\n";
    }
    return out + "</testsuite>\n";
}

}  // namespace cxb::cli::conformance
