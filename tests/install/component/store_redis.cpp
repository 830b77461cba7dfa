// cxb::store_redis: an address; a server is not needed for it.
#include "cxb/store/redis/redis_address.hpp"

int main() {
    auto const address = cxb::store::parse_redis_url("redis://:word@cache:6380/2");
    return address && address->port == 6380 && !cxb::store::parse_redis_url("rediss://x") ? 0 : 1;
}
