#include "cxb/wire/object_table.hpp"

#include <algorithm>
#include <stdexcept>

#include "src/wire/writer.hpp"

namespace cxb::inline v1 {
namespace wire {

namespace {

using namespace detail;

[[noreturn]] void refuse(std::string_view table, std::string_view row, std::string_view why) {
    throw std::logic_error(
        std::string("field table ").append(table).append("/").append(row).append(": ").append(why));
}

value_ops const* scalar_of(row_data const& row) {
    auto const* ops = row.ops->value;
    while (ops != nullptr && ops->kind == value_kind::list)
        ops = ops->item;
    return ops;
}

// Bounds that the row did not state come from its pattern or its type.
void settle_bounds(row_data& row) {
    auto const* const ops = scalar_of(row);
    auto const kind = ops == nullptr ? value_kind::raw : ops->kind;
    std::size_t low = 0;
    std::size_t high = 0;
    switch (kind) {
        case value_kind::text:
        case value_kind::secret:
        case value_kind::map:
            high = limits::text;
            break;
        case value_kind::raw:
            high = limits::policy_json;
            break;
        case value_kind::word:
            low = 1, high = limits::open_word;
            break;
        default:
            break;
    }
    if (row.pattern != nullptr) low = row.pattern->min_bytes, high = row.pattern->max_bytes;
    if (row.min_bytes == unsaid) row.min_bytes = low;
    if (row.max_bytes == unsaid) row.max_bytes = high;
}

std::string type_word(row_data const& row, value_ops const* ops) {
    if (ops == nullptr) return "custom";
    switch (ops->kind) {
        case value_kind::text:
        case value_kind::secret:
            return "str";
        case value_kind::boolean:
            return "bool";
        case value_kind::integer:
            return row.as_seconds ? "num" : "int";
        case value_kind::number:
            return "num";
        case value_kind::timestamp:
            return "ts";
        case value_kind::raw:
            return row.object_only ? "raw obj" : "raw";
        case value_kind::word:
            return ops->open ? "open word" : "word";
        case value_kind::record:
            return "obj";
        case value_kind::map:
            return "map";
        case value_kind::list:
            return "list of " + type_word(row, ops->item);
    }
    return {};
}

null_rule null_of(row_data const& row) {
    if (row.null_kept || row.ops->is_null != nullptr) return null_rule::keep;
    return row.required ? null_rule::reject : null_rule::absent;
}

presence_kind presence_of(row_data const& row) {
    if (row.required) return presence_kind::required;
    return row.ops->may_be_absent ? presence_kind::optional : presence_kind::with_default;
}

field_info describe(field_row const& from) {
    auto const& row = from.data();
    auto const* const scalar = scalar_of(row);
    field_info out;
    out.name = row.name;
    out.type = type_word(row, row.ops->value);
    if (scalar != nullptr && scalar->kind == value_kind::record)
        out.record = scalar->table().name();
    out.presence = presence_of(row);
    out.null = null_of(row);
    if (row.min > -std::numeric_limits<double>::infinity()) out.min = row.min;
    if (row.max < std::numeric_limits<double>::infinity()) out.max = row.max;
    out.min_bytes = row.min_bytes;
    out.max_bytes = row.max_bytes;
    out.min_items = row.min_items;
    out.max_items = row.max_items;
    if (row.pattern != nullptr) out.pattern = row.pattern->id;
    out.words = row.words;
    if (scalar != nullptr && scalar->kind == value_kind::word) out.words = scalar->words;
    bool const is_secret = scalar != nullptr && scalar->kind == value_kind::secret;
    out.sensitivity = is_secret ? sensitivity_kind::secret : row.sensitivity;
    out.aliases = std::span(row.aliases).first(row.alias_count);
    out.since = row.since;
    out.deprecated_since = row.deprecated_since;
    out.writer = row.writer;
    out.reader = row.reader;
    out.doc = row.doc;
    return out;
}

bool has_name(row_data const& row, std::string_view name) {
    auto const known = std::span(row.aliases).first(row.alias_count);
    return row.name == name || std::find(known.begin(), known.end(), name) != known.end();
}

void refuse_repeated_names(std::string_view table, std::span<field_row const> rows) {
    for (std::size_t i = 0; i < rows.size(); ++i) {
        for (std::size_t k = 0; k < rows.size(); ++k) {
            if (i != k && has_name(rows[k].data(), rows[i].data().name))
                refuse(table, rows[i].data().name, "name is used twice");
        }
    }
}

std::string scalar_fault(row_data const& row, void const* member) {
    auto const* const ops = row.ops->value;
    if (ops == nullptr) return {};
    auto const* const value = row.ops->get(member);
    switch (ops->kind) {
        case value_kind::text:
            return text_fault(row, *static_cast<std::string const*>(value));
        case value_kind::integer:
            return number_fault(row, wire_number(row, *ops, ops->get_int(value)));
        case value_kind::number:
            return number_fault(row, ops->get_number(value));
        default:
            return {};
    }
}

// The member initialiser is the default; what the row says about it must agree.
std::string default_of(std::string_view table, row_data const& row, void const* prototype) {
    if (presence_of(row) != presence_kind::with_default) return {};
    auto const* const member = member_of(row, prototype);
    auto text = member_text(row, member);
    if (auto const reason = scalar_fault(row, member); !reason.empty())
        refuse(table, row.name, "default " + reason);
    if (row.default_text.empty()) return text;
    auto const stated = parse_json(row.default_text);
    if (!stated || to_canonical(*stated) != to_canonical(parse_json(text).value()))
        refuse(table, row.name, "stated default is not the member initialiser " + text);
    return text;
}

}  // namespace

object_table::object_table(std::string_view name, table_spec const& spec)
    : name_(spec.name.empty() ? name : spec.name), spec_(spec) {
    for (std::size_t i = 0; i < spec.merged_count; ++i) {
        auto const& part = spec.merged[i].table();
        for (auto row : part.rows()) {
            if (row.data().outer != nullptr) refuse(name, row.data().name, "merged twice");
            row.data().outer = spec.merged[i].outer;
            rows_.push_back(row);
        }
    }
    for (auto row : spec.rows) {
        if (row.data().owner != spec.owner) refuse(name, row.data().name, "row of another type");
        settle_bounds(row.data());
        rows_.push_back(row);
    }
    if (rows_.size() > 64) refuse(name, "", "more than 64 rows");
    refuse_repeated_names(name, rows_);
    infos_.reserve(rows_.size());
    names_.reserve(rows_.size());
    for (std::size_t i = 0; i < rows_.size(); ++i) {
        auto const& row = rows_[i].data();
        if (row.doc.empty()) refuse(name, row.name, "no sentence");
        names_.push_back(row.name);
        infos_.push_back(describe(rows_[i]));
        infos_.back().default_json = default_of(name, row, spec.prototype());
        if (row.required) required_ |= std::uint64_t{1} << i;
    }
}

}  // namespace wire
}  // namespace cxb::inline v1
