#include "server/common/http/lists.hpp"

#include <charconv>
#include <optional>

namespace cxb::server {
namespace {

std::optional<std::int64_t> read_integer(std::string_view text) noexcept {
    std::int64_t out = 0;
    auto const read = std::from_chars(text.data(), text.data() + text.size(), out);
    if (read.ec != std::errc{} || read.ptr != text.data() + text.size()) return std::nullopt;
    return out;
}

constexpr std::size_t max_cursor = 4096;

}  // namespace

list_query read_list_query(wire::query_list const& query, std::vector<fault>& faults,
                           list_bounds bounds) {
    list_query out{.page = 1, .limit = bounds.default_limit, .cursor = {}};
    auto const limit_text = query.get("limit").value_or("");
    if (!limit_text.empty()) {
        auto const limit = read_integer(limit_text);
        if (!limit || *limit < 1 || *limit > bounds.max_limit)
            faults.push_back(
                {"/limit", "must be an integer from 1 to " + std::to_string(bounds.max_limit)});
        else
            out.limit = *limit;
    }
    auto const page_text = query.get("page").value_or("");
    auto const cursor = query.get("cursor").value_or("");
    if (!cursor.empty()) {
        if (!page_text.empty()) faults.push_back({"/cursor", "not together with page"});
        if (cursor.size() > max_cursor) faults.push_back({"/cursor", "unreadable cursor"});
        out.cursor = std::string(cursor.substr(0, max_cursor));
        return out;
    }
    if (page_text.empty()) return out;
    auto const page = read_integer(page_text);
    if (!page || *page < 1)
        faults.push_back({"/page", "must be an integer from 1"});
    else if (*page > list_window / out.limit)
        faults.push_back({"/page", "use cursor"});
    else
        out.page = *page;
    return out;
}

std::vector<store::sort_key> newest_first() {
    return {{"created_at", true}};
}

store::async<wire::json_object> fetch_list(store::document_store& from,
                                           store::collection const& what, store::filter where,
                                           list_query asked, std::vector<store::sort_key> sort,
                                           item_view view, std::vector<std::string> only) {
    CXB_CO_TRY(auto const total, co_await from.count(what, where, list_window + 1));
    store::find_options options;
    options.sort = std::move(sort);
    options.limit = static_cast<std::size_t>(asked.limit);
    options.after = asked.cursor;
    options.only = std::move(only);
    if (asked.cursor.empty())
        options.skip = static_cast<std::size_t>((asked.page - 1) * asked.limit);
    auto found = co_await from.find(what, std::move(where), std::move(options));
    if (!found) {
        auto const code = found.error().code();
        bool const unreadable = code == errc::invalid || code == errc::malformed;
        if (unreadable && !asked.cursor.empty())
            co_return invalid_member("/cursor", "unreadable cursor");
        co_return std::move(found).error();
    }
    wire::json_array items;
    items.reserve(found->items.size());
    for (auto& document : found->items)
        items.push_back(view(std::move(document)));
    co_return list_envelope(std::move(items), total, asked, found->next);
}

wire::json_object list_envelope(wire::json_array items, std::int64_t total, list_query const& asked,
                                std::string const& next) {
    wire::json_object out;
    out["items"] = std::move(items);
    out["total"] = total > list_window ? list_window : total;
    if (total > list_window) out["total_capped"] = true;
    if (asked.cursor.empty()) out["page"] = asked.page;
    out["limit"] = asked.limit;
    if (!next.empty()) out["next"] = wire::json_value(next);
    return out;
}

}  // namespace cxb::server
