#include "server/common/http/path_table.hpp"

#include <algorithm>
#include <optional>
#include <stdexcept>

namespace cxb::server {
namespace {

constexpr std::string_view methods[] = {"GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"};
constexpr std::size_t method_count = std::size(methods);
constexpr std::size_t get_index = 0;
constexpr std::size_t head_index = 1;
constexpr std::size_t options_index = 6;

std::optional<std::size_t> method_index(std::string_view method) noexcept {
    for (std::size_t i = 0; i < method_count; ++i)
        if (methods[i] == method) return i;
    return std::nullopt;
}

struct segments {
    std::string_view whole;
    std::array<std::size_t, path_table::max_segments> starts{};
    std::array<std::string_view, path_table::max_segments> parts{};
    std::size_t count = 0;
    bool fits = true;
};

// "/a/b" gives a, b; "/" gives one empty segment, so that it differs from no path at all.
segments split(std::string_view path) noexcept {
    segments out;
    out.whole = path;
    if (path.empty() || path.front() != '/') {
        out.fits = false;
        return out;
    }
    path.remove_prefix(1);
    for (;;) {
        auto const slash = path.find('/');
        if (out.count == out.parts.size()) {
            out.fits = false;
            return out;
        }
        out.starts[out.count] = out.whole.size() - path.size();
        out.parts[out.count++] = path.substr(0, slash);
        if (slash == std::string_view::npos) return out;
        path.remove_prefix(slash + 1);
    }
}

bool is_param(std::string_view segment) noexcept {
    return segment.size() > 2 && segment.front() == '{' && segment.back() == '}';
}
bool is_rest(std::string_view segment) noexcept {
    return is_param(segment) && segment.size() > 3 && segment[segment.size() - 2] == '*';
}

}  // namespace

struct path_table::node {
    struct slot {
        route const* row = nullptr;
        std::size_t index = 0;
    };
    std::array<slot, method_count> rows{};
    bool any_origin = false;
    std::vector<std::pair<std::string_view, std::unique_ptr<node>>> literals;  // sorted
    std::unique_ptr<node> param;
    std::unique_ptr<node> rest;

    node& literal_child(std::string_view text) {
        auto const at = std::lower_bound(literals.begin(), literals.end(), text,
                                         [](auto const& a, auto b) { return a.first < b; });
        if (at != literals.end() && at->first == text) return *at->second;
        return *literals.insert(at, {text, std::make_unique<node>()})->second;
    }
    [[nodiscard]] node const* find_literal(std::string_view text) const noexcept {
        auto const at = std::lower_bound(literals.begin(), literals.end(), text,
                                         [](auto const& a, auto b) { return a.first < b; });
        return at != literals.end() && at->first == text ? at->second.get() : nullptr;
    }
    [[nodiscard]] std::uint32_t method_set() const noexcept {
        std::uint32_t out = 0;
        for (std::size_t i = 0; i < method_count; ++i)
            if (rows[i].row != nullptr) out |= 1U << i;
        if ((out & 1U << get_index) != 0) out |= 1U << head_index;
        return out;
    }

    // One attempt to reach a node; `out` keeps the parameters of the branch being tried.
    struct search {
        segments const& path;
        std::size_t wanted;
        match& out;

        [[nodiscard]] bool leaf(node const& here) const noexcept {
            auto const present = here.method_set();
            out.methods |= present;
            out.any_origin |= here.any_origin;
            if (wanted >= method_count || (present & 1U << wanted) == 0) return false;
            auto const* found = &here.rows[wanted];
            if (found->row == nullptr) found = &here.rows[get_index];
            out.row = found->row;
            out.route_index = found->index;
            return true;
        }
        [[nodiscard]] bool bound(node const& next, std::size_t depth, std::string_view raw,
                                 bool is_leaf) const noexcept {
            auto const mark = out.param_count;
            out.raw_params[out.param_count++] = raw;
            if (is_leaf ? leaf(next) : descend(next, depth + 1)) return true;
            out.param_count = mark;
            return false;
        }
        [[nodiscard]] bool descend(node const& here, std::size_t depth) const noexcept {
            if (depth == path.count) return leaf(here);
            auto const segment = path.parts[depth];
            if (auto const* next = here.find_literal(segment))
                if (descend(*next, depth + 1)) return true;
            if (here.param && !segment.empty() && bound(*here.param, depth, segment, false))
                return true;
            if (here.rest && !segment.empty())
                return bound(*here.rest, depth, path.whole.substr(path.starts[depth]), true);
            return false;
        }
    };
};

path_table::path_table() : root_(std::make_unique<node>()) {}
path_table::~path_table() = default;
path_table::path_table(path_table&&) noexcept = default;

void path_table::add(route const& row) {
    auto const bad = [&row](std::string_view why) {
        return std::logic_error("route " + std::string(row.method) + " " +
                                std::string(row.pattern) + ": " + std::string(why));
    };
    auto const method = method_index(row.method);
    if (!method || *method == head_index || *method == options_index)
        throw bad("method is not served");
    auto const path = split(row.pattern);
    if (!path.fits) throw bad("malformed pattern");
    auto names = param_names(row.pattern);
    std::sort(names.begin(), names.end());
    if (std::adjacent_find(names.begin(), names.end()) != names.end() || names.size() > max_params)
        throw bad("parameter names");
    node* here = root_.get();
    for (std::size_t i = 0; i < path.count; ++i) {
        auto const segment = path.parts[i];
        if (is_rest(segment) && i + 1 != path.count) throw bad("rest parameter must be last");
        if (!is_param(segment)) {
            if (segment.find_first_of("{}") != std::string_view::npos) throw bad("stray brace");
            here = &here->literal_child(segment);
            continue;
        }
        auto& next = is_rest(segment) ? here->rest : here->param;
        if (!next) next = std::make_unique<node>();
        here = next.get();
    }
    auto& slot = here->rows[*method];
    if (slot.row != nullptr) throw bad("declared twice");
    slot = {&row, count_++};
    here->any_origin |= row.any_origin;
}

path_table::match path_table::find(std::string_view method, std::string_view path) const noexcept {
    match out;
    auto const parts = split(path);
    if (!parts.fits) return out;
    node::search const attempt{parts, method_index(method).value_or(method_count), out};
    if (!attempt.descend(*root_, 0)) out.param_count = 0;
    return out;
}

std::vector<std::string_view> path_table::param_names(std::string_view pattern) {
    std::vector<std::string_view> out;
    auto const path = split(pattern);
    for (std::size_t i = 0; i < path.count; ++i) {
        auto const segment = path.parts[i];
        if (is_rest(segment))
            out.push_back(segment.substr(1, segment.size() - 3));
        else if (is_param(segment))
            out.push_back(segment.substr(1, segment.size() - 2));
    }
    return out;
}

std::string path_table::allow_text(std::uint32_t set) {
    std::string out;
    for (std::size_t i = 0; i < options_index; ++i)
        if ((set & 1U << i) != 0) out.append(methods[i]).append(", ");
    return out.append(methods[options_index]);
}

}  // namespace cxb::server
