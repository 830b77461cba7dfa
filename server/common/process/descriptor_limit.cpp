#include "server/common/process/descriptor_limit.hpp"

#include <sys/resource.h>

#include <algorithm>

namespace cxb::server {

std::size_t raise_descriptor_limit() noexcept {
    rlimit limit{};
    if (::getrlimit(RLIMIT_NOFILE, &limit) != 0) return 1024;
    rlimit const wanted{limit.rlim_max, limit.rlim_max};
    if (::setrlimit(RLIMIT_NOFILE, &wanted) == 0) limit = wanted;
    return limit.rlim_cur;
}

std::size_t connections_within(std::size_t limit, std::size_t wanted) noexcept {
    return std::min(wanted, limit - limit / 8);
}

}  // namespace cxb::server
