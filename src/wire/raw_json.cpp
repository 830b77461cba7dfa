#include "cxb/wire/raw_json.hpp"

#include "cxb/wire/json.hpp"
#include "src/wire/json_events.hpp"

namespace cxb::inline v1 {
namespace wire {

namespace {

class text_builder final : public detail::json_events {
  public:
    void object_begin() override { text.object_begin(); }
    void object_end(std::size_t) override { text.object_end(); }
    void array_begin() override { text.array_begin(); }
    void array_end(std::size_t) override { text.array_end(); }
    void key(std::string_view name) override { text.key(name); }
    void string(std::string_view value) override { text.string(value); }
    void number(detail::number_token const& token) override { text.plain(token.text); }
    void boolean(bool value) override { text.plain(value ? "true" : "false"); }
    void null() override { text.plain("null"); }
    detail::text_collector text;
};

}  // namespace

result<raw_json> raw_json::parse(std::string_view text, std::size_t max_bytes) {
    if (max_bytes != 0 && text.size() > max_bytes)
        return error(errc::too_large, "JSON over " + std::to_string(max_bytes) + " bytes");
    text_builder builder;
    CXB_CHECK(detail::send_text(text, builder));
    return trusted(builder.text.take());
}

raw_json raw_json::from_value(json_value const& value) {
    return trusted(wire::to_text(value));
}
raw_json raw_json::from_object(json_object const& value) {
    return trusted(wire::to_text(value));
}

bool raw_json::is_blank() const noexcept {
    return text_ == "{}" || text_ == "[]" || text_ == "\"\"" || is_null();
}

json_value raw_json::to_value() const {
    return parse_json(text_).value();
}

json_object raw_json::to_object() const {
    if (!is_object()) return {};
    auto value = to_value();
    return std::move(value.get_object());
}

}  // namespace wire
}  // namespace cxb::inline v1
