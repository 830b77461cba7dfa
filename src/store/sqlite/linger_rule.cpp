#include "src/store/sqlite/linger_rule.hpp"

#include <algorithm>

namespace cxb::inline v1 {
namespace store::sqlite {

namespace {
constexpr int smoothing = 4;         // one commit counts a fourth
constexpr int part_of_a_commit = 2;  // a wait is at most half of one
constexpr unsigned longest_rest = 64;
}  // namespace

void linger_rule::committed(std::size_t writes, std::chrono::nanoseconds took, std::size_t queued,
                            moment now) {
    commit_ = commit_.count() == 0 ? took : commit_ + (took - commit_) / smoothing;
    expected_ = writes + queued;
    last_end_ = now;
}

std::optional<linger_rule::wait> linger_rule::ask(std::size_t queued, std::size_t most,
                                                  moment now) {
    auto const enough = std::min(expected_, most);
    expected_ = 0;  // a commit allows one wait
    if (queued >= enough || commit_ < limits_.least_commit) return std::nullopt;
    if (rest_ > 0) {
        --rest_;
        return std::nullopt;
    }
    auto const until = last_end_ + std::min(limits_.longest, commit_ / part_of_a_commit);
    if (now >= until) return std::nullopt;
    return wait{enough, until};
}

void linger_rule::waited(std::size_t before, std::size_t after, std::chrono::nanoseconds took) {
    auto const brought = static_cast<std::int64_t>(after - std::min(before, after));
    auto const had = static_cast<std::int64_t>(std::max<std::size_t>(before, 1));
    if (brought * commit_.count() > had * took.count()) {
        next_rest_ = 1;
        return;
    }
    rest_ = next_rest_;
    next_rest_ = std::min(next_rest_ * 2, longest_rest);
}

}  // namespace store::sqlite
}  // namespace cxb::inline v1
