#include "support/child_process.hpp"

#include <fcntl.h>
#include <gtest/gtest.h>
#include <poll.h>
#include <sys/wait.h>
#include <unistd.h>

#include <csignal>
#include <cstdlib>
#include <fstream>
#include <iostream>
#include <sstream>

namespace cxb::test {
namespace {

struct exec_image {
    std::vector<std::string> texts;
    std::vector<char*> argv;
    std::vector<char*> envp;
};

char const* environment_value(char const* name, char const* otherwise) {
    char const* const value = std::getenv(name);  // NOLINT(concurrency-mt-unsafe)
    return value != nullptr ? value : otherwise;
}

// Built before fork: between fork and exec only async-signal-safe calls are allowed.
exec_image make_image(std::vector<std::string> const& arguments,
                      std::map<std::string, std::string> const& environment) {
    exec_image image;
    image.texts = arguments;
    std::map<std::string, std::string> all = {
        {"PATH", environment_value("PATH", "/usr/bin:/bin")},
        {"HOME", environment_value("HOME", "/")},
        {"LLVM_PROFILE_FILE", environment_value("LLVM_PROFILE_FILE", "/dev/null")},
        {"ASAN_OPTIONS", environment_value("ASAN_OPTIONS", "")},
        {"TSAN_OPTIONS", environment_value("TSAN_OPTIONS", "")}};
    for (auto const& [name, value] : environment)
        all[name] = value;
    for (auto const& [name, value] : all)
        image.texts.push_back(name + "=" + value);
    for (std::size_t i = 0; i < image.texts.size(); ++i)
        (i < arguments.size() ? image.argv : image.envp).push_back(image.texts[i].data());
    image.argv.push_back(nullptr);
    image.envp.push_back(nullptr);
    return image;
}

int exit_code_of(int status) {
    return WIFSIGNALED(status) ? 128 + WTERMSIG(status) : WEXITSTATUS(status);
}

}  // namespace

void short_pause() {
    ::usleep(5000);
}

std::string read_file(std::filesystem::path const& path) {
    std::ifstream in(path, std::ios::binary);
    std::ostringstream out;
    out << in.rdbuf();
    return out.str();
}

child_process::child_process(process_spec spec)
    : log_((spec.logs.empty() ? spec.directory : spec.logs) / (spec.name + ".log")) {
    std::filesystem::create_directories(spec.directory);
    std::filesystem::create_directories(log_.parent_path());
    exec_image image = make_image(spec.arguments, spec.environment);
    int const log = ::open(log_.c_str(), O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0600);
    int const nothing = ::open("/dev/null", O_RDONLY | O_CLOEXEC);
    std::string const directory = spec.directory.string();
    pid_ = ::fork();
    if (pid_ == 0) {
        ::dup2(nothing, 0);
        ::dup2(log, 1);
        ::dup2(log, 2);
        // Sockets of the test must not live on in the process under test.
        ::close_range(3, ~0U, CLOSE_RANGE_CLOEXEC);
        if (::chdir(directory.c_str()) == 0)
            ::execvpe(image.argv[0], image.argv.data(), image.envp.data());
        ::_exit(127);
    }
    ::close(log);
    ::close(nothing);
}

child_process::child_process(child_process&& other) noexcept
    : pid_(std::exchange(other.pid_, -1)), exit_code_(other.exit_code_), log_(other.log_) {}

child_process& child_process::operator=(child_process&& other) noexcept {
    std::swap(pid_, other.pid_);
    std::swap(exit_code_, other.exit_code_);
    std::swap(log_, other.log_);
    return *this;
}

child_process::~child_process() {
    if (pid_ <= 0 || !running()) return;
    signal(SIGKILL);
    (void)wait_exit();
}

std::optional<wire::json_object> child_process::wait_ready(std::filesystem::path const& ready_file,
                                                           std::chrono::seconds at_most) {
    bool const there =
        eventually([&] { return std::filesystem::exists(ready_file) || !running(); }, at_most);
    auto const document = wire::parse_json(read_file(ready_file));
    if (!there || !document || !document->is_object()) {
        ADD_FAILURE() << log_ << " did not become ready:\n" << log_text();
        return std::nullopt;
    }
    return document->as_object();
}

void child_process::signal(int number) const {
    if (pid_ > 0) ::kill(pid_, number);
}

bool child_process::running() {
    if (pid_ <= 0 || exit_code_) return false;
    int status = 0;
    if (::waitpid(pid_, &status, WNOHANG) != pid_) return true;
    exit_code_ = exit_code_of(status);
    return false;
}

std::optional<int> child_process::wait_exit(std::chrono::seconds at_most) {
    if (!eventually([&] { return !running(); }, at_most)) return std::nullopt;
    return exit_code_;
}

std::string child_process::log_text() const {
    return read_file(log_);
}

run_outcome run_program(std::vector<std::string> const& arguments,
                        std::map<std::string, std::string> const& environment,
                        std::string const& input, std::chrono::seconds at_most) {
    scratch_dir const scratch;
    std::ofstream(scratch / "in", std::ios::binary) << input;
    std::string const in_path = (scratch / "in").string();
    std::string const out_path = (scratch / "out").string();
    std::string const err_path = (scratch / "err").string();
    exec_image image = make_image(arguments, environment);
    pid_t const pid = ::fork();
    if (pid == 0) {
        ::dup2(::open(in_path.c_str(), O_RDONLY), 0);
        ::dup2(::open(out_path.c_str(), O_WRONLY | O_CREAT, 0600), 1);
        ::dup2(::open(err_path.c_str(), O_WRONLY | O_CREAT, 0600), 2);
        ::close_range(3, ~0U, CLOSE_RANGE_CLOEXEC);
        ::execvpe(image.argv[0], image.argv.data(), image.envp.data());
        ::_exit(127);
    }
    int status = 0;
    bool const ended = eventually([&] { return ::waitpid(pid, &status, WNOHANG) == pid; }, at_most);
    if (!ended) {
        ::kill(pid, SIGKILL);
        ::waitpid(pid, &status, 0);
    }
    return {exit_code_of(status), read_file(out_path), read_file(err_path)};
}

scratch_dir::scratch_dir() {
    std::string pattern = (std::filesystem::temp_directory_path() / "cxb-test-XXXXXX").string();
    if (::mkdtemp(pattern.data()) == nullptr) throw std::runtime_error("mkdtemp failed");
    path_ = pattern;
}

scratch_dir::~scratch_dir() {
    if (::testing::Test::HasFailure()) {
        std::cerr << "kept for inspection: " << path_ << '\n';
        return;
    }
    std::error_code ignored;
    std::filesystem::remove_all(path_, ignored);
}

}  // namespace cxb::test
