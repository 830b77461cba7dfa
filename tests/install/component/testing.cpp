// cxb::testing: time that stands still.
#include "cxb/testing/fake_clock.hpp"

int main() {
    cxb::testing::fake_clock clock;
    auto const start = clock.now();
    clock.advance(std::chrono::seconds{30});
    return clock.now() - start == std::chrono::seconds{30} ? 0 : 1;
}
