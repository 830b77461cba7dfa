#include "cli/app/listing.hpp"

#include <algorithm>

namespace cxb::cli {
namespace {

bool is_list(wire::json_value const& page) {
    if (page.is_array()) return true;
    auto const* items = page.is_object() ? page.get_object().if_contains("items") : nullptr;
    return items != nullptr && items->is_array();
}

}  // namespace

result<wire::json_array> fetch_items(command_context& context, std::string const& path,
                                     wire::query_list const& query, std::size_t most) {
    constexpr std::size_t longest_page = 200;
    wire::json_array out;
    std::string cursor;
    do {
        wire::query_list asked = query;
        asked.add("limit", std::to_string(std::min(most - out.size(), longest_page)));
        if (!cursor.empty()) asked.add("cursor", cursor);
        CXB_TRY(auto const page, context.get(path + "?" + asked.to_text()));
        if (!is_list(page))
            return error{errc::corrupt_data, context.url() +
                                                 " answered something that is no list; is it a "
                                                 "CX Bridge API?"};
        for (auto& item : items_of(page))
            if (out.size() < most) out.push_back(std::move(item));
        cursor = page.is_object() ? std::string(wire::text_at(page.get_object(), "next")) : "";
    } while (!cursor.empty() && out.size() < most);
    return out;
}

result<std::size_t> read_limit(command_context const& context) {
    CXB_TRY(int const limit, context.args().number("--limit", 50, 1, 10000));
    return static_cast<std::size_t>(limit);
}

wire::json_object list_document(wire::json_array items) {
    return {{"items", std::move(items)}};
}

}  // namespace cxb::cli
