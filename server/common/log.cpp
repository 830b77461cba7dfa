#include "server/common/log.hpp"

#include <spdlog/logger.h>
#include <spdlog/sinks/base_sink.h>
#include <spdlog/sinks/stdout_sinks.h>

#include <cmath>
#include <mutex>

#include "cxb/base/encoding.hpp"
#include "cxb/base/error.hpp"
#include "server/common/log_queue.hpp"

namespace cxb::server {
namespace {

constexpr std::size_t max_text = 1024;
constexpr char const* replacement = "\xEF\xBF\xBD";  // U+FFFD
constexpr std::string_view hex_digits = "0123456789abcdef";

void append_escaped(std::string& out, std::string_view text) {
    for (char const c : text) {
        auto const byte = static_cast<unsigned char>(c);
        switch (c) {
            case '"':
                out.append("\\\"");
                break;
            case '\\':
                out.append("\\\\");
                break;
            case '\n':
                out.append("\\n");
                break;
            case '\r':
                out.append("\\r");
                break;
            case '\t':
                out.append("\\t");
                break;
            default:
                if (byte < 0x20 || byte == 0x7f)
                    out.append("\\u00")
                        .append(1, hex_digits[byte >> 4U])
                        .append(1, hex_digits[byte & 15U]);
                else
                    out.push_back(c);
        }
    }
}

// What stays of a text: at most max_text bytes of well-formed UTF-8.
std::string cleaned(std::string_view text) {
    auto const cut = utf8_prefix(text, max_text);
    if (is_utf8(cut)) return std::string(cut);
    std::string out;
    for (char const c : cut) {
        if (static_cast<unsigned char>(c) < 0x80)
            out.push_back(c);
        else
            out.append(replacement);
    }
    return out;
}

void append_json_text(std::string& out, std::string_view text) {
    out.push_back('"');
    append_escaped(out, cleaned(text));
    out.push_back('"');
}

std::string number_text(double number) {
    if (!std::isfinite(number)) return "null";
    auto text = fmt::format("{:.3f}", number);
    text.erase(text.find_last_not_of('0') + 1);
    if (text.back() == '.') text.pop_back();
    return text;
}

// Hands each line to a function; for tests.
class function_sink final : public spdlog::sinks::base_sink<std::mutex> {
  public:
    explicit function_sink(std::function<void(std::string_view)> to) : to_(std::move(to)) {}

  private:
    void sink_it_(spdlog::details::log_msg const& line) override {
        to_({line.payload.data(), line.payload.size()});
    }
    void flush_() override {}
    std::function<void(std::string_view)> to_;
};

spdlog::level::level_enum to_spdlog(log_level level) noexcept {
    switch (level) {
        case log_level::debug:
            return spdlog::level::debug;
        case log_level::info:
            return spdlog::level::info;
        case log_level::warn:
            return spdlog::level::warn;
        case log_level::error:
            return spdlog::level::err;
        case log_level::off:
            break;
    }
    return spdlog::level::off;
}

}  // namespace

void log_value::append_json(std::string& out) const {
    std::visit(
        [&out](auto const& held) {
            using kind = std::decay_t<decltype(held)>;
            if constexpr (std::is_same_v<kind, std::string_view>)
                append_json_text(out, held);
            else if constexpr (std::is_same_v<kind, last4_text>)
                append_json_text(out, "…" + std::string(held.tail));
            else if constexpr (std::is_same_v<kind, bool>)
                out.append(held ? "true" : "false");
            else if constexpr (std::is_same_v<kind, double>)
                out.append(number_text(held));
            else if constexpr (std::is_same_v<kind, std::int64_t>)
                out.append(std::to_string(held));
            else if constexpr (std::is_same_v<kind, time_point>)
                append_json_text(out, format_timestamp(held));
            else
                append_json_text(out, held->to_log_text());
        },
        value_);
}

void log_value::append_text(std::string& out) const {
    std::string json;
    append_json(json);
    bool const quoted = json.size() > 2 && json.front() == '"';
    if (quoted && json.find_first_of(" \\=\"", 1) == json.size() - 1)
        out.append(json, 1, json.size() - 2);
    else
        out.append(json);
}

struct logger::state {
    log_format format = log_format::json;
    clock const& time;
    std::shared_ptr<log_queue> queue;
    std::shared_ptr<spdlog::logger> sink;

    explicit state(clock const& from) : time(from) {}

    void start(log_options const& options, spdlog::sink_ptr to) {
        format = options.format;
        to->set_pattern("%v");
        sink = std::make_shared<spdlog::logger>("cxb", std::move(to));
        sink->set_level(to_spdlog(options.level));
    }

    void start_on_stderr(log_options const& options) {
        if (options.queue == 0)
            return start(options, std::make_shared<spdlog::sinks::stderr_sink_mt>());
        queue = std::make_shared<log_queue>(options.queue);
        start(options, queue);
    }

    [[nodiscard]] std::string json_line(log_level level, std::string_view message,
                                        log_field const* first, std::size_t count) const {
        std::string out = R"({"ts":")";
        out.append(format_timestamp(time.now())).append(R"(","level":")");
        out.append(word_for(level)).append(R"(","msg":)");
        append_json_text(out, message);
        for (auto const* field = first; field != first + count; ++field) {
            out.append(",\"");
            append_escaped(out, field->name);
            out.append("\":");
            field->value.append_json(out);
        }
        out.push_back('}');
        return out;
    }

    [[nodiscard]] std::string text_line(log_level level, std::string_view message,
                                        log_field const* first, std::size_t count) const {
        std::string out = format_timestamp(time.now());
        out.append(" ").append(word_for(level)).append(" ");
        append_escaped(out, cleaned(message));
        for (auto const* field = first; field != first + count; ++field) {
            out.append(" ").append(field->name).append("=");
            field->value.append_text(out);
        }
        return out;
    }
};

logger::logger(log_options options, clock const& time) : state_(std::make_unique<state>(time)) {
    state_->start_on_stderr(options);
}

logger::logger(log_options options, std::function<void(std::string_view)> sink, clock const& time)
    : state_(std::make_unique<state>(time)) {
    options.queue = 0;
    state_->start(options, std::make_shared<function_sink>(std::move(sink)));
}

logger::~logger() {
    if (state_->sink) state_->sink->flush();
}

void logger::write(log_level level, std::string_view message, log_field const* first,
                   std::size_t count) {
    if (!would_write(level)) return;
    auto const line = state_->format == log_format::json
                          ? state_->json_line(level, message, first, count)
                          : state_->text_line(level, message, first, count);
    state_->sink->log(to_spdlog(level), spdlog::string_view_t(line.data(), line.size()));
}

void logger::write(log_level level, std::string_view message, fields values) {
    write(level, message, values.begin(), values.size());
}
void logger::debug(std::string_view message, fields values) {
    write(log_level::debug, message, values);
}
void logger::info(std::string_view message, fields values) {
    write(log_level::info, message, values);
}
void logger::warn(std::string_view message, fields values) {
    write(log_level::warn, message, values);
}
void logger::error(std::string_view message, fields values) {
    write(log_level::error, message, values);
}

bool logger::would_write(log_level level) const noexcept {
    return state_->sink->should_log(to_spdlog(level));
}
void logger::set_level(log_level level) noexcept {
    state_->sink->set_level(to_spdlog(level));
}
void logger::flush() {
    state_->sink->flush();
}
std::uint64_t logger::dropped() const noexcept {
    return state_->queue ? state_->queue->dropped() : 0;
}

log_level log_level_of(std::string_view word) noexcept {
    if (word == "debug") return log_level::debug;
    if (word == "warn") return log_level::warn;
    if (word == "error") return log_level::error;
    if (word == "off") return log_level::off;
    return log_level::info;
}

log_format log_format_of(std::string_view word) noexcept {
    return word == "text" ? log_format::text : log_format::json;
}

std::string_view word_for(log_level level) noexcept {
    switch (level) {
        case log_level::debug:
            return "debug";
        case log_level::info:
            return "info";
        case log_level::warn:
            return "warn";
        case log_level::error:
            return "error";
        case log_level::off:
            break;
    }
    return "off";
}

}  // namespace cxb::server
