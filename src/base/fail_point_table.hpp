#pragma once
/// @file
/// All fail-points: name, the one source they stand in, and what a crash there must not break.
/// The build reads the second column: only those sources are compiled with them.

#include <array>
#include <string_view>
#include <type_traits>

#include "cxb/version.hpp"

namespace cxb::inline v1 {
namespace fail {

struct fail_point {
    std::string_view name;
    std::string_view where;
    std::string_view promise;
};

// clang-format off
inline constexpr std::array points{
    fail_point{"store.group.before_commit", "src/store/sqlite/group_writer.cpp",
               "nobody was answered: the writes of the group are gone, their senders repeat them"},
    fail_point{"store.group.committed", "src/store/sqlite/group_writer.cpp",
               "what stands in the log is kept although nobody was told: repeats change nothing"},
    fail_point{"store.log.before_checkpoint", "src/store/sqlite/log_keeper.cpp",
               "the log holds all that was answered and is read at the next start"},
    fail_point{"store.data.before_sync", "src/store/sqlite/disk.cpp",
               "a data file half brought up to date is repaired from the log"},
    fail_point{"jobs.claimed", "server/common/jobs/job_attempts.cpp",
               "the lease ends and another worker runs the job"},
    fail_point{"push.frozen", "server/api/push/push_handler.cpp",
               "what was frozen goes out, once"},
    fail_point{"push.sent", "server/api/push/push_sender.cpp",
               "the push is repeated with the same bytes under the same webhook id"},
    fail_point{"webhook.frozen", "server/api/webhooks/webhook_handler.cpp",
               "what was frozen goes out, once"},
    fail_point{"oauth.granted", "server/api/push/oauth_tokens.cpp",
               "the token is asked for again, the push goes out once"},
    fail_point{"jobs.settled", "server/common/jobs/job_attempts.cpp",
               "the job is not run again, the next one is"},
    fail_point{"idempotency.claimed", "server/common/http/idempotency.cpp",
               "the key never leads to an effect and says so: outcome_unknown"},
    fail_point{"dialout.reserved", "server/api/fleet/call_handover.cpp",
               "nobody was called, the slot is free again after its time"},
    fail_point{"dialout.posted", "server/api/fleet/call_handover.cpp",
               "the call was placed once, its key never places another"},
    fail_point{"upload.piece_written", "server/api/recordings/recording_upload.cpp",
               "no object, no trace of half a one after the next start"},
    fail_point{"objects.before_rename", "src/store/directory/directory_object_store.cpp",
               "no object under the key, the upload may be repeated"},
    fail_point{"objects.renamed", "src/store/directory/directory_object_store.cpp",
               "the object is whole or absent, the upload may be repeated"},
    fail_point{"upload.before_row", "server/api/recordings/recording_routes.cpp",
               "the object is not yet told of; the repeated upload tells"},
    fail_point{"outbox.before_rename", "src/worker/outbox_directory.cpp",
               "no entry, no half file; nobody was told it is kept"},
    fail_point{"outbox.renamed", "src/worker/outbox_directory.cpp",
               "the entry is whole, or absent and nobody was told it is kept"},
    fail_point{"outbox.posted", "src/worker/result_outbox.cpp",
               "the result is posted again and changes nothing"},
    fail_point{"worker.journaled", "src/worker/host_starts.cpp",
               "the call is reported as failed after the next start"},
    fail_point{"livekit.answered", "server/api/carriers/livekit_steps.cpp",
               "what was made is found by its name: nothing exists twice, nothing is left over"},
    fail_point{"cache.made", "server/api/prompt_cache/cache_making.cpp",
               "the next holder of the lease makes another; that one ages out, its events tell"},
    fail_point{"retention.rows_removed", "server/api/retention/call_removal.cpp",
               "the calls are still there, so that the next turn finds and removes them"},
    fail_point{"retention.calls_removed", "server/api/retention/call_removal.cpp",
               "a job removes their recordings, nothing was counted twice"},
    fail_point{"retention.parts_removed", "server/api/retention/part_removal.cpp",
               "the next turn goes on behind them, a job removes their recordings"},
    fail_point{"recordings.removed", "server/api/recordings/recording_removal.cpp",
               "the job removes what is left, what is gone is no failure"},
    fail_point{"rotation.sealed", "server/api/secrets/key_rotation.cpp",
               "each secret opens with one of the two keys, the repeated command seals the rest"},
    fail_point{"migrations.committed", "server/common/migrations/migration_runner.cpp",
               "the next start goes on once the lease has ended, each row is written once"},
    fail_point{"backup.store_copied", "server/common/backup/make_backup.cpp",
               "no folder of that name, the part is no backup and goes with the next"},
    fail_point{"backup.objects_copied", "server/common/backup/make_backup.cpp",
               "the same"},
    fail_point{"backup.summed", "server/common/backup/make_backup.cpp",
               "no folder of that name, the next backup makes it"},
    fail_point{"restore.copied", "server/common/backup/restore_backup.cpp",
               "no installation, a start is refused, the repeated restore puts all there"},
    fail_point{"restore.objects_placed", "server/common/backup/restore_backup.cpp",
               "the same, though the recordings lie in their place"},
};
// clang-format on

/// Of the row with that name. A name that is not in the table is no constant: it does not compile.
consteval std::size_t index_of(std::string_view name) {
    for (std::size_t i = 0; i < points.size(); ++i)
        if (points[i].name == name) return i;
    throw "no such fail-point";
}

}  // namespace fail
}  // namespace cxb::inline v1
