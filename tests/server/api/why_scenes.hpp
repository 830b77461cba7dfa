#pragma once
// For every code of /why a way to get there.
#include <span>

#include "server/api/why_fixture.hpp"

namespace cxb::api::test {

// Brings a subject into a state; gives its id.
using why_scene = std::string (*)(why_test& at);

struct why_scenario {
    std::string_view kind;
    std::string_view code;
    why_scene play;
};

[[nodiscard]] std::span<why_scenario const> why_scenarios() noexcept;

}  // namespace cxb::api::test
