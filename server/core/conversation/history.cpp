#include "server/core/conversation/history.hpp"

#include <algorithm>
#include <utility>

#include "server/core/conversation/text_units.hpp"

namespace cxb::inline v1 {
namespace core {

namespace {

std::size_t characters(history_item const& item) {
    auto sum = count_characters(item.content);
    for (auto const& call : item.calls)
        sum += count_characters(call.name) + count_characters(call.arguments);
    return sum;
}

}  // namespace

void conversation_history::user(std::string text) {
    items_.push_back({speaker::user, std::move(text), {}, {}, {}, 0});
}

void conversation_history::assistant(std::string text, std::vector<model_tool_call> calls,
                                     std::uint64_t line) {
    items_.push_back({speaker::assistant, std::move(text), std::move(calls), {}, {}, line});
}

void conversation_history::tool(std::string call_id, std::string name, std::string result_json) {
    items_.push_back(
        {speaker::tool, std::move(result_json), {}, std::move(call_id), std::move(name), 0});
}

void conversation_history::note(std::string text) {
    items_.push_back({speaker::system, std::move(text), {}, {}, {}, 0});
}

void conversation_history::set_spoken(std::uint64_t line, std::string heard) {
    auto const at = std::find_if(items_.begin(), items_.end(), [&](history_item const& item) {
        return line != 0 && item.line == line;
    });
    if (at == items_.end()) return;
    at->content = std::move(heard);
    if (at->content.empty() && at->calls.empty()) items_.erase(at);
}

void conversation_history::drop_last_user() {
    for (auto at = items_.end(); at != items_.begin();) {
        --at;
        if (at->role != speaker::user) continue;
        items_.erase(at);
        return;
    }
}

// Exchanges begin at user items, so a call and its result are never torn apart.
std::vector<history_item> conversation_history::window() const {
    std::size_t count = items_.size();
    std::size_t sum = 0;
    for (auto const& item : items_)
        sum += characters(item);
    auto first = items_.begin();
    while (count > most_items || sum > most_characters) {
        auto next = std::find_if(first == items_.end() ? first : first + 1, items_.end(),
                                 [](history_item const& i) { return i.role == speaker::user; });
        if (next == items_.end()) break;  // the running exchange is always kept
        for (; first != next; ++first) {
            --count;
            sum -= characters(*first);
        }
    }
    return {first, items_.end()};
}

}  // namespace core
}  // namespace cxb::inline v1
