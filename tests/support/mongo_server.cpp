#include "support/mongo_server.hpp"

#include <map>
#include <memory>

#include "support/child_process.hpp"
#include "support/required.hpp"

namespace cxb::test {

namespace {

std::filesystem::path server_folder() {
    return std::filesystem::path(CXB_SOURCE_DIR) / ".deps/mongo_server";
}

/// A server process of this program.
struct running_server {
    scratch_dir folder;
    child_process process;
    unsigned short port = 0;

    explicit running_server(server_role role)
        : process({"mongo_server", command(role), {}, folder.path()}) {
        auto const ready = process.wait_ready(folder / "ready.json");
        if (ready) port = static_cast<unsigned short>(wire::int_at(*ready, "port"));
    }

    std::vector<std::string> command(server_role role) const {
        // One thread per connection: a command that waits for a transaction stops no other.
        std::vector<std::string> made{"java",
                                      "-Dio.netty.eventLoopThreads=128",
                                      "-Xmx1g",
                                      "-cp",
                                      (server_folder() / "classes").string() + ":" +
                                          (server_folder() / "lib").string() + "/*",
                                      "TestMongoServer",
                                      folder / "ready.json"};
        if (role == server_role::replica_set) made.emplace_back("rs0");
        if (role == server_role::router) made.emplace_back("mongos");
        return made;
    }
};

std::string missing_part() {
    if (!std::filesystem::exists(server_folder() / "classes/TestMongoServer.class"))
        return "the test server is not built (scripts/setup.sh builds it into .deps/mongo_server)";
    if (run_program({"java", "-version"}).exit_code != 0) return "java is not installed";
    return {};
}

}  // namespace

std::string missing_for_mongo_server() {
    return missing_here(missing_part());
}

unsigned short mongo_server_port(server_role role) {
    static std::map<server_role, std::unique_ptr<running_server>> servers;
    auto& server = servers[role];
    if (!server) server = std::make_unique<running_server>(role);
    return server->port;
}

std::string mongo_url(unsigned short port) {
    return "mongodb://127.0.0.1:" + std::to_string(port) + "/?directConnection=true";
}

}  // namespace cxb::test
