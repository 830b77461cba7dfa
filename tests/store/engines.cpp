#include "src/store/sqlite/sqlite_document_store.hpp"
#include "store/conformance.hpp"
#ifdef CXB_WITH_MONGODB
#include "store/mongo/mongo_engines.hpp"
#endif

namespace cxb::store {

std::vector<engine_kind> const& engines() {
    static std::vector<engine_kind> const all = [] {
        std::vector<engine_kind> rows{{"sqlite", [](std::filesystem::path const& folder) {
                                           sqlite_options options;
                                           options.path = (folder / "store.db").string();
                                           auto opened = sqlite_document_store::open(options);
                                           return opened ? *std::move(opened) : nullptr;
                                       }}};
#ifdef CXB_WITH_MONGODB
        for (auto const& each : mongo_engines())
            rows.push_back(each);
#endif
        return rows;
    }();
    return all;
}

}  // namespace cxb::store
