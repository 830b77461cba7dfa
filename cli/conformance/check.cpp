#include "cli/conformance/check.hpp"

#include <algorithm>

#include "cli/app/exit_code.hpp"
#include "cxb/base/encoding.hpp"

namespace cxb::cli::conformance {

namespace {

constexpr std::string_view skip_word = "skipped";
constexpr need all_needs[] = {need::admin, need::bot,     need::fleet, need::livekit,
                              need::rooms, need::process, need::calls};

check_result run_one(bound_check const& row, kit_port const& kit) {
    check_result out;
    out.about = row.about;
    for (auto const one : all_needs) {
        if (!has(row.about.needs, one)) continue;
        out.reason = kit.missing(one);
        if (out.reason.empty()) continue;
        out.judged = verdict::skipped;
        return out;
    }
    auto const began = std::chrono::steady_clock::now();
    auto const done = row.run();
    out.took = std::chrono::duration_cast<std::chrono::milliseconds>(
        std::chrono::steady_clock::now() - began);
    out.exchanges = kit.take_exchanges();
    out.notes = kit.take_notes();
    if (done) return out;
    error const why = done.error();
    out.judged = why.reason() == skip_word ? verdict::skipped : verdict::failed;
    out.reason = why.detail();
    return out;
}

}  // namespace

error fails(std::string why) {
    return error{errc::precondition_failed, std::move(why)};
}

error skips(std::string why) {
    return error{errc::precondition_failed, std::move(why)}.with_reason(std::string(skip_word));
}

std::string_view word_of(verdict judged) noexcept {
    switch (judged) {
        case verdict::passed:
            return "passed";
        case verdict::failed:
            return "failed";
        case verdict::skipped:
            break;
    }
    return skip_word;
}

std::vector<std::string> split_ids(std::vector<std::string> const& given) {
    std::vector<std::string> out;
    for (auto const& text : given) {
        std::size_t from = 0;
        while (from <= text.size()) {
            auto const end = std::min(text.find(',', from), text.size());
            std::string one(trim(std::string_view(text).substr(from, end - from)));
            if (!one.empty()) out.push_back(std::move(one));
            from = end + 1;
        }
    }
    return out;
}

result<std::vector<check_result>> run_checks(std::vector<bound_check> const& rows,
                                             selection const& wanted, kit_port const& kit,
                                             std::function<void(check const&)> const& progress) {
    auto const named = [](std::vector<std::string> const& ids, std::string_view id) {
        return std::ranges::any_of(ids, [id](auto const& one) { return iequals(one, id); });
    };
    for (auto const* ids : {&wanted.only, &wanted.skip})
        for (auto const& id : *ids)
            if (std::ranges::none_of(rows,
                                     [&](auto const& row) { return iequals(row.about.id, id); }))
                return usage_error("There is no check '" + id + "'");
    std::vector<check_result> out;
    for (auto const& row : rows) {
        if (!wanted.only.empty() && !named(wanted.only, row.about.id)) continue;
        if (named(wanted.skip, row.about.id)) {
            check_result left;
            left.about = row.about;
            left.judged = verdict::skipped;
            left.reason = "left out by --skip";
            out.push_back(std::move(left));
            continue;
        }
        progress(row.about);
        out.push_back(run_one(row, kit));
    }
    return out;
}

}  // namespace cxb::cli::conformance
