#pragma once
/// @file
/// Rules over the lists of a config that hold for the runtime config and for the stored bot it is
/// made from (spec 10 §3.4, §3.5): tool names and target ids are unique, and each transfer method
/// has at most one enabled default.
///
/// Faults point below the document: `/tools/1/function/name`, `/transfer_targets/0/id`,
/// `/transfer_targets/2/is_default`. Thread-safety: a pure function.

#include <vector>

#include "cxb/contract/runtime_config/tools.hpp"
#include "cxb/contract/runtime_config/transfer.hpp"

CXB_EXPORT_BEGIN
namespace cxb::inline v1 {
namespace contract::runtime_config {

/// Adds a fault for every element that breaks a rule; the first of equal ones is taken as good.
void check_lists(std::vector<tool> const& tools, std::vector<transfer_target> const& targets,
                 wire::fault_sink& sink);

/// The same for a reader that would rather lose an element than the call
/// (`parse_options::tolerant_items`): repeated tools and targets go, a further default of a method
/// is no default, each with a warning. Indices are those of the lists as they are given: after the
/// reader dropped what it could not read.
void drop_repeated(std::vector<tool>& tools, std::vector<transfer_target>& targets,
                   wire::fault_sink& sink);

}  // namespace contract::runtime_config
}  // namespace cxb::inline v1
CXB_EXPORT_END
