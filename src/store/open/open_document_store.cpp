#include "cxb/store/open/open_document_store.hpp"

#include <string_view>

#include "src/store/sqlite/sqlite_document_store.hpp"
#ifdef CXB_WITH_MONGODB
#include "src/store/mongo/mongo_document_store.hpp"
#endif

namespace cxb::inline v1 {
namespace store {

namespace {

constexpr std::string_view sqlite_scheme = "sqlite:";

bool is_mongodb(std::string_view url) {
    return url.starts_with("mongodb://") || url.starts_with("mongodb+srv://");
}

result<opened_store> open_mongodb([[maybe_unused]] store_opening what) {
#ifdef CXB_WITH_MONGODB
    mongo_options options;
    options.url = std::move(what.url);
    options.database = std::move(what.database);
    options.on_commit = std::move(what.on_commit);
    CXB_TRY(auto opened, mongo_document_store::open(std::move(options)));
    auto measures = [&store = *opened]() -> std::vector<store_measure> {
        return {{"queue_depth", false, static_cast<double>(store.queue_depth())}};
    };
    return opened_store{std::move(opened), std::move(measures)};
#else
    return error{errc::invalid, "this build has no MongoDB store"};
#endif
}

}  // namespace

std::optional<std::string> sqlite_path(std::string_view url) {
    if (!url.starts_with(sqlite_scheme)) return std::nullopt;
    return std::string(url.substr(sqlite_scheme.size()));
}

result<opened_store> open_document_store(store_opening what) {
    if (is_mongodb(what.url)) return open_mongodb(std::move(what));
    auto path = sqlite_path(what.url);
    if (!path) return error{errc::invalid, "is neither sqlite:PATH nor mongodb://..."};
    sqlite_options options;
    options.path = *std::move(path);
    options.on_commit = std::move(what.on_commit);
    options.on_group = std::move(what.on_group);
    options.on_note = std::move(what.on_note);
    if (what.on_sync)
        options.on_sync = [tell = std::move(what.on_sync)](sqlite::disk_file file,
                                                           std::chrono::nanoseconds took) {
            tell(file == sqlite::disk_file::log ? "log" : "data", took);
        };
    CXB_TRY(auto opened, sqlite_document_store::open(std::move(options)));
    auto measures = [&store = *opened] { return store.measures(); };
    return opened_store{std::move(opened), std::move(measures)};
}

}  // namespace store
}  // namespace cxb::inline v1
