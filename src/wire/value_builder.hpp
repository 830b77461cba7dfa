#pragma once
// Makes a DOM out of events: every container is made once, with its final size.

#include <boost/json/value_stack.hpp>

#include "cxb/wire/json.hpp"
#include "src/wire/json_events.hpp"

namespace cxb::inline v1 {
namespace wire::detail {

class value_builder final : public json_events {
  public:
    // `memory` holds all parts of the value.
    explicit value_builder(boost::json::storage_ptr memory) { stack_.reset(std::move(memory)); }
    void object_begin() override {}
    void object_end(std::size_t n) override { stack_.push_object(n); }
    void array_begin() override {}
    void array_end(std::size_t n) override { stack_.push_array(n); }
    void key(std::string_view name) override { stack_.push_key({name.data(), name.size()}); }
    void string(std::string_view text) override { stack_.push_string({text.data(), text.size()}); }
    void number(number_token const& token) override {
        using form = number_token::form;
        if (token.kind == form::signed_whole)
            stack_.push_int64(token.whole);
        else if (token.kind == form::unsigned_whole)
            stack_.push_uint64(static_cast<std::uint64_t>(token.whole));
        else
            stack_.push_double(token.real);
    }
    void integer(std::int64_t value) { stack_.push_int64(value); }
    void real(double value) { stack_.push_double(value); }
    void boolean(bool value) override { stack_.push_bool(value); }
    void null() override { stack_.push_null(); }
    // The value, once it is complete.
    json_value release() { return stack_.release(); }

  private:
    boost::json::value_stack stack_;
};

}  // namespace wire::detail
}  // namespace cxb::inline v1
