#include "cxb/store/query.hpp"

#include <algorithm>
#include <compare>
#include <limits>
#include <optional>

namespace cxb::inline v1 {
namespace store {

namespace {

condition make(std::string_view field, compare op, json_value value) {
    condition made;
    made.field = field;
    made.op = op;
    made.value = std::move(value);
    return made;
}

/// What filters see of a value: lists and objects count as absent.
json_value const* visible(json_object const& document, std::string_view path) {
    auto const* found = wire::find_path(document, path);
    if (found == nullptr || found->is_null() || found->is_structured()) return nullptr;
    return found;
}

long double number_of(json_value const& value) {
    if (auto const* whole = value.if_int64()) return static_cast<long double>(*whole);
    if (auto const* large = value.if_uint64()) return static_cast<long double>(*large);
    return static_cast<long double>(value.get_double());
}

std::partial_ordering order_of(json_value const& left, json_value const& right) {
    if (left.is_number() && right.is_number()) return number_of(left) <=> number_of(right);
    if (left.is_string() && right.is_string()) {
        int const sign = left.get_string().compare(right.get_string());
        return sign <=> 0;
    }
    if (left.is_bool() && right.is_bool())
        return static_cast<int>(left.get_bool()) <=> static_cast<int>(right.get_bool());
    return std::partial_ordering::unordered;
}

bool equals(json_value const* found, json_value const& wanted) {
    if (wanted.is_null()) return found == nullptr;
    return found != nullptr && order_of(*found, wanted) == std::partial_ordering::equivalent;
}

bool is_member(json_value const* found, json_value const& list) {
    auto const* values = list.if_array();
    return values != nullptr && std::any_of(values->begin(), values->end(),
                                            [&](auto const& each) { return equals(found, each); });
}

bool has_prefix(json_value const* found, json_value const& prefix) {
    if (found == nullptr || !found->is_string() || !prefix.is_string()) return false;
    return std::string_view(found->get_string()).starts_with(prefix.get_string());
}

bool holds(condition const& wanted, json_object const& document) {
    auto const* found = visible(document, wanted.field);
    auto const order = found == nullptr || wanted.op == compare::in
                           ? std::partial_ordering::unordered
                           : order_of(*found, wanted.value);
    switch (wanted.op) {
        case compare::eq:
            return equals(found, wanted.value);
        case compare::ne:
            return !equals(found, wanted.value);
        case compare::lt:
            return std::is_lt(order);
        case compare::lte:
            return std::is_lteq(order);
        case compare::gt:
            return std::is_gt(order);
        case compare::gte:
            return std::is_gteq(order);
        case compare::in:
            return is_member(found, wanted.value);
        case compare::exists:
            return found != nullptr;
        case compare::missing:
            return found == nullptr;
        case compare::prefix:
            return has_prefix(found, wanted.value);
    }
    return false;
}

struct place {
    json_object* owner;
    std::string_view name;
};

/// The object that holds the last step of a path. Steps that are no object become one when
/// `create` is set; otherwise there is no such place.
std::optional<place> locate(json_object& document, std::string_view path, bool create) {
    json_object* owner = &document;
    for (auto dot = path.find('.'); dot != std::string_view::npos; dot = path.find('.')) {
        auto const step = path.substr(0, dot);
        path.remove_prefix(dot + 1);
        auto* next = owner->if_contains(step);
        if (next == nullptr || !next->is_object()) {
            if (!create) return std::nullopt;
            next = &(*owner)[step];
            next->emplace_object();
        }
        owner = &next->get_object();
    }
    return place{owner, path};
}

void add_to(json_value& target, std::int64_t by) {
    if (auto const* real = target.if_double()) {
        target = *real + static_cast<double>(by);
        return;
    }
    std::int64_t current = 0;
    if (auto const* whole = target.if_int64()) current = *whole;
    if (auto const* large = target.if_uint64()) {
        if (*large > static_cast<std::uint64_t>(std::numeric_limits<std::int64_t>::max())) {
            target = static_cast<double>(*large) + static_cast<double>(by);
            return;
        }
        current = static_cast<std::int64_t>(*large);
    }
    std::int64_t sum = 0;
    if (__builtin_add_overflow(current, by, &sum))
        target = static_cast<double>(current) + static_cast<double>(by);
    else
        target = sum;
}

void append_to(json_value& target, json_value const& value, std::size_t keep_newest) {
    auto& list = target.is_array() ? target.get_array() : target.emplace_array();
    list.push_back(value);
    if (keep_newest == 0 || list.size() <= keep_newest) return;
    auto const surplus = static_cast<std::ptrdiff_t>(list.size() - keep_newest);
    list.erase(list.begin(), list.begin() + surplus);
}

}  // namespace

condition eq(std::string_view field, json_value value) {
    return make(field, compare::eq, std::move(value));
}
condition ne(std::string_view field, json_value value) {
    return make(field, compare::ne, std::move(value));
}
condition lt(std::string_view field, json_value value) {
    return make(field, compare::lt, std::move(value));
}
condition lte(std::string_view field, json_value value) {
    return make(field, compare::lte, std::move(value));
}
condition gt(std::string_view field, json_value value) {
    return make(field, compare::gt, std::move(value));
}
condition gte(std::string_view field, json_value value) {
    return make(field, compare::gte, std::move(value));
}
condition in(std::string_view field, wire::json_array values) {
    return make(field, compare::in, json_value(std::move(values)));
}
condition exists(std::string_view field) {
    return make(field, compare::exists, nullptr);
}
condition missing(std::string_view field) {
    return make(field, compare::missing, nullptr);
}
condition starts_with(std::string_view field, std::string_view prefix) {
    return make(field, compare::prefix, json_value(prefix));
}

filter all_of(std::vector<condition> conditions) {
    filter made;
    made.all = std::move(conditions);
    return made;
}

filter any_of(std::vector<filter> branches) {
    filter made;
    made.any = std::move(branches);
    return made;
}

filter by_id(std::string_view id) {
    return all_of({eq(id_field, json_value(id))});
}

bool matches(filter const& wanted, json_object const& document) {
    auto const fits = [&](auto const& part) {
        if constexpr (std::is_same_v<std::decay_t<decltype(part)>, condition>)
            return holds(part, document);
        else
            return matches(part, document);
    };
    return std::all_of(wanted.all.begin(), wanted.all.end(), fits) &&
           (wanted.any.empty() || std::any_of(wanted.any.begin(), wanted.any.end(), fits));
}

update& update::set(std::string_view path, json_value value) {
    changes_.push_back({change::kind::set, std::string(path), std::move(value), 0});
    return *this;
}

update& update::unset(std::string_view path) {
    changes_.push_back({change::kind::unset, std::string(path), nullptr, 0});
    return *this;
}

update& update::inc(std::string_view path, std::int64_t by) {
    changes_.push_back({change::kind::inc, std::string(path), json_value(by), 0});
    return *this;
}

update& update::push(std::string_view path, json_value value, std::size_t keep_newest) {
    changes_.push_back({change::kind::push, std::string(path), std::move(value), keep_newest});
    return *this;
}

update& update::set_on_insert(std::string_view path, json_value value) {
    changes_.push_back({change::kind::set_on_insert, std::string(path), std::move(value), 0});
    return *this;
}

void update::apply(json_object& document, bool inserted) const {
    for (auto const& each : changes_) {
        if (each.what == change::kind::set_on_insert && !inserted) continue;
        auto const at = locate(document, each.path, each.what != change::kind::unset);
        if (!at) continue;
        switch (each.what) {
            case change::kind::set:
            case change::kind::set_on_insert:
                (*at->owner)[at->name] = each.value;
                break;
            case change::kind::unset:
                at->owner->stable_erase(at->name);
                break;
            case change::kind::inc:
                add_to((*at->owner)[at->name], each.value.get_int64());
                break;
            case change::kind::push:
                append_to((*at->owner)[at->name], each.value, each.keep_newest);
                break;
        }
    }
}

}  // namespace store
}  // namespace cxb::inline v1
