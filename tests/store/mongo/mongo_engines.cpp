#include "store/mongo/mongo_engines.hpp"

#include <cstdlib>
#include <functional>

namespace cxb::store {

namespace {

constexpr char const* url_variable = "CXB_TEST_MONGODB_URL";

std::unique_ptr<document_store> open_url(std::filesystem::path const& folder) {
    mongo_options options;
    options.url = std::getenv(url_variable);
    options.database = database_of(folder);
    auto opened = mongo_document_store::open(options);
    return opened ? *std::move(opened) : nullptr;
}

}  // namespace

std::string database_of(std::filesystem::path const& folder) {
    return "cxb_test_" + std::to_string(std::hash<std::string>()(folder.string()));
}

std::unique_ptr<mongo_document_store> open_on_test_server(std::filesystem::path const& folder,
                                                          mongo_options options) {
    if (options.url.empty()) options.url = test::mongo_url(test::mongo_server_port());
    options.database = database_of(folder);
    auto opened = mongo_document_store::open(std::move(options));
    if (!opened) ADD_FAILURE() << opened.error().to_log_text();
    return opened ? *std::move(opened) : nullptr;
}

std::vector<engine_kind> mongo_engines() {
    return {
        {"mongo",
         [](std::filesystem::path const& folder) -> std::unique_ptr<document_store> {
             return open_on_test_server(folder);
         },
         test::missing_for_mongo_server},
        {"mongo_set",
         [](std::filesystem::path const& folder) -> std::unique_ptr<document_store> {
             mongo_options options;
             options.url = "mongodb://127.0.0.1:" +
                           std::to_string(test::mongo_server_port(test::server_role::replica_set)) +
                           "/?replicaSet=rs0";
             return open_on_test_server(folder, options);
         },
         test::missing_for_mongo_server},
        {"mongo_url", open_url,
         [] {
             return std::getenv(url_variable) == nullptr
                        ? std::string(url_variable) + " names no server"
                        : std::string();
         }},
    };
}

}  // namespace cxb::store
