// cxb::store_open: the embedded engine on a new file, and a URL that no engine takes.
#include <filesystem>

#include "cxb/store/open/open_document_store.hpp"

int main() {
    std::filesystem::remove_all("store_open_data");
    std::filesystem::create_directory("store_open_data");
    cxb::store::store_opening what;
    what.url = "sqlite:store_open_data/cxb.db";
    auto const opened = cxb::store::open_document_store(what);
    what.url = "ftp://nowhere";
    auto const refused = cxb::store::open_document_store(what);
    return opened && opened->store && !refused ? 0 : 1;
}
