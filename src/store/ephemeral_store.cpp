#include "cxb/store/ephemeral_store.hpp"

#include "cxb/base/limits.hpp"

namespace cxb::inline v1 {
namespace store {

result<void> check_ephemeral_key(std::string_view key) {
    if (key.empty() || key.size() > limits::ephemeral_key)
        return error{errc::invalid, "Key must be 1 to 256 bytes"};
    return {};
}

result<void> check_ephemeral_value(std::string_view value, milliseconds keep) {
    if (value.size() > limits::ephemeral_value) return error{errc::invalid, "Value is too long"};
    if (keep < milliseconds{1} || keep > limits::ephemeral_keep)
        return error{errc::invalid, "A key is kept for 1 ms to 24 h"};
    return {};
}

result<void> check_bucket_rate(bucket_rate rate) {
    constexpr double least = 0.001;
    constexpr double most = 1e6;
    // Written so that a NaN fails.
    bool const good = rate.per_second >= least && rate.per_second <= most && rate.burst >= least &&
                      rate.burst <= most;
    if (!good) return error{errc::invalid, "Rate and burst must be 0.001 to 1000000"};
    return {};
}

}  // namespace store
}  // namespace cxb::inline v1
