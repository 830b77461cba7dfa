#include "src/wire/writer.hpp"

#include <cassert>

namespace cxb::inline v1 {
namespace wire::detail {

namespace {

// Is there anything to write?
bool is_present(row_data const& row, void const* member, std::string& custom) {
    if (row.custom_write != nullptr) {
        row.custom_write(member, custom);
        return !custom.empty();
    }
    if (row.ops->get(member) != nullptr) return true;
    return row.ops->is_null != nullptr && row.ops->is_null(member);
}

}  // namespace

template <class Sink>
void writer<Sink>::member(object_table const& table, std::size_t i, void const* object) {
    auto const& row = table.rows()[i].data();
    auto const* const at = member_of(row, object);
    std::string custom;
    if (!is_present(row, at, custom)) return;
    if (row.omit_default && member_text(row, at) == table.default_json(i)) return;
    sink_.key(row.name);
    auto const put = [&] {
        if (for_log_ && hidden(row, at)) return;
        if (row.custom_write != nullptr)
            sink_.raw(custom);
        else
            content(row, at);
    };
    put();
    for (std::size_t k = 0; row.write_aliases && k < row.alias_count; ++k) {
        sink_.key(row.aliases[k]);
        put();
    }
}

template <class Sink>
void writer<Sink>::content(row_data const& row, void const* member) {
    auto const* const inner = row.ops->get(member);
    if (inner == nullptr)
        sink_.null();
    else
        value(row, *row.ops->value, inner);
}

template <class Sink>
void writer<Sink>::unknown(table_spec const& spec, void const* object) {
    if (spec.unknown == unknown_rule::ignore) return;
    auto const* const at = spec.unknown_member(const_cast<void*>(object));
    auto const& kept = *static_cast<raw_json const*>(at);
    if (!kept.is_object() || kept.is_blank()) return;
    bool const in_place = spec.unknown == unknown_rule::keep_in_place;
    if (for_log_) {
        sink_.key(in_place ? "<unknown>" : spec.unknown_name);
        personal(kept.size());
    } else if (in_place) {
        sink_.members(kept.text());
    } else {
        sink_.key(spec.unknown_name);
        sink_.raw(kept.text());
    }
}

// Logs show neither secrets nor personal values.
template <class Sink>
bool writer<Sink>::hidden(row_data const& row, void const* member) {
    bool const is_secret = row.ops->value != nullptr && row.ops->value->kind == value_kind::secret;
    if (is_secret || row.sensitivity == sensitivity_kind::secret) {
        sink_.string("***");
        return true;
    }
    if (row.sensitivity != sensitivity_kind::personal) return false;
    auto const text = member_text(row, member);
    personal(text.starts_with('"') ? text.size() - 2 : text.size());
    return true;
}

template <class Sink>
void writer<Sink>::list(row_data const& row, value_ops const& ops, void const* from) {
    sink_.array_begin();
    auto const count = ops.size(from);
    for (std::size_t i = 0; i < count; ++i) {
        sink_.item();
        value(row, *ops.item, ops.nth(from, i));
    }
    sink_.array_end();
}

template <class Sink>
void writer<Sink>::map(void const* from) {
    sink_.object_begin();
    for (auto const& [name, text] : *static_cast<std::map<std::string, std::string> const*>(from)) {
        sink_.key(name);
        sink_.string(text);
    }
    sink_.object_end();
}

template <class Sink>
void writer<Sink>::value(row_data const& row, value_ops const& ops, void const* from) {
    switch (ops.kind) {
        case value_kind::text:
            return sink_.string(*static_cast<std::string const*>(from));
        case value_kind::boolean:
            return sink_.boolean(*static_cast<bool const*>(from));
        case value_kind::integer: {
            auto const count = ops.get_int(from);
            if (row.as_seconds)
                sink_.number(wire_number(row, ops, count));
            else
                sink_.integer(count);
            return;
        }
        case value_kind::number:
            return sink_.number(ops.get_number(from));
        case value_kind::timestamp:
            return sink_.string(format_timestamp(*static_cast<time_point const*>(from)));
        case value_kind::secret:
            return sink_.string(for_log_ ? "***" : static_cast<cxb::secret const*>(from)->reveal());
        case value_kind::raw:
            return sink_.raw(static_cast<raw_json const*>(from)->text());
        case value_kind::word:
            return sink_.string(ops.get_word(from));
        case value_kind::record:
            return object(ops.table(), from);
        case value_kind::list:
            return list(row, ops, from);
        case value_kind::map:
            return map(from);
    }
}

template class writer<text_sink>;
template class writer<value_sink>;

std::string member_text(row_data const& row, void const* member) {
    std::string out;
    if (!is_present(row, member, out) || row.custom_write != nullptr) return out;
    text_sink sink(out);
    auto const* const inner = row.ops->get(member);
    if (inner == nullptr)
        sink.null();
    else
        writer<text_sink>(sink).value(row, *row.ops->value, inner);
    return out;
}

}  // namespace wire::detail

namespace wire {

void write_text(object_table const& table, void const* from, std::string& out) {
    assert(check_value(table, from).has_value() && "writing an invalid value");
    detail::text_sink sink(out);
    detail::writer<detail::text_sink>(sink).object(table, from);
}

json_object write_object(object_table const& table, void const* from) {
    return write_object(table, from, boost::json::storage_ptr());
}

json_object write_object(object_table const& table, void const* from,
                         boost::json::storage_ptr memory) {
    assert(check_value(table, from).has_value() && "writing an invalid value");
    detail::value_sink sink(std::move(memory));
    detail::writer<detail::value_sink>(sink).object(table, from);
    return sink.take();
}

std::string log_line(object_table const& table, void const* value) {
    std::string out;
    detail::text_sink sink(out);
    detail::writer<detail::text_sink>(sink, true).object(table, value);
    return out;
}

}  // namespace wire
}  // namespace cxb::inline v1
