#pragma once
/// @file
/// The answer to a posted call result (spec 10 §4): `{"status":"ok","session_id":…,"result":…}`.
/// It means that the result is on disk. An older control plane sends no `result`.

#include <optional>
#include <string>

#include "cxb/contract/call_results/words.hpp"
#include "cxb/wire/field_table.hpp"

CXB_EXPORT_BEGIN
namespace cxb::inline v1 {
namespace contract::call_results {

struct call_results_ack {
    std::string status = "ok";                    ///< always
    std::string session_id;                       ///< of the call it belongs to
    std::optional<open_enum<ack_result>> result;  ///< what became of it
    friend bool operator==(call_results_ack const&, call_results_ack const&) = default;
};
CXB_WIRE_DECLARE(call_results_ack);

}  // namespace contract::call_results
}  // namespace cxb::inline v1
CXB_EXPORT_END
