#include "src/store/mongo/batch_places.hpp"

#include <algorithm>
#include <set>

namespace cxb::inline v1 {
namespace store::mongo {

namespace {

constexpr char const* former = "_cxb.c.was";

bson_document value_at(bson_document const& document, std::string_view field) {
    bson_document made;
    if (auto const found = document.find(escaped_path(field))) made.add("v", found->at);
    return made;
}

/// The document's key in an index; empty when the index does not cover it.
bson_document key_in(index_decl const& index, bson_document const& document) {
    if (!index.where_field.empty() &&
        document.text_at(escaped_path(index.where_field)) != index.where_text)
        return {};
    bson_document key;
    for (auto const field : index.fields) {
        auto const value = value_at(document, field);
        if (value.empty()) return {};
        key.add(std::to_string(key.members()), value);
    }
    return key;
}

std::set<std::string_view> key_fields(collection const& of) {
    std::set<std::string_view> made;
    for (auto const& index : of.indexes) {
        if (!index.unique) continue;
        made.insert(index.fields.begin(), index.fields.end());
        if (!index.where_field.empty()) made.insert(index.where_field);
    }
    return made;
}

class places {
  public:
    places(batch_plan const& plan, std::vector<bson_document> const& after,
           std::string const& batch)
        : plan_(plan), after_(after), batch_(batch) {}

    std::vector<batch_place> all() {
        std::vector<row> rows;
        for (std::size_t i = 0; i < plan_.targets.size(); ++i)
            if (auto made = place(i)) rows.push_back(*std::move(made));
        // Within a kind the order of the batch, by which one write may take what another left.
        std::sort(rows.begin(), rows.end(), [&](row const& left, row const& right) {
            return std::pair(left.kind, plan_.targets[left.made.target].write) <
                   std::pair(right.kind, plan_.targets[right.made.target].write);
        });
        std::vector<batch_place> made;
        for (auto& each : rows)
            made.push_back(std::move(each.made));
        return made;
    }

  private:
    enum class row_kind { lets_go, moves, is_new };
    struct row {
        row_kind kind;
        batch_place made;
    };

    std::optional<row> place(std::size_t i) const {
        auto const& target = plan_.targets[i];
        if (!target.before) return row{row_kind::is_new, {i, true, hidden(after_[i])}};
        bool const passes_on = passes_key_on(i);
        if (!target.after && !passes_on) return std::nullopt;
        auto form = held(i, passes_on);
        if (form.empty()) return std::nullopt;
        return row{passes_on ? row_kind::lets_go : row_kind::moves, {i, false, std::move(form)}};
    }

    /// Is a key of the document given to another one by a later write?
    bool passes_key_on(std::size_t i) const {
        auto const& target = plan_.targets[i];
        for (auto const& index : target.in->indexes) {
            if (!index.unique) continue;
            auto const key = key_in(index, *target.before);
            if (key.empty() || (target.after && key_in(index, after_[i]) == key)) continue;
            for (std::size_t j = 0; j < plan_.targets.size(); ++j) {
                auto const& other = plan_.targets[j];
                if (j != i && other.in->name == target.in->name && other.after &&
                    other.write > target.write && key_in(index, after_[j]) == key)
                    return true;
            }
        }
        return false;
    }

    bson_document hidden(bson_document const& document) const {
        auto made = without_own(document);
        auto own = document.at(own_member);
        own.add("c", bson_document().add("id", batch_).add("new", true));
        return made.add(own_member, own);
    }

    bson_document held(std::size_t i, bool lets_go) const {
        auto const& target = plan_.targets[i];
        bson_document set;
        bson_document was;
        for (auto const field : key_fields(*target.in)) {
            auto const old = value_at(*target.before, field);
            auto const now = value_at(after_[i], field);
            if (old == now || (now.empty() && !lets_go)) continue;
            auto const path = escaped_path(field);
            auto const member = path.substr(0, path.find('.'));
            if (is_blocked(*target.before, path)) {
                if (!bson_has_field(set.get(), member.c_str()))
                    set.add(member, after_[i].find(member)->at);
            } else if (now.empty())
                // A value that no other document has keeps the member in its place.
                set.add(path, bson_document().add("by", batch_).add("of", target.id));
            else if (old.empty() || lets_go || in_second_list(*target.in, field, set))
                set.add(path, now.find("v")->at);
            else
                set.add_list(
                    path, bson_document().add("0", old.find("v")->at).add("1", now.find("v")->at));
            remember(was, *target.before, member);
        }
        if (set.empty()) return {};
        set.add(former, was);
        return bson_document().add("$set", set);
    }

    /// Stands something on the way that is no object? Then servers refuse to set the path.
    static bool is_blocked(bson_document const& document, std::string const& path) {
        for (auto dot = path.find('.'); dot != std::string::npos; dot = path.find('.', dot + 1)) {
            auto const found = document.find(std::string_view(path).substr(0, dot));
            if (found && !BSON_ITER_HOLDS_DOCUMENT(&found->at)) return true;
        }
        return false;
    }

    /// No index takes lists in two of its fields.
    static bool in_second_list(collection const& of, std::string_view field,
                               bson_document const& set) {
        return std::any_of(of.indexes.begin(), of.indexes.end(), [&](index_decl const& index) {
            auto const& fields = index.fields;
            if (std::find(fields.begin(), fields.end(), field) == fields.end()) return false;
            return std::any_of(fields.begin(), fields.end(), [&](std::string_view other) {
                bson_iter_t at;
                return bson_iter_init_find(&at, set.get(), escaped_path(other).c_str()) &&
                       BSON_ITER_HOLDS_ARRAY(&at);
            });
        });
    }

    static void remember(bson_document& was, bson_document const& before,
                         std::string const& member) {
        if (bson_has_field(was.get(), member.c_str())) return;
        bson_document entry;
        if (auto const found = before.find(member)) entry.add("v", found->at);
        was.add(member, entry);
    }

    batch_plan const& plan_;
    std::vector<bson_document> const& after_;
    std::string const& batch_;
};

}  // namespace

std::vector<batch_place> places_of(batch_plan const& plan, std::vector<bson_document> const& after,
                                   std::string const& batch) {
    return places(plan, after, batch).all();
}

bson_document shown_form(bson_document const& held) {
    auto const was = held.at(former);
    if (was.empty()) return held;
    bson_document made;
    for_each_element(held, [&](bson_iter_t& at) {
        auto const entry = was.find(bson_iter_key(&at));
        if (!entry) {
            made.add(at);
            return;
        }
        auto const old = document_of(entry->at);
        if (auto const value = old.find("v")) made.add(bson_iter_key(&at), value->at);
    });
    return made;
}

bson_document former_members(bson_document const& held) {
    bson_document set;
    bson_document unset;
    for_each_element(held.at(former), [&](bson_iter_t& at) {
        auto const entry = document_of(at);
        if (auto const value = entry.find("v"))
            set.add(bson_iter_key(&at), value->at);
        else
            unset.add(bson_iter_key(&at), "");
    });
    bson_document made;
    if (set.empty() && unset.empty()) return made;
    unset.add(former, "");
    if (!set.empty()) made.add("$set", set);
    return made.add("$unset", unset);
}

}  // namespace store::mongo
}  // namespace cxb::inline v1
