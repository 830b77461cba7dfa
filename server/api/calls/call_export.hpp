#pragma once
/// @file
/// `GET /calls/export` (spec 21 §2): calls as a CSV or NDJSON file of any length, read from the
/// store in portions of `limits::export_portion` and sent as the client takes them.
///
/// | format | a call is                                                                       |
/// |--------|---------------------------------------------------------------------------------|
/// | csv    | a row of the columns of the spec, then those that `columns` names                |
/// | ndjson | the document of `GET /calls/{id}`, one a line                                    |
///
/// `columns` holds names `analysis.X`, `qc.X`, `crm.X`, `call.X` with commas between them; their
/// values are those of the templates of a CRM push (`cxb/domain/push_variables.hpp`).
///
/// ```cpp
/// CXB_CO_TRY(auto order, read_call_export(context.query, context.caller, region, now, base));
/// CXB_CO_CHECK(co_await check_export_size(store, order));
/// ... streamed_response(executor, head_of(order), [=](auto& out) {
///         return write_calls(*store, order, *metrics, out); });
/// ```

#include <memory>
#include <string>
#include <vector>

#include "cxb/base/limits.hpp"
#include "cxb/domain/push_variables.hpp"
#include "server/api/calls/call_reading.hpp"
#include "server/common/http/stream_pump.hpp"
#include "server/common/metrics.hpp"

namespace cxb::api {

struct call_export {
    call_choice calls;
    bool csv = true;
    std::vector<std::string> extra;  ///< names asked for by `columns`
    std::vector<std::string> only;   ///< stored members to read; empty = whole documents
    std::string base;                ///< of public links
    domain::push_context variables;  ///< for the columns that are variables
};
using call_export_ptr = std::shared_ptr<call_export const>;

/// Errors: `invalid` with every fault of the query.
[[nodiscard]] result<call_export_ptr> read_call_export(wire::query_list const& query,
                                                       server::principal const& caller,
                                                       std::string const& phone_region,
                                                       time_point now, std::string base);

/// Errors: `invalid` `narrow the filter` for more than `most` calls; those of the store.
store::async<void> check_export_size(store::document_store& store, call_export_ptr order,
                                     std::size_t most = limits::export_rows);

[[nodiscard]] server::stream_head head_of(call_export const& order) noexcept;

/// The rows, in CSV below a row of names. Counted by the metrics, which must outlive it, as must
/// the store. Calls that came in meanwhile never make it longer than `limits::export_rows`.
/// Errors: those of the store and of the writer; `invalid` past that number.
server::stream_end write_calls(store::document_store& store, call_export_ptr order,
                               server::metrics_registry& metrics, server::stream_writer& out);

}  // namespace cxb::api
