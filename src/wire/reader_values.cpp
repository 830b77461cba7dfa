// The scalar events, and where each value goes.
#include <cmath>

#include "src/wire/json_text.hpp"
#include "src/wire/reader.hpp"

namespace cxb::inline v1 {
namespace wire::detail {

std::string_view reader::name_of(json_kind kind) {
    static constexpr std::string_view names[] = {"object", "array",   "string",
                                                 "number", "boolean", "null"};
    return names[static_cast<std::size_t>(kind)];
}

std::string_view reader::expected(slot const& at) {
    switch (at.ops->kind) {
        case value_kind::boolean:
            return "boolean";
        case value_kind::integer:
            return at.row->as_seconds ? "number" : "integer";
        case value_kind::number:
            return "number";
        case value_kind::list:
            return "array";
        case value_kind::record:
        case value_kind::map:
        case value_kind::raw:
            return "object";
        default:
            return "string";
    }
}

bool reader::fits(slot const& at, json_kind kind) {
    bool good = false;
    switch (at.ops->kind) {
        case value_kind::raw:
            good = !at.row->object_only || kind == json_kind::object;
            break;
        case value_kind::boolean:
            good = kind == json_kind::boolean;
            break;
        case value_kind::integer:
        case value_kind::number:
            good = kind == json_kind::number;
            break;
        case value_kind::list:
            good = kind == json_kind::array;
            break;
        case value_kind::record:
        case value_kind::map:
            good = kind == json_kind::object;
            break;
        default:
            good = kind == json_kind::string;
    }
    if (!good) {
        std::string reason("expected ");
        complain(reason.append(expected(at)).append(", got ").append(name_of(kind)));
    }
    return good;
}

reader::slot reader::arrive(json_kind kind) {
    if (stack_.empty()) {
        complain("expected object, got " + std::string(name_of(kind)));
        return {};
    }
    auto& at = top();
    at.value = faults_.here();
    switch (at.what) {
        case frame::form::record:
            return arrive_member(at, kind);
        case frame::form::list:
            return arrive_element(at, kind);
        default:
            return arrive_entry(at, kind);
    }
}

reader::slot reader::arrive_member(frame& at, json_kind kind) {
    if (at.next == fate::ignored) return {};
    if (at.next != fate::row) {
        if (kind != json_kind::object) at.next = fate::extra;
        start_capture({}, purpose::extra, at.table->spec().unknown_bytes);
        return {};
    }
    auto const& row = at.row->data();
    if (kind == json_kind::null && arrive_null(at)) return {};
    auto const bit = std::uint64_t{1} << at.index;
    if ((at.seen & bit) != 0) renew(at);
    at.seen |= bit;
    if (at.alias) at.by_alias |= bit;
    at.value = faults_.here();
    if (row.custom_read != nullptr) {
        start_capture({&row, nullptr}, purpose::custom, row.max_bytes);
        return {};
    }
    slot const out{&row, row.ops->value};
    if (out.ops->kind != value_kind::raw) return out;
    if (kind == json_kind::string && wants_text_as_json(out)) return out;
    if (fits(out, kind)) start_capture(out, purpose::member, row.max_bytes);
    return {};
}

// Null is a state of its own, a fault, or the same as absence.
bool reader::arrive_null(frame& at) {
    auto const& row = at.row->data();
    auto const bit = std::uint64_t{1} << at.index;
    if (row.null_kept) return false;
    bool const other_name = ((at.by_alias & bit) != 0) != at.alias;
    if (row.ops->is_null == nullptr && !row.required && (at.seen & bit) != 0 && other_name)
        return true;
    if ((at.seen & bit) != 0) renew(at);
    if (row.ops->is_null != nullptr) {
        row.ops->set_null(member_of(row, at.object));
        at.seen |= bit;
    } else if (row.required) {
        at.seen |= bit;
        at.value = faults_.here();
        complain("must not be null");
    }
    return true;
}

// A repeated member: as if the earlier value had not been there.
void reader::renew(frame& at) {
    auto const& row = at.row->data();
    auto const bit = std::uint64_t{1} << at.index;
    if (faults_.grown(at.begin)) {
        auto const base = pointer(stack_.size() - 1);
        auto const forget = [&](std::string_view name) {
            auto place = base;
            append_step(place, name);
            faults_.drop_below(at.begin, place);
        };
        forget(row.name);
        for (std::size_t k = 0; k < row.alias_count; ++k)
            forget(row.aliases[k]);
    }
    row.ops->copy(member_of(row, at.object), member_of(row, at.table->spec().prototype()));
    at.seen &= ~bit;
    at.by_alias &= ~bit;
}

reader::slot reader::arrive_element(frame& at, json_kind kind) {
    if (at.full) return {};
    auto const& row = at.row->data();
    if (row.max_items != 0 && at.ops->size(at.object) >= row.max_items) {
        at.full = true;
        faults_.add(pointer(stack_.size() - 1), count_fault(row, row.max_items + 1));
        return {};
    }
    if (quiet_ == 0 && how_.tolerant_items && row.tolerant && warnings_.size() > limits::faults)
        quiet_ = stack_.size();
    if (kind == json_kind::null) {
        complain("must not be null");
        return {};
    }
    slot const out{&row, at.ops->item};
    if (out.ops->kind != value_kind::raw) return out;
    if (fits(out, kind)) start_capture(out, purpose::member, row.max_bytes);
    return {};
}

reader::slot reader::arrive_entry(frame& at, json_kind kind) {
    if (at.full) return {};
    auto const& row = at.row->data();
    auto& map = *static_cast<std::map<std::string, std::string>*>(at.object);
    slot const out{&row, &value_ops_of<std::string>};
    if (!fits(out, kind)) return {};
    if (auto reason = map_key_fault(map_key_); !reason.empty()) {
        complain(std::move(reason));
        return {};
    }
    if (row.max_items != 0 && map.size() >= row.max_items && !map.contains(map_key_)) {
        at.full = true;
        faults_.add(pointer(stack_.size() - 1), count_fault(row, row.max_items + 1));
        return {};
    }
    return out;
}

void* reader::place(slot const& at) {
    auto& holder = top();
    switch (holder.what) {
        case frame::form::record:
            return at.row->ops->fresh(member_of(*at.row, holder.object));
        case frame::form::list:
            holder.pushed = true;
            return holder.ops->push(holder.object);
        default:
            return &(*static_cast<std::map<std::string, std::string>*>(holder.object))[map_key_];
    }
}

bool reader::wants_text_as_json(slot const& at) const {
    if (!at.row->from_text || inner_ || stack_.back().what != frame::form::record) return false;
    auto const kind = at.ops->kind;
    return kind != value_kind::text && kind != value_kind::secret && kind != value_kind::word &&
           kind != value_kind::timestamp;
}

bool reader::is_digits_of_text(slot const& at, number_token const& token) {
    return at.row->or_integer && at.ops->kind == value_kind::text &&
           token.kind != number_token::form::real;
}

bool reader::is_bare_object(slot const& at) const {
    return at.ops->kind == value_kind::record && !at.ops->table().spec().bare.empty();
}

void reader::string(std::string_view text) {
    if (captures()) return void(text_.string(text));
    if (skipping_ > 0) return;
    auto const at = arrive(json_kind::string);
    if (captures()) {
        text_.string(text);
        return finish_capture();
    }
    if (at.ops != nullptr) {
        if (wants_text_as_json(at)) return read_inner(at, text);
        if (is_bare_object(at)) return send_bare(at, [&] { string(text); });
        if (fits(at, json_kind::string)) store_text(at, text);
    }
    value_done();
}

// The text is checked first, so that its events always come to an end.
void reader::read_inner(slot const& at, std::string_view text) {
    auto const inner = raw_json::parse(text);
    if (!inner) {
        fits(at, json_kind::string);
        return value_done();
    }
    inner_ = true;
    (void)send_text(inner->text(), *this);
    inner_ = false;
}

void reader::number(number_token const& token) {
    if (captures()) return void(text_.plain(token.text));
    if (skipping_ > 0) return;
    auto const at = arrive(json_kind::number);
    if (captures()) {
        text_.plain(token.text);
        return finish_capture();
    }
    if (at.ops != nullptr) {
        if (is_bare_object(at)) return send_bare(at, [&] { number(token); });
        bool const as_flag = at.ops->kind == value_kind::boolean && at.row->from_text &&
                             (token.real == 0 || token.real == 1);
        if (as_flag)
            store_boolean(at, token.real == 1);
        else if (is_digits_of_text(at, token))
            store_text(at, token.text);
        else if (fits(at, json_kind::number))
            store_number(at, token);
    }
    value_done();
}

void reader::boolean(bool value) {
    auto const text = value ? "true" : "false";
    if (captures()) return void(text_.plain(text));
    if (skipping_ > 0) return;
    auto const at = arrive(json_kind::boolean);
    if (captures()) {
        text_.plain(text);
        return finish_capture();
    }
    if (at.ops != nullptr) {
        if (is_bare_object(at)) return send_bare(at, [&] { boolean(value); });
        if (fits(at, json_kind::boolean)) store_boolean(at, value);
    }
    value_done();
}

void reader::null() {
    if (captures()) return void(text_.plain("null"));
    if (skipping_ > 0) return;
    auto const at = arrive(json_kind::null);
    if (captures()) {
        text_.plain("null");
        return finish_capture();
    }
    if (at.ops != nullptr) fits(at, json_kind::null);
    value_done();
}

void reader::store_boolean(slot const& at, bool value) {
    *static_cast<bool*>(place(at)) = value;
}

void reader::store_text(slot const& at, std::string_view text) {
    std::string reason;
    switch (at.ops->kind) {
        case value_kind::timestamp: {
            auto const moment = parse_timestamp(text);
            if (!moment) return complain("must be an RFC 3339 timestamp");
            *static_cast<time_point*>(place(at)) = *moment;
            return;
        }
        case value_kind::word:
            reason = word_fault(*at.ops, text);
            if (reason.empty() && !at.ops->set_word(place(at), text))
                reason = words_reason(at.ops->words);
            break;
        default:
            reason = text_fault(*at.row, text);
            if (!reason.empty()) break;
            if (at.ops->kind == value_kind::secret)
                *static_cast<cxb::secret*>(place(at)) = cxb::secret(std::string(text));
            else
                static_cast<std::string*>(place(at))->assign(text);
    }
    if (!reason.empty()) complain(std::move(reason));
}

void reader::store_number(slot const& at, number_token const& token) {
    if (!is_within(*at.row, token.real))
        return wants_faults() ? complain(number_fault(*at.row, token.real)) : faults_.count_only();
    if (at.ops->kind == value_kind::number) return at.ops->set_number(place(at), token.real);
    store_integer(at, token);
}

void reader::store_integer(slot const& at, number_token const& token) {
    auto whole = token.whole;
    if (token.kind != number_token::form::signed_whole || at.row->as_seconds) {
        auto const scale = at.row->as_seconds ? at.ops->per_second : 1.0;
        auto const value = token.real * scale;
        if (!at.row->as_seconds && std::trunc(value) != value)
            return complain("expected integer, got number");
        if (std::abs(value) >= 9.2e18) return complain("integer out of range");
        whole = std::llround(value);
    }
    if (!at.ops->set_int(place(at), whole)) complain("integer out of range");
}

}  // namespace wire::detail
}  // namespace cxb::inline v1
