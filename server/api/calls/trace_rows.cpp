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

// A row of its own for each would cost its indexes each time. They lie together in one, which the
// reader takes apart again; a single one lies open.
void trace_rows::into(store::batch& writes, random_source& random) {
    if (rows_.empty()) return;
    wire::json_object row;
    if (rows_.size() == 1)
        row = std::move(rows_.front());
    else
        row["rows"] = wire::json_array(std::make_move_iterator(rows_.begin()),
                                       std::make_move_iterator(rows_.end()));
    row["_id"] = make_hex24(at_, random);
    row["session_id"] = session_id_;
    row["seq"] = first_seq_;
    row["at"] = format_timestamp(at_);
    row["source"] = source_;
    writes.insert(server::model::call_trace, std::move(row));
    rows_.clear();
}

void append_trace_rows(wire::json_object stored, wire::json_array& to) {
    stored.erase("_id");
    stored.erase("session_id");
    auto* const together = stored.if_contains("rows");
    if (together == nullptr || !together->is_array()) {
        to.push_back(std::move(stored));
        return;
    }
    auto rows = std::move(together->get_array());
    stored.erase("rows");
    auto seq = wire::int_at(stored, "seq");
    for (auto& each : rows) {
        if (!each.is_object()) continue;
        auto& row = each.get_object();
        for (auto const& [name, value] : stored)
            row[name] = value;
        row["seq"] = seq++;
        to.push_back(std::move(each));
    }
}

std::optional<store::filter> old_traces(int kept_days, time_point now) {
    if (kept_days <= 0) return std::nullopt;
    auto const oldest = format_timestamp(now - std::chrono::days{kept_days});
    return store::all_of({store::lt("at", wire::json_value(oldest))});
}

}  // namespace cxb::api
