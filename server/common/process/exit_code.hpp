#pragma once
/// @file
/// Exit codes of our processes (spec 20 §1; the numbers are those of sysexits.h).

namespace cxb::server {

enum class exit_code : int {
    done = 0,
    failed = 1,
    usage = 2,
    damaged = 65,         ///< the store's file is damaged: put a backup in its place
    unavailable = 69,     ///< store or Redis not reachable in time
    internal = 70,        ///< a bug or the machine
    cannot_create = 73,   ///< data folder not writable
    bad_settings = 78,    ///< faults or refusals of the settings
    stopped_twice = 130,  ///< second signal during the stop
};

[[nodiscard]] constexpr int to_int(exit_code code) noexcept {
    return static_cast<int>(code);
}

}  // namespace cxb::server
