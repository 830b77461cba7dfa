#include "server/common/http/query_reader.hpp"

#include <algorithm>
#include <charconv>

#include "cxb/base/encoding.hpp"
#include "server/common/cut_texts.hpp"

namespace cxb::server {

std::optional<std::string_view> query_reader::take(std::string_view name) {
    allow(name);
    auto const value = query_.get(name);
    return value && !value->empty() ? value : std::nullopt;
}

void query_reader::allow(std::string_view name) {
    known_.emplace_back(name);
}

void query_reader::add_fault(std::string_view name, std::string reason) {
    faults_.push_back({wire::append_pointer("", name), std::move(reason)});
}

std::optional<std::string> query_reader::text(std::string_view name, std::size_t max_bytes) {
    auto const value = take(name);
    if (!value) return std::nullopt;
    if (value->size() > max_bytes) {
        add_fault(name, "must be at most " + std::to_string(max_bytes) + " bytes");
        return std::nullopt;
    }
    if (!is_utf8(*value)) {
        add_fault(name, "must be UTF-8");
        return std::nullopt;
    }
    return std::string(*value);
}

std::optional<bool> query_reader::boolean(std::string_view name) {
    auto const value = take(name);
    if (!value) return std::nullopt;
    if (*value == "true" || *value == "1") return true;
    if (*value == "false" || *value == "0") return false;
    add_fault(name, "must be true or false");
    return std::nullopt;
}

std::optional<std::int64_t> query_reader::integer(std::string_view name, std::int64_t low,
                                                  std::int64_t high) {
    auto const value = take(name);
    if (!value) return std::nullopt;
    std::int64_t number = 0;
    auto const text = *value;
    auto const read = std::from_chars(text.data(), text.data() + text.size(), number);
    bool const whole = read.ptr == text.data() + text.size();
    if (read.ec == std::errc{} && whole && number >= low && number <= high) return number;
    add_fault(name,
              "must be an integer from " + std::to_string(low) + " to " + std::to_string(high));
    return std::nullopt;
}

std::optional<time_point> query_reader::timestamp(std::string_view name) {
    auto const value = take(name);
    if (!value) return std::nullopt;
    if (auto const at = parse_timestamp_or_utc(*value)) return *at;
    add_fault(name, "must be an RFC 3339 time");
    return std::nullopt;
}

std::optional<std::string> query_reader::word(std::string_view name,
                                              std::initializer_list<std::string_view> words) {
    auto const value = take(name);
    if (!value) return std::nullopt;
    if (std::find(words.begin(), words.end(), *value) != words.end()) return std::string(*value);
    std::string reason = "must be one of ";
    for (auto const& one : words)
        reason.append(one).append(", ");
    reason.resize(reason.size() - 2);
    add_fault(name, std::move(reason));
    return std::nullopt;
}

list_query query_reader::list(list_bounds bounds) {
    for (auto const& parameter : page_parameters)
        allow(parameter.name);
    return read_list_query(query_, faults_, bounds);
}

result<void> query_reader::finish() {
    for (auto const& [name, value] : query_.items()) {
        if (std::find(known_.begin(), known_.end(), name) != known_.end()) continue;
        known_.push_back(name);  // each name once
        add_fault(readable_text(name, limits::open_word), "unknown parameter");
        if (faults_.size() > limits::faults) break;
    }
    if (faults_.empty()) return {};
    return invalid_document(std::move(faults_));
}

}  // namespace cxb::server
