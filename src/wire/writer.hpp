#pragma once
// Walks an object along its table and hands the parts to a sink: text, or a DOM.

#include <cmath>
#include <string>
#include <vector>

#include "cxb/wire/json.hpp"
#include "cxb/wire/object_table.hpp"
#include "src/wire/bounds.hpp"
#include "src/wire/json_text.hpp"
#include "src/wire/value_builder.hpp"

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
    explicit value_sink(boost::json::storage_ptr memory) : builder_(std::move(memory)) {}
    void object_begin() { counts_.push_back(0); }
    void object_end() { builder_.object_end(taken_count()); }
    void array_begin() { counts_.push_back(0); }
    void array_end() { builder_.array_end(taken_count()); }
    void key(std::string_view name) {
        ++counts_.back();
        builder_.key(name);
    }
    void item() { ++counts_.back(); }
    void string(std::string_view text) { builder_.string(text); }
    // A whole number is one kind of value, whether it went through text or not.
    void number(double value) {
        bool const whole = std::trunc(value) == value && std::abs(value) < 9007199254740992.0;
        if (whole)
            builder_.integer(static_cast<std::int64_t>(value));
        else
            builder_.real(value);
    }
    void integer(std::int64_t value) { builder_.integer(value); }
    void boolean(bool value) { builder_.boolean(value); }
    void null() { builder_.null(); }
    // The text is a whole value, made by a parser or a writer.
    void raw(std::string_view json) { (void)send_text(json, builder_).value(); }
    void members(std::string_view json) {
        if (json.size() <= 2) return;
        auto const parsed = parse_json(json).value();
        for (auto const& [name, value] : parsed.get_object()) {
            key(name);
            send_whole(value, builder_);
        }
    }
    json_object take() { return std::move(builder_.release().get_object()); }

  private:
    std::size_t taken_count() {
        auto const count = counts_.back();
        counts_.pop_back();
        return count;
    }

    value_builder builder_;
    std::vector<std::size_t> counts_;  // of the open containers
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
    // Row i, if there is anything to write.
    void member(object_table const& table, std::size_t i, void const* object);
    void unknown(table_spec const& spec, void const* object);

  private:
    void content(row_data const& row, void const* member);
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
