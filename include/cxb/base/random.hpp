#pragma once
/// @file
/// Randomness as a parameter: decisions and ids draw from a `random_source`, so tests can fix it.
///
/// `system_random()` reads the operating system's generator and is fit for keys; `seeded_random`
/// repeats itself for one seed and is for simulation, jitter in tests and nothing secret.
/// Thread-safety: `system_random()` may be used from any thread; a `seeded_random` by one.

#include <cstddef>
#include <cstdint>
#include <random>
#include <span>

#include "cxb/version.hpp"

CXB_EXPORT_BEGIN
namespace cxb::inline v1 {

class random_source {
  public:
    random_source() = default;
    random_source(random_source const&) = delete;
    random_source& operator=(random_source const&) = delete;
    virtual ~random_source() = default;
    /// Fills the whole span.
    virtual void fill(std::span<std::byte> out) = 0;
    /// Uniform in [0, 1).
    [[nodiscard]] double uniform();
    /// Uniform in [low, high).
    [[nodiscard]] double uniform(double low, double high);
    /// Uniform integer in [0, bound); 0 when bound is 0.
    [[nodiscard]] std::uint64_t below(std::uint64_t bound);
};

/// The operating system's generator; fit for secrets.
[[nodiscard]] random_source& system_random() noexcept;

/// Repeatable generator for simulation and tests. Not for secrets.
class seeded_random final : public random_source {
  public:
    explicit seeded_random(std::uint64_t seed) : engine_(seed) {}
    void fill(std::span<std::byte> out) override;

  private:
    std::mt19937_64 engine_;
};

}  // namespace cxb::inline v1
CXB_EXPORT_END
