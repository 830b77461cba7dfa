#include "cli/conformance/peer_process.hpp"

#include <fcntl.h>
#include <signal.h>
#include <spawn.h>
#include <sys/wait.h>
#include <unistd.h>

#include <fstream>
#include <sstream>
#include <thread>
#include <vector>

namespace cxb::cli::conformance {

namespace {

constexpr std::chrono::seconds kill_patience{5};

int code_of(int status) {
    return WIFSIGNALED(status) ? 128 + WTERMSIG(status) : WEXITSTATUS(status);
}

// Processes that live in a session; a dead one that nobody has waited for does not.
std::vector<int> members_of_session(int session) {
    std::vector<int> out;
    std::error_code ec;
    for (std::filesystem::directory_iterator at("/proc", ec), end; !ec && at != end;
         at.increment(ec)) {
        std::ifstream file(at->path() / "stat");
        std::string line;
        if (!std::getline(file, line)) continue;
        // pid (name) state parent group session ...; the name may hold anything.
        std::istringstream rest(line.substr(line.rfind(')') + 1));
        char state = 0;
        int parent = 0;
        int group = 0;
        int its_session = 0;
        if (!(rest >> state >> parent >> group >> its_session)) continue;
        if (its_session == session && state != 'Z') out.push_back(std::stoi(line));
    }
    return out;
}

// The environment of this process with some names set anew.
std::vector<std::string> laid_over(std::map<std::string, std::string> const& changes) {
    std::vector<std::string> out;
    for (char** at = environ; *at != nullptr; ++at) {
        std::string const line(*at);
        if (!changes.contains(line.substr(0, line.find('=')))) out.push_back(line);
    }
    for (auto const& [name, value] : changes)
        out.push_back(name + "=" + value);
    return out;
}

std::vector<char*> pointers_to(std::vector<std::string>& texts) {
    std::vector<char*> out;
    for (auto& text : texts)
        out.push_back(text.data());
    out.push_back(nullptr);
    return out;
}

}  // namespace

peer_process::peer_process(std::string command, std::map<std::string, std::string> environment,
                           std::filesystem::path log)
    : command_(std::move(command)), environment_(std::move(environment)), log_(std::move(log)) {}

peer_process::~peer_process() {
    kill();
}

result<void> peer_process::start() {
    kill();
    exit_code_.reset();
    std::vector<std::string> words{"/bin/sh", "-c", "exec " + command_};
    auto settings = laid_over(environment_);
    posix_spawn_file_actions_t files;
    ::posix_spawn_file_actions_init(&files);
    ::posix_spawn_file_actions_addopen(&files, 0, "/dev/null", O_RDONLY, 0);
    ::posix_spawn_file_actions_addopen(&files, 1, log_.c_str(), O_WRONLY | O_CREAT | O_APPEND,
                                       0600);
    ::posix_spawn_file_actions_adddup2(&files, 1, 2);
    posix_spawnattr_t how;
    ::posix_spawnattr_init(&how);
    sigset_t none;
    ::sigemptyset(&none);
    ::posix_spawnattr_setsigmask(&how, &none);
    ::posix_spawnattr_setflags(&how, POSIX_SPAWN_SETSID | POSIX_SPAWN_SETSIGMASK);
    int const failed = ::posix_spawn(&pid_, words.front().c_str(), &files, &how,
                                     pointers_to(words).data(), pointers_to(settings).data());
    ::posix_spawnattr_destroy(&how);
    ::posix_spawn_file_actions_destroy(&files);
    if (failed == 0) return {};
    pid_ = -1;
    return error{errc::unavailable, "Cannot start " + command_};
}

void peer_process::kill() {
    if (pid_ < 0) return;
    ::kill(pid_, SIGKILL);
    int status = 0;
    if (!exit_code_ && ::waitpid(pid_, &status, 0) == pid_) exit_code_ = code_of(status);
    // Children may have groups of their own; the session is what they share.
    auto const until = std::chrono::steady_clock::now() + kill_patience;
    for (auto left = members_of_session(pid_); !left.empty(); left = members_of_session(pid_)) {
        for (int const one : left)
            ::kill(one, SIGKILL);
        if (std::chrono::steady_clock::now() > until) break;
        std::this_thread::yield();
    }
    pid_ = -1;
}

void peer_process::terminate() {
    if (pid_ >= 0) ::kill(pid_, SIGTERM);
}

std::optional<int> peer_process::exit_code() {
    int status = 0;
    if (!exit_code_ && pid_ >= 0 && ::waitpid(pid_, &status, WNOHANG) == pid_)
        exit_code_ = code_of(status);
    return exit_code_;
}

}  // namespace cxb::cli::conformance
