#pragma once
/// @file
/// One worker process (spec 80 §1): a `worker_host` on its Unix socket, reporting its occupancy to
/// the supervisor over a pipe once a second and on every change.
///
/// Each report is a line `calls max draining`. A closed pipe means that the supervisor is gone: the
/// worker takes no more calls, lets its running ones come to their own end and leaves. Until then
/// it answers on its socket, where the next supervisor finds it.

#include <string>

#include "server/common/settings/process_settings.hpp"

namespace cxb::inline v1 {
namespace core {

struct worker_options {
    std::string id = "1";
    int report_fd = -1;      ///< -1: nobody to report to
    std::string ready_file;  ///< "" none
    std::string config;      ///< settings file, read again at SIGHUP
};

/// Runs until a stop signal; gives the exit code.
[[nodiscard]] int run_worker_process(server::core_settings settings, worker_options options);

}  // namespace core
}  // namespace cxb::inline v1
