#include "support/required.hpp"

#include <cstdlib>
#include <stdexcept>
#include <string_view>

namespace cxb::test {

namespace {

bool is_set(char const* name, std::string_view value) {
    char const* const text = std::getenv(name);  // NOLINT(concurrency-mt-unsafe)
    return text != nullptr && text == value;
}

}  // namespace

bool everything_is_required() {
    return is_set("CI", "true") || is_set("CXB_TEST_REQUIRE_ALL", "1");
}

std::string missing_here(std::string what) {
    if (!what.empty() && everything_is_required())
        throw std::runtime_error("everything has to run here, but " + what);
    return what;
}

}  // namespace cxb::test
