// cxb::base: ids, digests, errors.
#include "cxb/base/crypto.hpp"
#include "cxb/base/ids.hpp"

int main() {
    return cxb::new_uuid7().size() == 36 && cxb::sha256_hex("").starts_with("e3b0c442") ? 0 : 1;
}
