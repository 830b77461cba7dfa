// Changes as native operators; the other half of query_mapping.hpp.
#include <algorithm>

#include "src/store/mongo/query_mapping.hpp"

namespace cxb::inline v1 {
namespace store::mongo {

namespace {

bool is_number_step(std::string_view step) {
    return !step.empty() && std::all_of(step.begin(), step.end(),
                                        [](char each) { return each >= '0' && each <= '9'; });
}

/// Natively a number is a place in a list, and an empty step is refused.
bool has_special_step(std::string_view path) {
    for (;;) {
        auto const dot = path.find('.');
        auto const step = path.substr(0, dot);
        if (step.empty() || is_number_step(step)) return true;
        if (dot == std::string_view::npos) return false;
        path.remove_prefix(dot + 1);
    }
}

bool is_at_or_below(std::string_view path, std::string_view above) {
    return path.starts_with(above) && (path.size() == above.size() || path[above.size()] == '.');
}

/// Natively two changes of one place are refused.
bool touch_each_other(std::vector<change> const& changes) {
    for (std::size_t i = 0; i < changes.size(); ++i)
        for (std::size_t j = i + 1; j < changes.size(); ++j)
            if (is_at_or_below(changes[i].path, changes[j].path) ||
                is_at_or_below(changes[j].path, changes[i].path))
                return true;
    return false;
}

class operators {
  public:
    explicit operators(collection const& of) : of_(of) {}

    /// False when there is no native form.
    result<bool> add(change const& each) {
        auto const role = role_of(of_, each.path);
        if (role == path_role::below_declared || has_special_step(each.path) ||
            is_at_or_below(each.path, id_field))
            return false;
        switch (each.what) {
            case change::kind::set:
                return set(each);
            case change::kind::unset:
                unset_.add(escaped_path(each.path), "");
                forget_below(of_, each.path, unset_);
                return true;
            case change::kind::inc:
                return increase(each, role);
            case change::kind::push:
                return push(each, role);
            case change::kind::set_on_insert:
                return true;
        }
        return false;
    }

    bson_document document() {
        bson_document made;
        for (auto const& [word, members] :
             {std::pair{"$set", &set_}, {"$unset", &unset_}, {"$inc", &inc_}, {"$push", &push_}})
            if (!members->empty()) made.add(word, *members);
        return made;
    }

  private:
    result<bool> set(change const& each) {
        CXB_TRY(auto const stored, store_at(of_, each.path, each.value));
        set_.add_all(stored.set).add_all(stored.kept);
        add_missing(unset_, stored.unset);
        add_missing(unset_, stored.forget);
        return true;
    }

    result<bool> increase(change const& each, path_role role) {
        if (role == path_role::above_declared) return false;
        if (role == path_role::declared) {
            auto const type = of_.find(each.path)->type;
            if (type != field_type::integer && type != field_type::real) return false;
        }
        // Lists on the way are forgotten as by `set`.
        CXB_TRY(auto const stored, store_at(of_, each.path, each.value));
        inc_.add(escaped_path(each.path), each.value.get_int64());
        add_missing(unset_, stored.forget);
        return true;
    }

    result<bool> push(change const& each, path_role role) {
        if (role != path_role::free) return false;
        CXB_TRY(auto const stored, store_at(of_, each.path, each.value));
        bson_document list;
        for_each_element(stored.set, [&](bson_iter_t& at) { list.add("0", at); });
        bson_document more;
        more.add_list("$each", list);
        if (each.keep_newest != 0) more.add("$slice", -static_cast<std::int64_t>(each.keep_newest));
        push_.add(escaped_path(each.path), more);
        add_missing(unset_, stored.forget);
        return true;
    }

    collection const& of_;
    bson_document set_;
    bson_document unset_;
    bson_document inc_;
    bson_document push_;
};

}  // namespace

result<std::optional<bson_document>> native_update(collection const& of, update const& changes) {
    if (touch_each_other(changes.changes())) return std::nullopt;
    operators made(of);
    for (auto const& each : changes.changes()) {
        CXB_TRY(bool const native, made.add(each));
        if (!native) return std::nullopt;
    }
    auto document = made.document();
    if (document.empty()) return std::nullopt;
    return document;
}

}  // namespace store::mongo
}  // namespace cxb::inline v1
