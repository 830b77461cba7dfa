#pragma once
// Walks an object along its table and hands the parts to a sink: text, or a DOM.

#include <cmath>
#include <string>

#include "cxb/wire/json.hpp"
#include "cxb/wire/object_table.hpp"
#include "src/wire/bounds.hpp"
#include "src/wire/json_text.hpp"

namespace cxb::inline v1 {
namespace wire::detail {

class text_sink {
  public:
    explicit text_sink(std::string& out) : out_(out) {}
    void object_begin() { out_ += '{'; }
    void object_end() { out_ += '}'; }
    void array_begin() { out_ += '['; }
    void array_end() { out_ += ']'; }
    void key(std::string_view name) {
        if (out_.back() != '{') out_ += ',';
        append_string(out_, name);
        out_ += ':';
    }
    void item() {
        if (out_.back() != '[') out_ += ',';
    }
    void string(std::string_view text) { append_string(out_, text); }
    void number(double value) { append_number(out_, value); }
    void integer(std::int64_t value) { append_integer(out_, value); }
    void boolean(bool value) { out_ += value ? "true" : "false"; }
    void null() { out_ += "null"; }
    void raw(std::string_view json) { out_ += json; }
    // The members of an object given as text, beside those already written.
    void members(std::string_view json) {
        if (json.size() <= 2) return;
        if (out_.back() != '{') out_ += ',';
        out_ += json.substr(1, json.size() - 2);
    }

  private:
    std::string& out_;
};

class value_sink {
  public:
    void object_begin() { open(json_object{}); }
    void object_end() { stack_.pop_back(); }
    void array_begin() { open(json_array{}); }
    void array_end() { stack_.pop_back(); }
    void key(std::string_view name) { key_ = name; }
    void item() {}
    void string(std::string_view text) { put(json_value(boost::json::string_view(text))); }
    // A whole number is one kind of value, whether it went through text or not.
    void number(double value) {
        bool const whole = std::trunc(value) == value && std::abs(value) < 9007199254740992.0;
        put(whole ? json_value(static_cast<std::int64_t>(value)) : json_value(value));
    }
    void integer(std::int64_t value) { put(json_value(value)); }
    void boolean(bool value) { put(json_value(value)); }
    void null() { put(json_value(nullptr)); }
    void raw(std::string_view json) { put(parse_json(json).value()); }
    void members(std::string_view json) {
        if (json.size() <= 2) return;
        auto parsed = parse_json(json).value();
        auto& object = stack_.back()->get_object();
        for (auto& [name, value] : parsed.get_object())
            object.insert_or_assign(name, std::move(value));
    }
    json_object take() { return std::move(root_.get_object()); }

  private:
    json_value* put(json_value value) {
        if (stack_.empty()) return &(root_ = std::move(value));
        if (auto* array = stack_.back()->if_array()) return &array->emplace_back(std::move(value));
        auto& object = stack_.back()->get_object();
        return &object.insert_or_assign(key_, std::move(value)).first->value();
    }
    // A container is filled before its holder changes again, so the pointer stays good.
    void open(json_value value) { stack_.push_back(put(std::move(value))); }

    json_value root_;
    std::vector<json_value*> stack_;
    std::string key_;
};

template <class Sink>
class writer {
  public:
    explicit writer(Sink& sink, bool for_log = false) : sink_(sink), for_log_(for_log) {}

    void object(object_table const& table, void const* from) {
        sink_.object_begin();
        for (std::size_t i = 0; i < table.rows().size(); ++i)
            member(table, i, from);
        unknown(table.spec(), from);
        sink_.object_end();
    }
    void value(row_data const& row, value_ops const& ops, void const* from);

  private:
    void member(object_table const& table, std::size_t i, void const* object);
    void content(row_data const& row, void const* member);
    void unknown(table_spec const& spec, void const* object);
    bool hidden(row_data const& row, void const* member);
    void list(row_data const& row, value_ops const& ops, void const* from);
    void map(void const* from);
    void personal(std::size_t bytes) {
        sink_.string("<personal:" + std::to_string(bytes) + " bytes>");
    }

    Sink& sink_;
    bool for_log_;
};

// One member as JSON text; "" when it would not be written. Used for defaults and comparisons.
std::string member_text(row_data const& row, void const* member);

}  // namespace wire::detail
}  // namespace cxb::inline v1
