#pragma once
// Wrong Cores whose faults lie in the media WebSockets; rows of `core_mutations()`.

#include "server/cli/conformance/double_core.hpp"

namespace cxb_test {

void add_line_mutations(std::vector<core_mutation>& out);

}  // namespace cxb_test
