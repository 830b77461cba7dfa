// cxb::store_directory: objects as files.
#include "cxb/store/directory/directory_object_store.hpp"

int main() {
    cxb::seeded_random random(1);
    auto const opened = cxb::store::directory_object_store::open_at("store_directory_data", random);
    return opened && (*opened)->ping() ? 0 : 1;
}
