#include "support/redis_server.hpp"

#include <gtest/gtest.h>

#include <csignal>

#include "support/free_port.hpp"
#include "support/required.hpp"

namespace cxb::test {
std::string missing_for_redis_server() {
    static bool const there = [] {
        for (char const* name : {"redis-server", "redis-cli"})
            if (run_program({name, "--version"}).exit_code != 0) return false;
        return true;
    }();
    return missing_here(there ? "" : "redis-server is not installed (scripts/setup.sh brings it)");
}

redis_server::redis_server(std::filesystem::path logs, std::string password)
    : logs_(std::move(logs)), password_(std::move(password)), port_(free_port()) {
    start();
}

redis_server::~redis_server() {
    if (process_) process_->signal(SIGCONT);
}

void redis_server::start() {
    std::vector<std::string> arguments{"redis-server", "--port",      std::to_string(port_),
                                       "--bind",       "127.0.0.1",   "--unixsocket",
                                       folder_ / "s",  "--save",      "",
                                       "--appendonly", "no",          "--daemonize",
                                       "no",           "--databases", "16",
                                       "--maxmemory",  "64mb",        "--dir",
                                       folder_.path()};
    if (!password_.empty()) arguments.insert(arguments.end(), {"--requirepass", password_});
    process_ =
        std::make_unique<child_process>(process_spec{.name = "redis-" + std::to_string(++starts_),
                                                     .arguments = std::move(arguments),
                                                     .environment = {},
                                                     .directory = folder_.path(),
                                                     .logs = logs_});
    ASSERT_TRUE(eventually([&] { return ask({"PING"}) == "PONG\n"; })) << process_->log_text();
}

void redis_server::kill() {
    process_->signal(SIGKILL);
    EXPECT_TRUE(process_->wait_exit());
}

void redis_server::pause() {
    process_->signal(SIGSTOP);
}

void redis_server::go_on() {
    process_->signal(SIGCONT);
}

std::string redis_server::unix_url(int db) const {
    auto const login = password_.empty() ? std::string() : ":" + password_ + "@";
    return "unix://" + login + (folder_ / "s").string() + "?db=" + std::to_string(db);
}

std::string redis_server::tcp_url(int db) const {
    auto const login = password_.empty() ? std::string() : ":" + password_ + "@";
    return "redis://" + login + "127.0.0.1:" + std::to_string(port_) + "/" + std::to_string(db);
}

std::string redis_server::ask(std::vector<std::string> const& command) const {
    std::vector<std::string> arguments{"redis-cli", "-s", folder_ / "s"};
    arguments.insert(arguments.end(), command.begin(), command.end());
    std::map<std::string, std::string> environment;
    if (!password_.empty()) environment["REDISCLI_AUTH"] = password_;
    return run_program(arguments, environment).output;
}

}  // namespace cxb::test
