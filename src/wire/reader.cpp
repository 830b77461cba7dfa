#include "src/wire/reader.hpp"

#include <algorithm>

#include "src/wire/canonical_text.hpp"
#include "src/wire/json_text.hpp"

namespace cxb::inline v1 {
namespace wire::detail {

reader::reader(object_table const& table, void* to, parse_options const& how)
    : root_(table), to_(to), how_(how) {
    stack_.reserve(limits::json_depth + 1);
}

result<void> reader::finish() {
    if (!faults_.empty()) return invalid_document(faults_.finish());
    if (how_.warnings != nullptr)
        std::move(warnings_.begin(), warnings_.end(), std::back_inserter(*how_.warnings));
    return {};
}

std::string reader::pointer(std::size_t frames) const {
    std::string out;
    for (std::size_t i = 0; i < frames; ++i) {
        auto const& at = stack_[i];
        if (at.what == frame::form::list)
            append_step(out, at.index);
        else if (at.what == frame::form::map)
            append_step(out, map_key_);
        else if (!at.bare)
            append_step(out, at.name);
    }
    return out;
}

void reader::complain(std::string reason) {
    if (wants_faults())
        faults_.add(pointer(), std::move(reason));
    else
        faults_.count_only();
}

void reader::warn(std::string pointer, std::string reason) {
    if (warnings_.size() < limits::faults)
        warnings_.push_back({std::move(pointer), std::move(reason)});
    else if (warnings_.size() == limits::faults)
        warnings_.push_back({"", "more warnings not shown"});
}

void reader::open_record(object_table const& table, void* object, bool bare) {
    frame next;
    next.table = &table;
    next.object = object;
    next.bare = bare;
    next.begin = faults_.here();
    stack_.push_back(std::move(next));
}

void reader::open_list(slot const& at, void* object) {
    frame next;
    next.what = frame::form::list;
    next.object = object;
    next.row = top().row;
    next.ops = at.ops;
    next.begin = faults_.here();
    stack_.push_back(std::move(next));
}

void reader::open_map(slot const& at, void* object) {
    open_list(at, object);
    top().what = frame::form::map;
}

void reader::object_begin() {
    if (captures()) return void(text_.object_begin());
    if (skipping_ > 0) return void(++skipping_);
    if (stack_.empty()) return open_record(root_, to_, false);
    auto const at = arrive(json_kind::object);
    if (captures()) return void(text_.object_begin());
    if (at.ops == nullptr || !fits(at, json_kind::object)) return skip();
    auto* const object = place(at);
    if (at.ops->kind == value_kind::map) return open_map(at, object);
    open_record(at.ops->table(), object, false);
}

void reader::object_end(std::size_t /*count*/) {
    if (captures()) {
        if (text_.object_end()) finish_capture();
        return;
    }
    if (skipping_ > 0) {
        if (--skipping_ == 0) value_done();
        return;
    }
    close_frame();
}

void reader::array_begin() {
    if (captures()) return void(text_.array_begin());
    if (skipping_ > 0) return void(++skipping_);
    auto const at = arrive(json_kind::array);
    if (captures()) return void(text_.array_begin());
    if (at.ops == nullptr || !fits(at, json_kind::array)) return skip();
    open_list(at, place(at));
}

void reader::array_end(std::size_t /*count*/) {
    if (captures()) {
        if (text_.array_end()) finish_capture();
        return;
    }
    if (skipping_ > 0) {
        if (--skipping_ == 0) value_done();
        return;
    }
    close_frame();
}

void reader::close_frame() {
    auto& at = top();
    if (at.what == frame::form::record) {
        if (at.table->spec().unknown != unknown_rule::ignore) keep_extras(at);
        run_rules(at);
    } else {
        auto const count =
            at.what == frame::form::list
                ? at.ops->size(at.object)
                : static_cast<std::map<std::string, std::string> const*>(at.object)->size();
        auto reason = at.full ? std::string{} : count_fault(at.row->data(), count);
        if (!reason.empty()) faults_.add(pointer(stack_.size() - 1), std::move(reason));
    }
    stack_.pop_back();
    value_done();
}

std::vector<std::string> reader::dropped_below(std::string const& base) const {
    std::vector<std::string> out;
    for (auto const& each : dropped_)
        if (each.starts_with(base)) out.push_back(each.substr(base.size()));
    return out;
}

// Required members, then the rules of the type.
void reader::run_rules(frame& at) {
    auto const& table = *at.table;
    auto const& spec = table.spec();
    auto const missing = table.required() & ~at.seen;
    if (missing == 0 && spec.check == nullptr && spec.after_read == nullptr) return;
    auto const base = quiet_ == 0 ? pointer(stack_.size() - 1) : std::string{};
    for (std::size_t i = 0; missing != 0 && i < table.rows().size(); ++i) {
        if ((missing >> i & 1U) == 0) continue;
        if (!wants_faults()) {
            faults_.count_only();
            continue;
        }
        auto place = base;
        append_step(place, table.rows()[i].data().name);
        faults_.add(std::move(place), "required member is missing");
    }
    if (spec.check == nullptr && spec.after_read == nullptr) return;
    std::vector<fault> found;
    std::vector<fault> told;
    auto const dropped = dropped_below(base);
    fault_sink sink(found, told, how_, dropped);
    if (spec.after_read != nullptr) spec.after_read(at.object, sink);
    if (spec.check != nullptr) spec.check(at.object, sink);
    for (auto& item : told)
        warn(base + item.pointer, std::move(item.reason));
    faults_.merge(at.begin, base, std::move(found));
}

void reader::value_done() {
    if (stack_.empty()) return;
    auto& at = top();
    if (at.what == frame::form::list) return element_done(at);
    if (at.what != frame::form::record || at.next != fate::row) return;
    if (!at.row->data().lenient || !faults_.grown(at.value)) return;
    faults_.drop_since(at.value);
    renew(at);
}

void reader::element_done(frame& at) {
    if (faults_.grown(at.value) && how_.tolerant_items && at.row->data().tolerant && !at.full) {
        for (auto& item : faults_.take_since(at.value))
            warn(std::move(item.pointer), std::move(item.reason));
        if (at.pushed) at.ops->pop(at.object);
        dropped_.push_back(pointer());
    }
    if (quiet_ == stack_.size()) quiet_ = 0;
    at.pushed = false;
    ++at.index;
}

void reader::key(std::string_view name) {
    if (captures()) return text_.key(name);
    if (skipping_ > 0) return;
    auto& at = top();
    if (at.what == frame::form::map) {
        map_key_ = name;
        faults_.drop_below(at.begin, pointer());
        return;
    }
    if (!select_row(at, name)) select_unknown(at, name);
}

// Senders mostly keep the table's order, so the search starts behind the last row found.
bool reader::select_row(frame& at, std::string_view name) {
    auto const rows = at.table->rows();
    auto const names = at.table->names();
    auto const count = names.size();
    auto i = at.row == nullptr ? 0 : at.index + 1;
    for (std::size_t step = 0; step < count; ++step, ++i) {
        if (i == count) i = 0;
        if (names[i] != name) continue;
        at.row = &rows[i], at.index = i, at.name = names[i], at.alias = false;
        at.next = fate::row;
        return true;
    }
    for (i = 0; i < count; ++i) {
        auto const& row = rows[i].data();
        for (std::size_t k = 0; k < row.alias_count; ++k) {
            if (row.aliases[k] != name) continue;
            auto const bit = std::uint64_t{1} << i;
            at.row = &rows[i], at.index = i, at.name = row.aliases[k], at.alias = true;
            bool const by_canonical = (at.seen & bit) != 0 && (at.by_alias & bit) == 0;
            at.next = by_canonical ? fate::ignored : fate::row;
            return true;
        }
    }
    return false;
}

void reader::select_unknown(frame& at, std::string_view name) {
    auto const& spec = at.table->spec();
    at.row = nullptr;
    at.next = fate::ignored;
    if (!spec.dropped_prefix.empty() && name.starts_with(spec.dropped_prefix)) return;
    if (spec.unknown != unknown_rule::ignore) {
        bool const whole = spec.unknown == unknown_rule::collect && name == spec.unknown_name;
        at.next = whole ? fate::taken_apart : fate::extra;
        name_ = name;
        at.name = {};
        return;
    }
    auto* const names = how_.ignored;
    if (names == nullptr || stack_.size() > 1 || names->size() >= max_ignored_names) return;
    if (std::find(names->begin(), names->end(), name) == names->end()) names->emplace_back(name);
}

}  // namespace wire::detail

namespace wire {

namespace {

// Sends every event to both.
class both final : public detail::json_events {
  public:
    both(json_events& one, json_events& other) : one_(one), other_(other) {}
    void object_begin() override { one_.object_begin(), other_.object_begin(); }
    void object_end(std::size_t n) override { one_.object_end(n), other_.object_end(n); }
    void array_begin() override { one_.array_begin(), other_.array_begin(); }
    void array_end(std::size_t n) override { one_.array_end(n), other_.array_end(n); }
    void key(std::string_view name) override { one_.key(name), other_.key(name); }
    void string(std::string_view text) override { one_.string(text), other_.string(text); }
    void number(detail::number_token const& token) override {
        one_.number(token), other_.number(token);
    }
    void boolean(bool value) override { one_.boolean(value), other_.boolean(value); }
    void null() override { one_.null(), other_.null(); }

  private:
    json_events& one_;
    json_events& other_;
};

// `send` tokenizes the document, once, for whoever listens.
template <class Send>
result<void> read_document(object_table const& table, void* to, parse_options const& how,
                           Send const& send) {
    detail::reader reading(table, to, how);
    if (how.canonical == nullptr) {
        CXB_CHECK(send(reading));
        return reading.finish();
    }
    detail::canonical_text canonical(*how.canonical);
    both listeners(reading, canonical);
    CXB_CHECK(send(listeners));
    return reading.finish();
}

}  // namespace

result<void> read_text(object_table const& table, void* to, std::string_view text,
                       parse_options const& how) {
    if (how.max_bytes != 0 && text.size() > how.max_bytes)
        return error(errc::too_large, "Body over " + std::to_string(how.max_bytes) + " bytes");
    return read_document(table, to, how,
                         [&](detail::json_events& all) { return detail::send_text(text, all); });
}

result<void> read_value(object_table const& table, void* to, json_view value,
                        parse_options const& how) {
    return read_document(table, to, how, [&](detail::json_events& all) {
        return value.object() != nullptr ? detail::send_object(*value.object(), all)
                                         : detail::send_value(*value.value(), all);
    });
}

}  // namespace wire
}  // namespace cxb::inline v1
