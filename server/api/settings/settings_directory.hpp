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
#include "cxb/domain/outbound_guard.hpp"
#include "cxb/store/document_store.hpp"
#include "server/api/audit/audit_trail.hpp"
#include "server/api/settings/settings_blocks.hpp"
#include "server/api/settings/settings_document.hpp"
#include "server/common/async/snapshot.hpp"

namespace cxb::api {

/// What the code works with. A default-made one holds the defaults of all blocks.
struct system_settings {
    wire::json_object document;  ///< all blocks as their tables write them, without `_id`
    std::int64_t version = 0;
    std::vector<std::string> fleet;          ///< `cxbcore_fleet`, in order
    std::string display_timezone = "UTC";    ///< IANA
    std::map<std::string, secret> api_keys;  ///< provider → key
    std::map<std::string, provider_entry, std::less<>> providers;
    minio_block minio;
    agent_assist_block agent_assist;
    knowledge_block knowledge;
    dialler_block dialler;
    voice_defaults_block voice_defaults;
    retention_block retention;
};

class settings_directory {
  public:
    /// `guard` judges URLs that people save.
    settings_directory(store::document_store& store, audit_trail& audit, clock const& time,
                       domain::guard_policy guard = {})
        : store_(store), audit_(audit), time_(time), guard_(std::move(guard)) {}

    /// Reads the document, creating it with defaults. Errors: `invalid` for a bad stored one.
    store::async<void> load();
    /// Reads it again when its version has moved.
    store::async<void> refresh();
    /// Told the version after each change of this process; to be set while nobody writes.
    void on_saved(std::function<void(std::int64_t version)> tell) { on_saved_ = std::move(tell); }
    /// Told the version whenever another one is in place here, whoever saved it; to be set before
    /// the first `load`.
    void on_moved(std::function<void(std::int64_t version)> tell) { on_moved_ = std::move(tell); }
    [[nodiscard]] std::shared_ptr<system_settings const> get() const { return current_.get(); }

    /// Merges `sent` into the block and writes it with an audit row `settings.<block>`; decided
    /// anew when somebody else was faster. The new snapshot is in place when it returns. Errors:
    /// `invalid` with pointers into `sent`; `conflict` when others kept being faster.
    store::async<void> change(settings_block block, wire::json_object sent, audit_actor actor);

  private:
    store::async<audited_write> decide(settings_block block, wire::json_object sent,
                                       std::string who);

    store::document_store& store_;
    audit_trail& audit_;
    clock const& time_;
    domain::guard_policy guard_;
    server::snapshot<system_settings> current_;
    std::function<void(std::int64_t version)> on_saved_;
    std::function<void(std::int64_t version)> on_moved_;
};

/// A stored document as the code works with it. Errors: `invalid`, all faults together.
[[nodiscard]] result<system_settings> read_settings(wire::json_object document);

/// The document as super admins see it: secrets masked, `core_fleet` beside `cxbcore_fleet`.
[[nodiscard]] wire::json_object shown_settings(system_settings const& settings);

}  // namespace cxb::api
