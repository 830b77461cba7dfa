#include "server/api/calls/trace_rows.hpp"

#include "cxb/base/ids.hpp"
#include "server/common/model/collections.hpp"

namespace cxb::api {

constexpr std::size_t max_data = 2048;

trace_rows& trace_rows::add(std::string_view name, wire::json_object data,
                            std::optional<milliseconds> took, std::string_view error_text) {
    wire::json_object row{{"name", name}};
    if (took) row["ms"] = took->count();
    if (!data.empty()) {
        if (wire::to_text(data).size() > max_data) data = {{"truncated", true}};
        row["data"] = std::move(data);
    }
    if (!error_text.empty()) row["error"] = error_text;
    rows_.push_back(std::move(row));
    return *this;
}

void trace_rows::into(store::batch& writes, random_source& random) {
    std::int64_t seq = first_seq_;
    for (auto& row : rows_) {
        row["_id"] = make_hex24(at_, random);
        row["session_id"] = session_id_;
        row["seq"] = seq++;
        row["at"] = format_timestamp(at_);
        row["source"] = source_;
        writes.insert(server::model::call_trace, std::move(row));
    }
    rows_.clear();
}

}  // namespace cxb::api
