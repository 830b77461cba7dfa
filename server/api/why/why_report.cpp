#include <algorithm>
#include <stdexcept>

#include "server/api/why/why_codes.hpp"

namespace cxb::api {

void why_report::add(std::string_view code, why_facts facts) {
    auto const* const what = find_why_code(kind_, code);
    if (what == nullptr)
        throw std::logic_error(std::string(kind_.name) + " has no code " + std::string(code));
    reasons_.push_back({what, std::move(facts)});
}

wire::json_object why_report::shown_reason(reason const& each) {
    wire::json_object row{{"code", each.what->code}, {"text", each.what->text}};
    if (!each.facts.since.empty()) row["since"] = each.facts.since;
    if (!each.facts.next_at.empty()) row["next_at"] = each.facts.next_at;
    row["evidence"] = each.facts.evidence;
    row["fix"] = each.what->fix;
    return row;
}

wire::json_object why_report::finish(time_point now) const {
    wire::json_array shown;
    for (bool const informs : {false, true})
        for (auto const& each : reasons_)
            if ((each.what->verdict == why_verdict::ok) == informs)
                shown.push_back(shown_reason(each));
    auto const first = std::ranges::find_if(
        reasons_, [](reason const& each) { return each.what->verdict != why_verdict::ok; });
    auto const verdict = first == reasons_.end() ? why_verdict::ok : first->what->verdict;
    return {{"subject", {{"kind", kind_.name}, {"id", id_}}},
            {"verdict", word_of(verdict)},
            {"reasons", std::move(shown)},
            {"checked_at", format_timestamp(now)}};
}

std::string last_digits(std::string_view number) {
    constexpr std::size_t shown = 4;
    std::string digits;
    for (char const c : number)
        if (c >= '0' && c <= '9') digits.push_back(c);
    return digits.size() < shown ? std::string() : "…" + digits.substr(digits.size() - shown);
}

}  // namespace cxb::api
