// The bounds of the reader, for values built in code.
#include "cxb/base/encoding.hpp"
#include "cxb/wire/object_table.hpp"
#include "src/wire/bounds.hpp"
#include "src/wire/json_text.hpp"

namespace cxb::inline v1 {
namespace wire {

namespace detail {
namespace {

class validator {
  public:
    void object(object_table const& table, void const* from) {
        auto const begin = faults_.here();
        for (auto const& row : table.rows())
            member(row.data(), member_of(row.data(), from));
        auto const& spec = table.spec();
        if (spec.check == nullptr) return;
        std::vector<fault> found;
        std::vector<fault> told;
        parse_options const how;
        fault_sink sink(found, told, how);
        spec.check(from, sink);
        faults_.merge(begin, pointer_, std::move(found));
    }
    result<void> finish() {
        if (faults_.empty()) return {};
        return invalid_document(faults_.finish());
    }

  private:
    template <class Step, class Check>
    void below(Step const& step, Check const& check) {
        auto const size = pointer_.size();
        append_step(pointer_, step);
        check();
        pointer_.resize(size);
    }
    void complain(std::string reason) {
        if (!reason.empty()) faults_.add(pointer_, std::move(reason));
    }
    void member(row_data const& row, void const* at) {
        if (row.custom_read != nullptr) return;
        below(row.name, [&] {
            auto const* const inner = row.ops->get(at);
            if (inner != nullptr)
                value(row, *row.ops->value, inner);
            else if (row.required)
                complain("required member is missing");
        });
    }
    void text(row_data const& row, std::string_view value) {
        complain(is_utf8(value) ? text_fault(row, value) : "must be UTF-8");
    }
    void word(value_ops const& ops, std::string_view value) {
        if (!ops.open && value.empty())
            complain(words_reason(ops.words));
        else
            complain(is_utf8(value) ? word_fault(ops, value) : "must be UTF-8");
    }
    void raw(row_data const& row, raw_json const& value) {
        if (row.object_only && !value.is_object())
            complain("expected object");
        else
            complain(raw_fault(row, value));
    }
    void list(row_data const& row, value_ops const& ops, void const* from) {
        auto const count = ops.size(from);
        complain(count_fault(row, count));
        for (std::size_t i = 0; i < count; ++i)
            below(i, [&] { value(row, *ops.item, ops.nth(from, i)); });
    }
    void map(row_data const& row, std::map<std::string, std::string> const& from) {
        complain(count_fault(row, from.size()));
        for (auto const& [name, entry] : from) {
            below(std::string_view(name), [&] {
                complain(is_utf8(name) ? map_key_fault(name) : "name must be UTF-8");
                text(row, entry);
            });
        }
    }
    void value(row_data const& row, value_ops const& ops, void const* from) {
        switch (ops.kind) {
            case value_kind::text:
                return text(row, *static_cast<std::string const*>(from));
            case value_kind::secret:
                return text(row, static_cast<cxb::secret const*>(from)->reveal());
            case value_kind::integer:
                return complain(number_fault(row, wire_number(row, ops, ops.get_int(from))));
            case value_kind::number:
                return complain(number_fault(row, ops.get_number(from)));
            case value_kind::word:
                return word(ops, ops.get_word(from));
            case value_kind::raw:
                return raw(row, *static_cast<raw_json const*>(from));
            case value_kind::record:
                return object(ops.table(), from);
            case value_kind::list:
                return list(row, ops, from);
            case value_kind::map:
                return map(row, *static_cast<std::map<std::string, std::string> const*>(from));
            case value_kind::boolean:
            case value_kind::timestamp:
                return;
        }
    }

    std::string pointer_;
    fault_list faults_;
};

}  // namespace
}  // namespace detail

result<void> check_value(object_table const& table, void const* value) {
    detail::validator check;
    check.object(table, value);
    return check.finish();
}

}  // namespace wire
}  // namespace cxb::inline v1
