// Values that are kept as text: raw members, members with a reader of their own, unknown members.
#include <algorithm>

#include "src/wire/json_text.hpp"
#include "src/wire/reader.hpp"

namespace cxb::inline v1 {
namespace wire::detail {

void reader::start_capture(slot const& at, purpose why, std::size_t limit) {
    captured_ = at;
    why_ = why;
    text_.clear();
    text_.limit(limit);
}

void reader::finish_capture() {
    switch (std::exchange(why_, purpose::none)) {
        case purpose::member:
            finish_member();
            break;
        case purpose::custom:
            finish_custom();
            break;
        default:
            finish_extra();
    }
    value_done();
}

void reader::finish_member() {
    if (text_.over()) return complain(too_long(captured_.row->max_bytes));
    *static_cast<raw_json*>(place(captured_)) = raw_json::trusted(text_.take());
}

void reader::finish_custom() {
    auto const& row = *captured_.row;
    if (text_.over()) return complain(too_long(row.max_bytes));
    std::vector<fault> found;
    std::vector<fault> told;
    fault_sink sink(found, told, how_);
    row.custom_read(member_of(row, top().object), text_.text(), sink);
    auto const base = pointer();
    for (auto& item : told)
        warn(base + item.pointer, std::move(item.reason));
    faults_.merge(faults_.here(), base, std::move(found));
}

// Counted is the size of the object that the kept members will make.
void reader::finish_extra() {
    auto& at = top();
    auto const limit = at.table->spec().unknown_bytes;
    extra kept{{}, text_.take(), at.next == fate::taken_apart};
    if (!kept.apart) {
        append_string(kept.key, name_);
        kept.key += ':';
    }
    auto const braces = kept.apart ? std::size_t{2} : std::size_t{0};
    at.extra_bytes += kept.key.size() + kept.text.size() + 1 - braces;
    at.extras_over = at.extras_over || kept.text.size() > limit || at.extra_bytes + 1 > limit;
    if (at.extras_over) return at.extras.clear();
    at.extras.push_back(std::move(kept));
}

// The kept members become one object; of repeated names the last wins.
void reader::keep_extras(frame& at) {
    auto const& spec = at.table->spec();
    if (at.extras_over) {
        warn(pointer(stack_.size() - 1), "unknown members dropped: over " +
                                             std::to_string(spec.unknown_bytes) +
                                             " bytes together");
        return;
    }
    if (at.extras.empty()) return;
    std::vector<std::size_t> order(at.extras.size());
    for (std::size_t i = 0; i < order.size(); ++i)
        order[i] = i;
    std::sort(order.begin(), order.end(), [&](std::size_t a, std::size_t b) {
        auto const names = at.extras[a].key.compare(at.extras[b].key);
        return names < 0 || (names == 0 && a < b);
    });
    for (std::size_t i = 0; i + 1 < order.size(); ++i)
        if (at.extras[order[i]].key == at.extras[order[i + 1]].key)
            at.extras[order[i]].text.clear();
    std::string out = "{";
    for (auto const& member : at.extras) {
        if (member.text.empty() || (member.apart && member.text == "{}")) continue;
        if (out.size() > 1) out += ',';
        if (member.apart)
            out.append(member.text, 1, member.text.size() - 2);
        else
            out.append(member.key).append(member.text);
    }
    out += '}';
    *static_cast<raw_json*>(spec.unknown_member(at.object)) = raw_json::trusted(std::move(out));
}

}  // namespace wire::detail
}  // namespace cxb::inline v1
