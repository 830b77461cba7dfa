#include "src/wire/json_events.hpp"

#include <boost/json/basic_parser_impl.hpp>
#include <boost/json/object.hpp>
#include <boost/json/value.hpp>
#include <charconv>
#include <cmath>
#include <limits>

#include "cxb/base/limits.hpp"
#include "src/wire/json_text.hpp"

namespace cxb::inline v1 {
namespace wire::detail {

namespace {

using boost::json::error_code;
namespace json = boost::json;

// Joins the pieces Boost's tokenizer may give and passes whole tokens on.
class token_joiner {
  public:
    static constexpr std::size_t max_array_size = static_cast<std::size_t>(-1);
    static constexpr std::size_t max_object_size = static_cast<std::size_t>(-1);
    static constexpr std::size_t max_string_size = static_cast<std::size_t>(-1);
    static constexpr std::size_t max_key_size = static_cast<std::size_t>(-1);

    explicit token_joiner(json_events& to) : to_(to) {}

    bool on_document_begin(error_code&) { return true; }
    bool on_document_end(error_code&) { return true; }
    bool on_array_begin(error_code&) { return to_.array_begin(), true; }
    bool on_array_end(std::size_t n, error_code&) { return to_.array_end(n), true; }
    bool on_object_begin(error_code&) { return to_.object_begin(), true; }
    bool on_object_end(std::size_t n, error_code&) { return to_.object_end(n), true; }
    bool on_string_part(json::string_view s, std::size_t, error_code&) { return add(s); }
    bool on_string(json::string_view s, std::size_t, error_code&) {
        to_.string(joined(s));
        return done();
    }
    bool on_key_part(json::string_view s, std::size_t, error_code&) { return add(s); }
    bool on_key(json::string_view s, std::size_t, error_code&) {
        to_.key(joined(s));
        return done();
    }
    bool on_number_part(json::string_view s, error_code&) { return add(s); }
    bool on_int64(std::int64_t i, json::string_view s, error_code&) {
        number_token token{joined(s), number_token::form::signed_whole, i, static_cast<double>(i)};
        to_.number(token);
        return done();
    }
    bool on_uint64(std::uint64_t u, json::string_view s, error_code&) {
        number_token token{joined(s), number_token::form::unsigned_whole,
                           static_cast<std::int64_t>(u), static_cast<double>(u)};
        to_.number(token);
        return done();
    }
    // Boost's own conversion can be off by one in the last place, so the text decides.
    bool on_double(double d, json::string_view s, error_code& ec) {
        auto const text = joined(s);
        number_token token{text, number_token::form::real, 0, d};
        double exact = 0;
        auto const read = std::from_chars(text.data(), text.data() + text.size(), exact);
        if (read.ec == std::errc{}) token.real = exact;
        if (!std::isfinite(token.real)) {
            ec = json::error::exponent_overflow;
            return false;
        }
        to_.number(token);
        return done();
    }
    bool on_bool(bool b, error_code&) { return to_.boolean(b), true; }
    bool on_null(error_code&) { return to_.null(), true; }
    bool on_comment_part(json::string_view, error_code&) { return true; }
    bool on_comment(json::string_view, error_code&) { return true; }

  private:
    bool add(json::string_view s) { return part_.append(s.data(), s.size()), true; }
    std::string_view joined(json::string_view s) {
        if (part_.empty()) return {s.data(), s.size()};
        add(s);
        return part_;
    }
    bool done() { return part_.clear(), true; }

    json_events& to_;
    std::string part_;
};

error malformed_at(std::size_t at, std::string const& why) {
    return error(errc::malformed, "Malformed JSON at byte " + std::to_string(at) + ": " + why);
}

bool is_blank(char c) {
    return c == ' ' || c == '\t' || c == '\n' || c == '\r';
}

result<void> send_any(json_value const& value, json_events& to, std::size_t room);

result<void> send_members(json_object const& object, json_events& to, std::size_t room) {
    if (room == 0) return error(errc::malformed, "Malformed JSON: too deep");
    to.object_begin();
    for (auto const& [name, member] : object) {
        to.key({name.data(), name.size()});
        CXB_CHECK(send_any(member, to, room - 1));
    }
    to.object_end(object.size());
    return {};
}

result<void> send_items(json_array const& array, json_events& to, std::size_t room) {
    if (room == 0) return error(errc::malformed, "Malformed JSON: too deep");
    to.array_begin();
    for (auto const& item : array)
        CXB_CHECK(send_any(item, to, room - 1));
    to.array_end(array.size());
    return {};
}

void send_number(json_value const& value, json_events& to) {
    std::string text;
    number_token token;
    if (auto const* i = value.if_int64()) {
        append_integer(text, *i);
        token = {text, number_token::form::signed_whole, *i, static_cast<double>(*i)};
    } else if (auto const* u = value.if_uint64()) {
        text = std::to_string(*u);
        token = {text, number_token::form::unsigned_whole, static_cast<std::int64_t>(*u),
                 static_cast<double>(*u)};
    } else {
        append_number(text, value.get_double());
        token = {text, number_token::form::real, 0, value.get_double()};
    }
    to.number(token);
}

result<void> send_any(json_value const& value, json_events& to, std::size_t room) {
    switch (value.kind()) {
        case json::kind::object:
            return send_members(value.get_object(), to, room);
        case json::kind::array:
            return send_items(value.get_array(), to, room);
        case json::kind::string:
            to.string({value.get_string().data(), value.get_string().size()});
            break;
        case json::kind::bool_:
            to.boolean(value.get_bool());
            break;
        case json::kind::null:
            to.null();
            break;
        default:
            send_number(value, to);
    }
    return {};
}

}  // namespace

result<void> send_text(std::string_view text, json_events& to) {
    json::parse_options rules;
    rules.max_depth = limits::json_depth;
    json::basic_parser<token_joiner> parser(rules, to);
    error_code ec;
    auto used = parser.write_some(false, text.data(), text.size(), ec);
    if (ec) return malformed_at(used, ec.message());
    while (used < text.size() && is_blank(text[used]))
        ++used;
    if (used < text.size()) return malformed_at(used, "extra data");
    return {};
}

result<void> send_value(json_value const& value, json_events& to) {
    return send_any(value, to, limits::json_depth);
}

result<void> send_object(json_object const& object, json_events& to) {
    return send_members(object, to, limits::json_depth);
}

void send_whole(json_value const& value, json_events& to) {
    (void)send_any(value, to, std::numeric_limits<std::size_t>::max());
}

void text_collector::separate() {
    if (text_.empty()) return;
    char const last = text_.back();
    if (last != '{' && last != '[' && last != ':') text_ += ',';
}

bool text_collector::open(char c) {
    ++depth_;
    if (over()) return false;
    separate();
    text_ += c;
    return false;
}

bool text_collector::close(char c) {
    --depth_;
    if (!over()) text_ += c;
    return depth_ == 0;
}

void text_collector::key(std::string_view name) {
    if (over()) return;
    separate();
    append_string(text_, name);
    text_ += ':';
}

bool text_collector::string(std::string_view text) {
    if (!over()) {
        separate();
        append_string(text_, text);
    }
    return depth_ == 0;
}

bool text_collector::plain(std::string_view text) {
    if (!over()) {
        separate();
        text_ += text;
    }
    return depth_ == 0;
}

}  // namespace wire::detail
}  // namespace cxb::inline v1
