#pragma once
/// @file
/// The memory behind `Idempotency-Key` on call starts (spec 10 §7): the last 1,000 keys with a
/// digest of their body and the first answer, until the process ends.
///
/// | look-up                      | outcome                                                   |
/// |------------------------------|-----------------------------------------------------------|
/// | unknown key                  | `fresh`: the caller goes on, then `keep`s or `forget`s    |
/// | known, same body, answered   | the first answer                                          |
/// | known, same body, running    | error `conflict`, reason `idempotency_in_progress`        |
/// | known, other body            | error `invalid`, reason `idempotency_key_reused`          |
///
/// Thread-safety: one thread at a time.

#include <deque>
#include <map>
#include <optional>
#include <string>

#include "cxb/wire/http_message.hpp"

CXB_EXPORT_BEGIN
namespace cxb::inline v1 {
namespace worker {

class call_start_memory {
  public:
    explicit call_start_memory(std::size_t most = 1000) : most_(most) {}

    /// Empty value: the key is fresh (or "") and now counts as running.
    [[nodiscard]] result<std::optional<wire::http_response>> look_up(std::string const& key,
                                                                     std::string_view body);
    /// Remembers the answer of a running key.
    void keep(std::string const& key, wire::http_response const& answer);
    /// The start had no effect: the key may be used again.
    void forget(std::string const& key);

  private:
    struct entry {
        std::string digest;
        std::optional<wire::http_response> answer;
    };
    std::size_t most_;
    std::map<std::string, entry> entries_;
    std::deque<std::string> order_;
};

}  // namespace worker
}  // namespace cxb::inline v1
CXB_EXPORT_END
