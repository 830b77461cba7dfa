#include "server/common/secrets/document_sealer.hpp"

#include <algorithm>

namespace cxb::server {
namespace {

using wire::json_object;
using wire::json_value;
using path_steps = std::vector<std::string_view>;

std::string place_of(secret_collection const& in, std::string_view id, domain::member_path path) {
    std::string out(in.rows->name);
    out.append("/").append(id);
    for (auto const step : path)
        out = wire::append_pointer(out, step);
    return out;
}

// Calls `visit(text, path)` for each secret text; ends with its first error.
template <class Value, class Visit>
result<void> each_secret(secret_collection const& in, Value& value, path_steps& path,
                         Visit const& visit) {
    if (auto* text = value.if_string()) {
        if (path.empty() || !in.is_secret(path)) return {};
        return visit(*text, domain::member_path(path));
    }
    if (auto* list = value.if_array()) {
        for (std::size_t i = 0; i < list->size(); ++i) {
            std::string const step = std::to_string(i);
            path.push_back(step);
            auto const done = each_secret(in, (*list)[i], path, visit);
            path.pop_back();
            CXB_CHECK(done);
        }
    } else if (auto* object = value.if_object()) {
        for (auto& member : *object) {
            path.push_back(member.key());
            auto const done = each_secret(in, member.value(), path, visit);
            path.pop_back();
            CXB_CHECK(done);
        }
    }
    return {};
}

template <class Visit>
result<void> each_secret(secret_collection const& in, json_object& document, Visit const& visit) {
    path_steps path;
    for (auto& member : document) {
        path.push_back(member.key());
        auto const done = each_secret(in, member.value(), path, visit);
        path.pop_back();
        CXB_CHECK(done);
    }
    return {};
}

}  // namespace

secret_collection const* document_sealer::find(store::collection const& rows) const noexcept {
    auto const at = std::ranges::find_if(
        collections_, [&](secret_collection const& each) { return each.rows->name == rows.name; });
    return at == collections_.end() ? nullptr : &*at;
}

result<void> document_sealer::seal(secret_collection const& in, std::string_view id,
                                   std::span<std::string_view const> path,
                                   json_value& value) const {
    path_steps steps(path.begin(), path.end());
    return each_secret(in, value, steps, [&](auto& text, domain::member_path at) -> result<void> {
        if (box_.can_seal()) {
            text = box_.seal(text, place_of(in, id, at), random_);
            return {};
        }
        if (!domain::looks_sealed(text)) return {};
        std::string pointer;
        for (auto const step : at)
            pointer = wire::append_pointer(pointer, step);
        return invalid_member(std::move(pointer),
                              "must not begin with " + std::string(domain::sealed_prefix));
    });
}

result<void> document_sealer::open(secret_collection const& in, json_object& document) const {
    std::string const id(wire::text_at(document, "_id"));
    return each_secret(in, document, [&](auto& text, domain::member_path at) -> result<void> {
        if (!domain::looks_sealed(text)) return {};
        CXB_TRY(auto const opened, box_.open(text, place_of(in, id, at)));
        text = opened;
        return {};
    });
}

result<reseal_count> document_sealer::reseal(secret_collection const& in,
                                             json_object& document) const {
    std::string const id(wire::text_at(document, "_id"));
    reseal_count out;
    CXB_CHECK(each_secret(in, document, [&](auto& text, domain::member_path at) -> result<void> {
        auto const place = place_of(in, id, at);
        CXB_TRY(auto const plain, box_.open(text, place));
        if (plain.empty()) return {};
        if (box_.is_current(text)) {
            ++out.current;
            return {};
        }
        text = box_.seal(plain, place, random_);
        ++out.sealed;
        return {};
    }));
    return out;
}

bool document_sealer::has_secret(secret_collection const& in,
                                 std::span<std::string_view const> path, json_value const& value) {
    path_steps steps(path.begin(), path.end());
    bool found = false;
    (void)each_secret(in, value, steps, [&](auto const&, domain::member_path) -> result<void> {
        found = true;
        return {};
    });
    return found;
}

}  // namespace cxb::server
