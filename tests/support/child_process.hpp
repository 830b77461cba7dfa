#pragma once
/// @file
/// A real process under test: started with its own environment, its output in a file, waited for
/// through its ready file (never by sleeping for a time), ended by process id.

#include <chrono>
#include <filesystem>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "cxb/wire/json.hpp"

namespace cxb::test {

/// What to start. The environment is exactly `environment` plus PATH and HOME.
struct process_spec {
    std::string name;                    ///< log file `<name>.log`
    std::vector<std::string> arguments;  ///< [0] is the program
    std::map<std::string, std::string> environment;
    std::filesystem::path directory;  ///< working directory
    std::filesystem::path logs = {};  ///< folder of the log file; "" = the working directory
};

class child_process {
  public:
    explicit child_process(process_spec spec);
    ~child_process();
    child_process(child_process&&) noexcept;
    child_process& operator=(child_process&&) noexcept;

    /// Waits for the ready file's JSON line; fails when the process ends first or time runs out.
    [[nodiscard]] std::optional<wire::json_object> wait_ready(
        std::filesystem::path const& ready_file,
        std::chrono::seconds at_most = std::chrono::seconds{30});
    /// Sends a signal (SIGKILL, SIGTERM, ...).
    void signal(int number) const;
    /// Waits for the end; gives the exit code, 128 + signal when killed, nothing on time-out.
    [[nodiscard]] std::optional<int> wait_exit(std::chrono::seconds at_most = std::chrono::seconds{
                                                   30});
    [[nodiscard]] bool running();
    [[nodiscard]] int pid() const noexcept { return pid_; }
    [[nodiscard]] std::filesystem::path const& log_file() const noexcept { return log_; }
    [[nodiscard]] std::string log_text() const;

  private:
    int pid_ = -1;
    std::optional<int> exit_code_;
    std::filesystem::path log_;
};

/// Runs a program to its end; `input` goes to its standard input.
struct run_outcome {
    int exit_code = -1;
    std::string output;  ///< standard output
    std::string errors;  ///< standard error
};
[[nodiscard]] run_outcome run_program(std::vector<std::string> const& arguments,
                                      std::map<std::string, std::string> const& environment = {},
                                      std::string const& input = {},
                                      std::chrono::seconds at_most = std::chrono::seconds{60});

/// Whole text of a file; "" when it cannot be read.
[[nodiscard]] std::string read_file(std::filesystem::path const& path);

/// Calls `done` every few milliseconds until it says true or time runs out.
template <class Done>
[[nodiscard]] bool eventually(Done done,
                              std::chrono::milliseconds at_most = std::chrono::seconds{20});

/// One step of `eventually`'s wait.
void short_pause();

template <class Done>
bool eventually(Done done, std::chrono::milliseconds at_most) {
    auto const end = std::chrono::steady_clock::now() + at_most;
    while (!done()) {
        if (std::chrono::steady_clock::now() > end) return false;
        short_pause();
    }
    return true;
}

/// A folder of its own below the system's temporary one, removed at the end unless the current
/// test has failed (then its path is printed).
class scratch_dir {
  public:
    scratch_dir();
    ~scratch_dir();
    scratch_dir(scratch_dir const&) = delete;
    scratch_dir& operator=(scratch_dir const&) = delete;
    [[nodiscard]] std::filesystem::path const& path() const noexcept { return path_; }
    [[nodiscard]] std::filesystem::path operator/(std::string const& name) const {
        return path_ / name;
    }

  private:
    std::filesystem::path path_;
};

}  // namespace cxb::test
