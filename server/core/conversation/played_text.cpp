#include "server/core/conversation/played_text.hpp"

#include <algorithm>
#include <vector>

namespace cxb::inline v1 {
namespace core {

namespace {

std::vector<std::string_view> blank_separated(std::string_view text) {
    std::vector<std::string_view> out;
    while (!text.empty()) {
        auto const begin = text.find_first_not_of(" \t\r\n");
        if (begin == std::string_view::npos) break;
        text.remove_prefix(begin);
        auto const end = std::min(text.find_first_of(" \t\r\n"), text.size());
        out.push_back(text.substr(0, end));
        text.remove_prefix(end);
    }
    return out;
}

}  // namespace

std::string played_text(std::span<std::string const> finished, std::string_view running,
                        milliseconds played, milliseconds total) {
    std::string out;
    auto const append = [&](std::string_view piece) {
        if (!out.empty()) out += ' ';
        out += piece;
    };
    for (auto const& sentence : finished)
        append(sentence);
    if (total.count() <= 0) return out;
    auto const words = blank_separated(running);
    auto const heard = std::clamp(played, milliseconds(0), total);
    auto const count = words.size() * static_cast<std::size_t>(heard.count()) /
                       static_cast<std::size_t>(total.count());
    for (std::size_t i = 0; i < count; ++i)
        append(words[i]);
    return out;
}

}  // namespace core
}  // namespace cxb::inline v1
