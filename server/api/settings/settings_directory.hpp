#pragma once
/// @file
/// System settings that people change while the system runs (spec 20 §4): one document, read as an
/// immutable snapshot, written block by block under `version`.
///
/// A snapshot is swapped before the answer of a change is sent; other processes follow when they
/// are told (app/change_feed), else by polling the version (`refresh`, every 2 s). Invalid
/// stored settings stop the start with their pointers.
/// Thread-safety: reading from any thread; writes serialise by compare-and-swap.

#include <functional>
#include <map>
#include <string>
#include <vector>

#include "cxb/base/clock.hpp"
#include "cxb/base/secret.hpp"
#include "cxb/store/document_store.hpp"
#include "server/api/audit/audit_trail.hpp"
#include "server/common/async/snapshot.hpp"

namespace cxb::api {

/// The parts the code works with, beside the whole document as it is stored.
struct system_settings {
    wire::json_object document;
    std::int64_t version = 0;
    std::vector<std::string> fleet;          ///< `cxbcore_fleet`, in order
    std::string display_timezone = "UTC";    ///< IANA
    std::map<std::string, secret> api_keys;  ///< provider → key
};

class settings_directory {
  public:
    settings_directory(store::document_store& store, audit_trail& audit, clock const& time)
        : store_(store), audit_(audit), time_(time) {}

    /// Reads the document, creating it with defaults. Errors: `invalid` for a bad stored one.
    store::async<void> load();
    /// Reads it again when its version has moved.
    store::async<void> refresh();
    /// Told the version after each change of this process; to be set while nobody writes.
    void on_saved(std::function<void(std::int64_t version)> tell) { on_saved_ = std::move(tell); }
    [[nodiscard]] std::shared_ptr<system_settings const> get() const { return current_.get(); }

    /// Applies `change` to a copy of the stored document and writes it with an audit row
    /// `settings.<block>`; decided anew when somebody else was faster.
    using change_fn = std::function<result<void>(wire::json_object& document)>;
    store::async<void> change(std::string block, change_fn change, audit_actor actor);

  private:
    store::document_store& store_;
    audit_trail& audit_;
    clock const& time_;
    server::snapshot<system_settings> current_;
    std::function<void(std::int64_t version)> on_saved_;
};

/// The document as super admins see it: secrets masked, `core_fleet` beside `cxbcore_fleet`.
[[nodiscard]] wire::json_object shown_settings(system_settings const& settings);

/// `/api-keys`: merges one secret per provider; masks keep what is stored, "" removes.
[[nodiscard]] result<void> merge_api_keys(wire::json_object& document,
                                          wire::json_object const& sent);
/// `/fleet`: replaces the list, given as `cxbcore_fleet` or `core_fleet`.
[[nodiscard]] result<void> merge_fleet(wire::json_object& document, wire::json_object const& sent);
/// `/timezone`.
[[nodiscard]] result<void> merge_timezone(wire::json_object& document,
                                          wire::json_object const& sent);

}  // namespace cxb::api
