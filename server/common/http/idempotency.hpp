#pragma once
/// @file
/// `Idempotency-Key`: a request with effects is carried out at most once (spec 20 §3.2).
///
/// A row `sha256(method|path|actor|key)` is inserted before any effect. A repeat meets it:
/// | row                                   | answer                                          |
/// |---------------------------------------|-------------------------------------------------|
/// | other body                            | 422 `idempotency_key_reused`                    |
/// | finished                              | kept status and body, `Idempotent-Replayed`     |
/// | in flight                             | 409 `idempotency_in_flight`                     |
/// | in flight for over 120 s, or unknown  | 409 `outcome_unknown`; never carried out again  |
///
/// At the end 2xx and 4xx (but 429) are kept for 24 h. 429 and failures without effect remove the
/// row, so the key may be used again. `deadline_exceeded`, `internal`, `corrupt_data`, `cancelled`,
/// an error with `request_sent` maybe, an exception and the reason `outcome_unknown` leave the
/// effect open: the row stays as unknown.
///
/// The store fails: 503, nothing is carried out; it fails at the end: the answer goes out, a repeat
/// gets `outcome_unknown`. Thread-safety: usable from all event loops.

#include <boost/asio/awaitable.hpp>
#include <chrono>
#include <functional>
#include <optional>
#include <string>

#include "cxb/base/clock.hpp"
#include "cxb/store/document_store.hpp"
#include "cxb/wire/http_message.hpp"

namespace cxb::server {

/// Declaration of the collection; `ensure` it at start.
extern store::collection const idempotency_keys;

class idempotency_keeper {
  public:
    static constexpr std::size_t max_key = 255;
    static constexpr std::chrono::seconds in_flight_limit{120};
    static constexpr std::chrono::hours kept_for{24};
    using answer = result<wire::http_response>;
    using work = std::function<boost::asio::awaitable<answer>()>;

    idempotency_keeper(store::document_store& rows, clock const& time) : rows_(rows), time_(time) {}

    /// What makes two requests the same one.
    struct subject {
        std::string method;
        std::string path;
        std::string actor;
        std::string key;
        std::string body_hash;   ///< hex SHA-256 of the exact bytes
        std::string request_id;  ///< stands in a kept problem body
    };

    /// Runs `effect`, or answers from the row. Errors: `invalid` for a key over 255 bytes or
    /// another body, `conflict` as above, those of the store and of `effect`.
    [[nodiscard]] boost::asio::awaitable<answer> once(subject what, work effect);

    /// What the clean-up removes.
    [[nodiscard]] static store::filter expired(time_point now);

  private:
    [[nodiscard]] boost::asio::awaitable<result<std::optional<wire::http_response>>> claim(
        std::string id, std::string body_hash);
    [[nodiscard]] boost::asio::awaitable<void> settle(std::string id, answer const* outcome,
                                                      std::string request_id);

    store::document_store& rows_;
    clock const& time_;
};

}  // namespace cxb::server
