#pragma once
/// @file
/// The uploads a worker owes, on disk, so that a recording reaches its place also after a crash or
/// a restart (spec 80 §8). One file per recording, mode 0600: it holds the upload URL, which is a
/// secret, and with it the result that is posted again when the upload ended.
///
/// | state    | `result` | written                                     | dropped                |
/// |----------|----------|---------------------------------------------|------------------------|
/// | draft    | absent   | when a call begins                          | uploaded, or no record |
/// | owed     | present  | the first tries failed, or the call crashed | correction is durable  |
///
/// Errors: `unavailable` (disk), `not_found`. Thread-safety: one thread at a time; blocks on the
/// disk.

#include <filesystem>
#include <optional>
#include <string>
#include <vector>

#include "cxb/contract/call_results/call_results.hpp"
#include "cxb/contract/runtime_config/runtime_config.hpp"

namespace cxb::inline v1 {
namespace core {

struct upload_order {
    std::string key;                                      ///< of the recording
    contract::runtime_config::recording_storage storage;  ///< of kind upload_url
    std::string results_to;                               ///< where the correction is posted
    std::optional<contract::call_results::call_results> result;
};

class upload_orders {
  public:
    explicit upload_orders(std::filesystem::path folder) : folder_(std::move(folder)) {}

    /// Makes the folder (0700) and removes half-written files.
    [[nodiscard]] result<void> prepare();
    /// Writes or replaces the order of a recording durably.
    [[nodiscard]] result<void> keep(upload_order const& order);
    [[nodiscard]] result<upload_order> find(std::string const& key) const;
    /// All readable orders.
    [[nodiscard]] std::vector<upload_order> list() const;
    void drop(std::string const& key);

  private:
    [[nodiscard]] std::filesystem::path file_of(std::string const& key) const;
    std::filesystem::path folder_;
};

}  // namespace core
}  // namespace cxb::inline v1
