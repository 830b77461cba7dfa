#pragma once
/// @file
/// Looks for what must not stand in logs. A run of tests leaves `<folder>/<test>/`: the logs of its
/// processes (`*.log`) and `needles.txt`, the secrets, numbers and sentences it used, one on each
/// line. Every log is then searched for the needles of all tests, and for what has the form of a
/// secret: bearer tokens, API keys, signing secrets, upload tokens, full phone numbers.

#include <filesystem>
#include <set>
#include <string>
#include <string_view>
#include <vector>

namespace cxb::test {

using needle_set = std::set<std::string, std::less<>>;

inline constexpr char const* needles_file = "needles.txt";
/// Shorter texts, and shorter numbers, would be found by chance.
inline constexpr std::size_t shortest_needle = 4;
inline constexpr std::size_t shortest_number = 7;

struct log_leak {
    std::filesystem::path log;
    std::size_t line = 0;  ///< from 1
    std::string found;     ///< the needle, or the name of the form
};

struct log_search {
    std::size_t logs = 0;
    std::size_t lines = 0;
    std::size_t needles = 0;
    std::vector<log_leak> leaks;

    /// Logs were read, needles were known, nothing was found.
    [[nodiscard]] bool clean() const noexcept {
        return logs > 0 && lines > 0 && needles > 0 && leaks.empty();
    }
};

/// What a line tells that it must not; "" when nothing. A name in angle brackets is a form.
[[nodiscard]] std::string leak_in(std::string_view line, needle_set const& needles);

/// Searches all `*.log` below the folder for the needles of all `needles.txt` below it.
[[nodiscard]] log_search search_logs(std::filesystem::path const& folder);

/// Writes `needles.txt`. Line breaks divide a needle; parts that are too short are left out.
void write_needles(std::filesystem::path const& folder, needle_set const& needles);

/// Collects what must stay secret from an answer of the API: members that hold secrets, the words
/// of transcripts, the tokens of links.
void collect_needles(std::string_view json, needle_set& to);

}  // namespace cxb::test
