#include "src/store/sqlite/sqlite_document_store.hpp"
#include "store/conformance.hpp"

namespace cxb::store {

std::vector<engine_kind> const& engines() {
    static std::vector<engine_kind> const all{{"sqlite", [](std::filesystem::path const& folder) {
                                                   sqlite_options options;
                                                   options.path = (folder / "store.db").string();
                                                   auto opened =
                                                       sqlite_document_store::open(options);
                                                   return opened ? *std::move(opened) : nullptr;
                                               }}};
    return all;
}

}  // namespace cxb::store
