#include "cli/app/event_reader.hpp"

#include "cxb/base/limits.hpp"

namespace cxb::cli {
namespace {

constexpr std::size_t longest_line = limits::mib;

error no_stream() {
    return error{errc::corrupt_data, "The answer is no stream of events"};
}

// A line is told from another service's text before its end, which may never come.
bool may_become_line(std::string_view begin) {
    auto const name = begin.substr(0, begin.find(':'));
    for (std::string_view const known : {"id", "event", "data", "retry"})
        if (name == known || (name.size() == begin.size() && known.starts_with(name))) return true;
    return name.empty() || begin == "\r";
}

}  // namespace

result<void> event_reader::feed(std::string_view piece) {
    rest_ += piece;
    for (std::size_t end = 0; (end = rest_.find('\n')) != std::string::npos;) {
        std::string line = rest_.substr(0, end);
        rest_.erase(0, end + 1);
        if (line.ends_with('\r')) line.pop_back();
        CXB_CHECK(take_line(line));
    }
    if (rest_.size() > longest_line || !may_become_line(rest_)) return no_stream();
    return {};
}

void event_reader::restart() {
    rest_.clear();
    next_id_ = told_.id;
    told_.type.clear();
    told_.data.clear();
    any_data_ = false;
}

result<void> event_reader::take_line(std::string_view line) {
    if (line.empty()) return dispatch();
    auto const split = line.find(':');
    if (split == 0) return {};
    auto const name = line.substr(0, split);
    auto value = split == line.npos ? std::string_view() : line.substr(split + 1);
    if (value.starts_with(' ')) value.remove_prefix(1);
    if (name == "id") {
        next_id_ = value;
    } else if (name == "event") {
        told_.type = value;
    } else if (name == "data") {
        if (any_data_) told_.data += '\n';
        told_.data += value;
        any_data_ = true;
    } else if (name != "retry") {
        return no_stream();
    }
    return {};
}

result<void> event_reader::dispatch() {
    told_.id = next_id_;
    result<void> taken;
    if (any_data_) taken = take_(told_);
    told_.type.clear();
    told_.data.clear();
    any_data_ = false;
    return taken;
}

}  // namespace cxb::cli
