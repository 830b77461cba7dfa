// cxb::store: what an engine of one's own is written against.
#include "cxb/store/document_store.hpp"
#include "cxb/store/query.hpp"

int main() {
    auto const wanted = cxb::store::all_of({cxb::store::eq("name", "x")});
    return wanted.all.size() == 1 ? 0 : 1;
}
