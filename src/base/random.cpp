#include "cxb/base/random.hpp"

#include <sys/random.h>

#include <cerrno>
#include <cstring>
#include <system_error>

namespace cxb::inline v1 {
namespace {

class machine_random final : public random_source {
  public:
    void fill(std::span<std::byte> out) override {
        while (!out.empty()) {
            auto const got = ::getrandom(out.data(), out.size(), 0);
            if (got < 0) {
                if (errno == EINTR) continue;
                throw std::system_error(errno, std::generic_category(), "getrandom");
            }
            out = out.subspan(static_cast<std::size_t>(got));
        }
    }
};

std::uint64_t draw(random_source& source) {
    std::uint64_t value = 0;
    source.fill(std::as_writable_bytes(std::span(&value, 1)));
    return value;
}

}  // namespace

double random_source::uniform() {
    constexpr double scale = 1.0 / 9007199254740992.0;  // 2^-53
    return static_cast<double>(draw(*this) >> 11U) * scale;
}

double random_source::uniform(double low, double high) {
    return low + (high - low) * uniform();
}

std::uint64_t random_source::below(std::uint64_t bound) {
    if (bound == 0) return 0;
    // Rejects the tail that would favour small values.
    std::uint64_t const limit = UINT64_MAX - UINT64_MAX % bound;
    std::uint64_t value = draw(*this);
    while (value >= limit)
        value = draw(*this);
    return value % bound;
}

random_source& system_random() noexcept {
    static machine_random instance;
    return instance;
}

void seeded_random::fill(std::span<std::byte> out) {
    while (!out.empty()) {
        std::uint64_t const value = engine_();
        std::size_t const count = std::min(out.size(), sizeof value);
        std::memcpy(out.data(), &value, count);
        out = out.subspan(count);
    }
}

}  // namespace cxb::inline v1
