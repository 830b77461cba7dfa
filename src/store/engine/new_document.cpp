#include "src/store/engine/new_document.hpp"

#include <stdexcept>

#include "cxb/base/ids.hpp"

namespace cxb::inline v1 {
namespace store::engine {

std::string id_of(json_object const& document) {
    auto const* id = document.if_contains(id_field);
    if (id == nullptr || !id->is_string() || id->get_string().empty())
        throw std::logic_error("a document's _id must be a text");
    return std::string(id->get_string());
}

void complete_id(json_object& document) {
    if (!document.contains(id_field)) document[id_field] = new_hex24();
    (void)id_of(document);
}

json_object upserted_document(filter const& where, update const& changes) {
    json_object made;
    update members;
    for (auto const& each : where.all)
        if (each.op == compare::eq && !each.value.is_null()) members.set(each.field, each.value);
    members.apply(made, true);
    auto const* fixed = made.if_contains(id_field);
    auto const wanted = fixed == nullptr ? json_value() : *fixed;
    changes.apply(made, true);
    auto const* given = made.if_contains(id_field);
    if (!wanted.is_null() && (given == nullptr || *given != wanted))
        throw std::logic_error("an upsert must not change the _id it asked for");
    complete_id(made);
    return made;
}

void apply_changes(json_object& document, update const& changes) {
    auto const id = id_of(document);
    changes.apply(document, false);
    if (id_of(document) != id) throw std::logic_error("an update must not change _id");
}

std::size_t size_of(json_value const& value) {
    constexpr std::size_t node = 16;
    if (auto const* text = value.if_string()) return text->size() + node;
    std::size_t sum = node;
    if (auto const* list = value.if_array())
        for (auto const& each : *list)
            sum += size_of(each);
    if (auto const* members = value.if_object())
        for (auto const& each : *members)
            sum += each.key().size() + size_of(each.value());
    return sum;
}

std::size_t size_of(update const& changes) {
    std::size_t sum = 0;
    for (auto const& each : changes.changes())
        sum += each.path.size() + size_of(each.value);
    return sum;
}

}  // namespace store::engine
}  // namespace cxb::inline v1
