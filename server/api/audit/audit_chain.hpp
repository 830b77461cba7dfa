#pragma once
/// @file
/// The chain of audit rows (spec 20 §3.3): each row carries the hash of the one before it, so a row
/// that was changed, removed or moved afterwards is noticed.
///
/// `hash` = SHA-256 hex of `prev_hash + "\n" +` the RFC 8785 form of the row as it is shown,
/// without `hash`: all members but the store's `_id`. So whoever holds an export can check it.
///
/// Row `audit_head` of `system_runtime`, changed in the transaction of the rows it speaks of:
/// | member     | absent means | meaning                                                         |
/// |------------|--------------|-----------------------------------------------------------------|
/// | seq        | 0            | newest row                                                      |
/// | sealed_seq | 0            | newest row that carries a hash; less than `seq`: a process that |
/// |            |              | knows no hashes has written, `sealed_head` makes good for it    |
/// | hash       | 64 zeros     | that row's hash                                                 |
/// | kept_from  | 1            | oldest row; those before it were removed by the retention       |
/// | kept_hash  | 64 zeros     | hash of the newest removed row: `prev_hash` of `kept_from`      |
///
/// Thread-safety: pure functions, and coroutines usable from all event loops.

#include <functional>
#include <optional>
#include <string>

#include "cxb/base/clock.hpp"
#include "cxb/store/document_store.hpp"
#include "server/common/leases/loop_lease.hpp"

namespace cxb::api {

inline constexpr std::string_view audit_head_id = "audit_head";
/// Rows that are read, sealed or removed at once.
inline constexpr std::size_t audit_portion = 200;

struct audit_head {
    bool exists = false;
    std::int64_t seq = 0;
    std::int64_t sealed_seq = 0;
    std::string hash;
    std::int64_t kept_from = 1;
    std::string kept_hash;
};

/// The row as people and exports see it: without the store's `_id`.
[[nodiscard]] wire::json_object shown_audit_row(wire::json_object stored);
/// The hash that a row with its `prev_hash` must carry; `_id` and `hash` do not matter.
[[nodiscard]] std::string audit_hash(wire::json_object row);
/// Sets `prev_hash` and `hash`. Gives the hash.
std::string seal_audit_row(wire::json_object& row, std::string const& prev_hash);

/// Seals one portion of the rows that carry no hash. False: there were none.
[[nodiscard]] store::async<bool> seal_audit_portion(store::document_store& store);
/// The head, once all rows carry their hashes: those of older processes get them here, in portions.
[[nodiscard]] store::async<audit_head> sealed_head(store::document_store& store);

/// What `verify_chain` found.
struct chain_report {
    std::int64_t checked = 0;                   ///< good rows
    std::optional<std::int64_t> first_bad_seq;  ///< a wrong row, or the first that is missing
    std::optional<std::int64_t> next;           ///< time was up: go on from here
};

/// Reads the rows `from` to `to` (both included; cut to what there is) in their order and checks
/// each hash, each link and that none is missing; ends at the first fault, or when `late` says so
/// (asked between portions). Also compares the newest row with the head, and
/// takes rows beyond the head for wrong ones. Errors: of the store.
[[nodiscard]] store::async<chain_report> verify_chain(store::document_store& store,
                                                      std::int64_t from, std::int64_t to,
                                                      std::function<bool()> late);

/// First row at or after a moment; one past the newest when there is none.
[[nodiscard]] store::async<std::int64_t> audit_seq_from(store::document_store& store,
                                                        time_point moment);
/// Last row before a moment; 0 when there is none.
[[nodiscard]] store::async<std::int64_t> audit_seq_before(store::document_store& store,
                                                          time_point moment);

/// Removes up to `audit_portion` of the oldest rows under the fence, as long as they are older than
/// `moment`, and notes in the head where the chain begins now. Gives how many.
[[nodiscard]] store::async<std::size_t> remove_old_audit_rows(store::document_store& store,
                                                              server::loop_lease& lease,
                                                              time_point moment);

}  // namespace cxb::api
