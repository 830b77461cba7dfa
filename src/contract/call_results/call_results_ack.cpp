#include "cxb/contract/call_results/call_results_ack.hpp"

namespace cxb::inline v1 {
namespace contract::call_results {
namespace {

using wire::field;

constexpr wire::field_row ack_rows[] = {
    field<&call_results_ack::status>("status").doc("Always ok."),
    field<&call_results_ack::session_id>("session_id")
        .required()
        .pattern(wire::patterns::session_id)
        .doc("Of the posted result."),
    field<&call_results_ack::result>("result").doc("What became of the posted result."),
};

}  // namespace

CXB_WIRE_TYPE(call_results_ack, wire::table<call_results_ack>("The result is on disk.", ack_rows))

}  // namespace contract::call_results
}  // namespace cxb::inline v1
