#pragma once
/// @file
/// When to send which piece of the bot's audio, so that the far side always has enough and never
/// much more. Pure; times are on the steady clock. Private to src/worker.

#include <algorithm>
#include <chrono>
#include <optional>
#include <string>
#include <string_view>

#include "cxb/version.hpp"

namespace cxb::inline v1 {
namespace worker {

class media_pace {
  public:
    using moment = std::chrono::nanoseconds;

    /// Pieces of `piece_bytes` that last `piece`, each sent `lead` before it is needed.
    media_pace(std::size_t piece_bytes, moment piece, moment lead, std::size_t most_waiting)
        : piece_bytes_(piece_bytes), piece_(piece), lead_(lead), most_(most_waiting) {}

    /// False when some of it was dropped: too much waits.
    bool push(std::string_view pcm) {
        auto const room = most_ - std::min(most_, waiting_.size());
        waiting_.append(pcm.substr(0, room));
        return pcm.size() <= room;
    }
    /// True when audio waited or the far side may still be playing some.
    bool clear(moment now) {
        bool const any = !waiting_.empty() || dry_at_ > now;
        waiting_.clear();
        dry_at_ = now;
        return any;
    }
    /// When the next piece is to be sent; empty: nothing waits. A piece that is not whole waits for
    /// more as long as it can.
    [[nodiscard]] std::optional<moment> next() const {
        if (waiting_.empty()) return std::nullopt;
        return dry_at_ - (waiting_.size() < piece_bytes_ ? lead_ / 2 : lead_);
    }
    /// The piece that is due, filled up with silence.
    [[nodiscard]] std::optional<std::string> take(moment now) {
        auto const at = next();
        if (!at || *at > now) return std::nullopt;
        auto out = waiting_.substr(0, piece_bytes_);
        waiting_.erase(0, out.size());
        out.resize(piece_bytes_, '\0');
        dry_at_ = std::max(dry_at_, now) + piece_;
        return out;
    }

  private:
    std::size_t piece_bytes_;
    moment piece_;
    moment lead_;
    std::size_t most_;
    std::string waiting_;
    moment dry_at_ = moment::min() / 2;  ///< when the far side has played all that was sent
};

}  // namespace worker
}  // namespace cxb::inline v1
