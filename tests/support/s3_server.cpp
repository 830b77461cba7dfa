#include "support/s3_server.hpp"

#include <gtest/gtest.h>

#include <csignal>

#include "support/free_port.hpp"
#include "support/required.hpp"

namespace cxb::test {
namespace {

std::filesystem::path program() {
    return std::filesystem::path(CXB_SOURCE_DIR) / ".deps/versitygw/versitygw";
}

std::string missing_part() {
    if (!std::filesystem::exists(program()))
        return "the S3 server is not built (scripts/setup.sh builds it into .deps/versitygw)";
    if (run_program({"curl", "--version"}).exit_code != 0) return "curl is not installed";
    return {};
}

}  // namespace

std::string missing_for_s3_server() {
    return missing_here(missing_part());
}

s3_server::s3_server() : port_(free_port()) {
    std::filesystem::create_directories(folder_ / "objects");
    std::filesystem::create_directories(folder_ / "facts");
    start();
}

s3_server::~s3_server() {
    if (process_) process_->signal(SIGCONT);
}

void s3_server::start() {
    process_ = std::make_unique<child_process>(process_spec{
        .name = "s3",
        .arguments = {program(), "--port", endpoint(), "--region", region, "--keep-alive",
                      "--quiet", "posix", "--sidecar", folder_ / "facts", folder_ / "objects"},
        .environment = {{"ROOT_ACCESS_KEY", access_key}, {"ROOT_SECRET_KEY", secret_key}},
        .directory = folder_.path()});
    ASSERT_TRUE(eventually([&] { return ask("GET", "/").status == 200; })) << process_->log_text();
}

void s3_server::kill() {
    process_->signal(SIGKILL);
    EXPECT_TRUE(process_->wait_exit());
}

void s3_server::pause() {
    process_->signal(SIGSTOP);
    // It stops a moment later; until then it would still answer.
    auto const status = "/proc/" + std::to_string(process_->pid()) + "/status";
    EXPECT_TRUE(
        eventually([&] { return read_file(status).find("State:\tT") != std::string::npos; }));
}

void s3_server::go_on() {
    process_->signal(SIGCONT);
}

std::string s3_server::endpoint() const {
    return "127.0.0.1:" + std::to_string(port_);
}

std::string s3_server::make_bucket() {
    std::string const name = "bucket-" + std::to_string(++buckets_);
    auto const made = ask("PUT", "/" + name);
    EXPECT_EQ(made.status, 200) << made.body << process_->log_text();
    return name;
}

s3_server::reply s3_server::ask(std::string const& method, std::string const& path,
                                std::string const& body) const {
    std::vector<std::string> arguments{"curl",
                                       "--silent",
                                       "--max-time",
                                       "20",
                                       "--path-as-is",
                                       "--write-out",
                                       "\n%{http_code}",
                                       "--aws-sigv4",
                                       std::string("aws:amz:") + region + ":s3",
                                       "--user",
                                       std::string(access_key) + ":" + secret_key,
                                       "--header",
                                       "X-Amz-Content-Sha256: UNSIGNED-PAYLOAD",
                                       "--request",
                                       method,
                                       url() + path};
    if (!body.empty())
        arguments.insert(arguments.end() - 1,
                         {"--header", "Content-Type: audio/wav", "--data-binary", "@-"});
    auto const ran = run_program(arguments, {}, body);
    auto const line = ran.output.rfind('\n');
    if (ran.exit_code != 0 || line == std::string::npos) return {};
    return {std::stoi(ran.output.substr(line + 1)), ran.output.substr(0, line)};
}

std::filesystem::path s3_server::files(std::string const& bucket) const {
    return folder_ / ("objects/" + bucket);
}

s3_server& shared_s3_server() {
    static s3_server server;
    return server;
}

}  // namespace cxb::test
