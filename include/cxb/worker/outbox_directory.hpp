#pragma once
/// @file
/// The result outbox on disk (spec 10 §11.4): one folder per worker, one file per undelivered
/// message, and a journal file per running call (§11.2).
///
/// ```
/// <root>/<worker_id>/lock                                   held by flock while a worker lives
///                    tmp/                                   half-written files, emptied at start
///                    new/<created_ms, 13 digits>-<id>.entry waiting for delivery, oldest first
///                    dead/<name>.entry + <name>.entry.reason.json
///                    calls/<call_id>.json                   calls that run now
/// ```
/// An entry is one line of JSON, `\n`, then the exact body. Folders are 0700, files 0600. No secret
/// is in a file.
///
/// Guarantee: a `put` or `put_journal` that returned a value survives power loss; one that was cut
/// before its rename leaves nothing behind. All calls block on the disk.
///
/// Thread-safety: calls about different names may run at once; two objects (processes) never own
/// one folder.

#include <chrono>
#include <cstdint>
#include <filesystem>
#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "cxb/base/clock.hpp"
#include "cxb/base/result.hpp"
#include "cxb/wire/json.hpp"
#include "cxb/worker/outbox_schedule.hpp"

CXB_EXPORT_BEGIN
namespace cxb::inline v1 {
namespace worker {

/// Line 1 of an entry.
struct outbox_header {
    outbox_class kind = outbox_class::result;
    std::string id;  ///< `[A-Za-z0-9._:-]{1,128}`; the result_id of a result
    std::string session_id;
    std::string url;  ///< where it is posted to
    time_point created_at;
    time_point expires_at;
    std::uint64_t length = 0;  ///< bytes of the body
    std::string sha256;        ///< of the body, 64 hex digits
};

struct outbox_entry {
    std::string name;  ///< file name in `new`; sorts by age
    outbox_header header;
};

/// Why an entry died: the content of its `.reason.json`.
struct outbox_death {
    std::string reason;  ///< refused, gave_up, expired, corrupt
    int status = 0;      ///< last HTTP status, 0 none
    std::string detail;
    std::vector<std::string> errors;
    time_point at;
};

struct dead_entry {
    std::string name;
    std::optional<outbox_header> header;  ///< absent when unreadable
    outbox_death death;
};

/// What is known of a running call; enough to post a result for it after a crash.
struct call_journal {
    std::string call_id;
    std::string session_id;           ///< "" until the config is there
    std::string campaign_session_id;  ///< `_campaign_session_id` of the ingress, else ""
    std::string bot_id;
    std::string results_url;  ///< results_url(config_url)
    std::string webhook_url;  ///< "" until the config is there
    time_point started_at;
    wire::json_object more;  ///< anything else the owner wants back (recording key, direction)
};

/// The disk operations of a durable write, in order; a gate sees each before it happens.
enum class disk_step { create, write, sync_file, rename, sync_directory };

/// Test hook: an error stops the write right there, as a power cut or a full disk would.
using disk_gate = std::function<result<void>(disk_step)>;

class outbox_directory {
  public:
    struct options {
        std::chrono::milliseconds lock_wait{10000};  ///< how long another owner is waited for
        disk_gate gate;
        bool keep_partial = false;  ///< tests: a stopped write leaves its file, as power loss does
    };

    /// Creates the folders, takes the lock and empties `tmp`. Errors: `conflict` (reason
    /// `outbox_locked`) when another live process holds it for `lock_wait`, `unavailable` for the
    /// disk.
    [[nodiscard]] static result<outbox_directory> open(std::filesystem::path folder,
                                                       options settings);
    outbox_directory(outbox_directory&& other) noexcept;
    outbox_directory& operator=(outbox_directory&& other) noexcept;
    ~outbox_directory();

    [[nodiscard]] std::filesystem::path const& folder() const noexcept { return folder_; }

    /// Writes an entry durably; `length` and `sha256` of `header` are filled in. Gives its name.
    /// Errors: `invalid` (id), `unavailable` (disk).
    [[nodiscard]] result<outbox_entry> put(outbox_header header, std::string_view body);

    /// Names in `new`, oldest first.
    [[nodiscard]] std::vector<std::string> names() const;
    /// Header of an entry, after checking length and digest of its body. Errors: `not_found`,
    /// `corrupt_data`, `unavailable`.
    [[nodiscard]] result<outbox_entry> load(std::string const& name) const;
    /// The exact body; errors as `load`.
    [[nodiscard]] result<std::string> body(std::string const& name) const;
    /// Unlinks a delivered entry. An absent one is fine.
    [[nodiscard]] result<void> remove(std::string const& name);
    /// Moves an entry to `dead` with its reason.
    [[nodiscard]] result<void> bury(std::string const& name, outbox_death const& death);

    /// Writes 64 KiB durably and takes them away again.
    [[nodiscard]] result<void> try_disk();

    /// Writes (or replaces) the journal file of a call durably.
    [[nodiscard]] result<void> put_journal(call_journal const& journal);
    [[nodiscard]] result<void> remove_journal(std::string const& call_id);
    /// All readable journals.
    [[nodiscard]] std::vector<call_journal> journals() const;
    /// Names of those that tell of no call. A file that cannot be read now is not among them.
    [[nodiscard]] std::vector<std::string> corrupt_journals() const;
    /// Moves a damaged journal to `dead`, as `<name>.entry` with its reason.
    [[nodiscard]] result<void> bury_journal(std::string const& name, outbox_death const& death);

    /// Takes over what lies in `new` of a folder whose owner is gone, and gives its journals,
    /// which are moved here too. Nothing (empty) when its lock is held.
    [[nodiscard]] result<std::vector<call_journal>> adopt(std::filesystem::path const& sibling);

    /// Does any entry, waiting or dead, belong to that session?
    [[nodiscard]] bool has_session(std::string_view session_id) const;

  private:
    outbox_directory(std::filesystem::path folder, options settings, int lock);
    result<void> move_to_dead(std::filesystem::path const& from, std::string const& name,
                              outbox_death const& death);
    result<void> write_durably(std::string const& tmp_name, std::filesystem::path const& target,
                               std::string_view head, std::string_view body);

    std::filesystem::path folder_;
    options settings_;
    int lock_ = -1;
};

/// Dead entries of a worker's folder, oldest first; works beside a running worker.
[[nodiscard]] std::vector<dead_entry> list_dead(std::filesystem::path const& folder);

/// Puts a dead entry back with a fresh lifetime; the worker finds it within 60 s. Errors:
/// `not_found`, `corrupt_data` (it cannot be sent), `unavailable`.
[[nodiscard]] result<void> retry_dead(std::filesystem::path const& folder, std::string const& name,
                                      time_point now);

/// Deletes a dead entry and its reason. Errors: `not_found`, `unavailable`.
[[nodiscard]] result<void> drop_dead(std::filesystem::path const& folder, std::string const& name);

/// Deletes dead entries older than 30 days. Gives how many.
std::size_t purge_dead(std::filesystem::path const& folder, time_point now);

}  // namespace worker
}  // namespace cxb::inline v1
CXB_EXPORT_END
