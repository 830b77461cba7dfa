#pragma once
/// @file
/// What the command line of `cxb-core` does; each gives the exit code (spec 80 §1, §11).

#include <cstdint>
#include <string>

namespace cxb::inline v1 {
namespace core {

struct command_options {
    std::string config;  ///< `--config`; of `simulate`: a runtime config
    std::string ready_file;
    std::string worker_id = "1";
    int report_fd = -1;
    std::string bot_id;
    std::string script = "polite";
    std::uint64_t seed = 1;
    bool fast = false;
    bool json = false;
    std::string wav;
};

[[nodiscard]] int run_serve(command_options const& options);
[[nodiscard]] int run_worker(command_options const& options);
[[nodiscard]] int run_check_config(command_options const& options);
/// One simulated call in this process; transcript and result go to standard output.
[[nodiscard]] int run_simulate(command_options const& options);

}  // namespace core
}  // namespace cxb::inline v1
