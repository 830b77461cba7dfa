#pragma once
/// @file
/// The conformance kit of spec 10 §13: checks as rows, and what came of each.
///
/// A check is a row of a table: id, sentence, rule, needs and a function over a kit (`api_kit`,
/// `core_kit`). The function gives success, `fails(why)`, or `skips(why)` when the implementation
/// at hand cannot be judged by it (a route of a later stage, an optional member). All else (which
/// checks run, progress, reports, exit code) is the same for both kits.

#include <chrono>
#include <functional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "cli/conformance/http_peer.hpp"
#include "cxb/base/result.hpp"

namespace cxb::cli::conformance {

using outcome = result<void>;

/// The implementation breaks the rule.
[[nodiscard]] error fails(std::string why);
/// It cannot be judged here, and why.
[[nodiscard]] error skips(std::string why);

/// What a check cannot do without; a kit says what of it is missing.
///
/// | need    | api                                         | core                                |
/// |---------|---------------------------------------------|-------------------------------------|
/// | admin   | an admin's token                            | –                                   |
/// | bot     | a bot to fetch the config of                | –                                   |
/// | fleet   | leave to list the kit as the only host      | –                                   |
/// | livekit | LiveKit key and secret of the installation  | –                                   |
/// | rooms   | –                                           | calls can be placed by `/attach`    |
/// | calls   | –                                           | the same, or over `/ws`             |
/// | process | –                                           | the kit has started the Core itself |
enum class need : unsigned {
    none = 0,
    admin = 1,
    bot = 2,
    fleet = 4,
    livekit = 8,
    rooms = 16,
    process = 32,
    calls = 64
};
[[nodiscard]] constexpr need operator|(need a, need b) noexcept {
    return static_cast<need>(static_cast<unsigned>(a) | static_cast<unsigned>(b));
}
[[nodiscard]] constexpr bool has(need all, need one) noexcept {
    return (static_cast<unsigned>(all) & static_cast<unsigned>(one)) != 0;
}

struct check {
    std::string_view id;        ///< `A01`, `C01`
    std::string_view sentence;  ///< what a conforming implementation does
    std::string_view rule;      ///< chapter and section, `10 §4.5`
    need needs = need::none;
};

template <class Kit>
struct check_of {
    check about;
    outcome (*run)(Kit&);
};

enum class verdict { passed, failed, skipped };
[[nodiscard]] std::string_view word_of(verdict judged) noexcept;

struct check_result {
    check about;
    verdict judged = verdict::passed;
    std::string reason;              ///< of a failure or a skip
    std::vector<std::string> notes;  ///< parts that could not be judged in a check that passed
    std::vector<exchange> exchanges;
    std::chrono::milliseconds took{0};
};

/// `only` empty = all. Ids that are no row's: usage error.
struct selection {
    std::vector<std::string> only;
    std::vector<std::string> skip;
};

/// What the runner asks of a kit.
struct kit_port {
    std::function<std::string(need)> missing;  ///< "" or why that one need is not met
    std::function<std::vector<exchange>()> take_exchanges;
    std::function<std::vector<std::string>()> take_notes;
};

struct bound_check {
    check about;
    std::function<outcome()> run;
};

/// Runs the selected rows in order. `progress` is told the id and sentence before each.
[[nodiscard]] result<std::vector<check_result>> run_checks(
    std::vector<bound_check> const& rows, selection const& wanted, kit_port const& kit,
    std::function<void(check const&)> const& progress);

template <class Kit>
[[nodiscard]] std::vector<bound_check> bind_checks(std::span<check_of<Kit> const> rows, Kit& kit) {
    std::vector<bound_check> out;
    for (auto const& row : rows)
        out.push_back({row.about, [&kit, run = row.run] { return run(kit); }});
    return out;
}

/// `A01,A02` and repeated options as one list.
[[nodiscard]] std::vector<std::string> split_ids(std::vector<std::string> const& given);

}  // namespace cxb::cli::conformance
