#include "src/store/mongo/document_reads.hpp"

#include <algorithm>

#include "src/store/find_cursor.hpp"
#include "src/store/mongo/batch_locks.hpp"
#include "src/store/mongo/batch_places.hpp"

namespace cxb::inline v1 {
namespace store::mongo {

namespace {

// How often a read looks again because a batch was completed meanwhile.
constexpr int most_looks = 5;

bool is_in_a_key(collection const& of, std::string_view field) {
    return std::any_of(of.indexes.begin(), of.indexes.end(), [&](index_decl const& index) {
        return index.unique &&
               (index.where_field == field ||
                std::find(index.fields.begin(), index.fields.end(), field) != index.fields.end());
    });
}

bool names_a_key(collection const& of, filter const& wanted) {
    return std::any_of(wanted.all.begin(), wanted.all.end(),
                       [&](condition const& each) { return is_in_a_key(of, each.field); }) ||
           std::any_of(wanted.any.begin(), wanted.any.end(),
                       [&](filter const& each) { return names_a_key(of, each); });
}

bool goes_by_keys(collection const& of, filter const& wanted, std::vector<sort_key> const& sort) {
    return names_a_key(of, wanted) ||
           std::any_of(sort.begin(), sort.end(),
                       [&](sort_key const& each) { return is_in_a_key(of, each.field); });
}

bson_document command_of(workplace const& at, prepared_find const& wanted) {
    auto const where = at.session == nullptr ? if_shown(wanted.where) : wanted.where;
    // One more than a page tells whether there is another page.
    auto const more = wanted.order.empty() || wanted.limit == 0 ? 0 : 1;
    auto const limit = static_cast<std::int64_t>(wanted.limit) + more;
    auto command = find_command(wanted.from->name, where, wanted.sort, limit);
    if (wanted.skip > 0) command.add("skip", static_cast<std::int64_t>(wanted.skip));
    return command;
}

struct looked {
    std::vector<bson_document> documents;
    bool again = false;  ///< a batch was completed since
};

result<looked> look(workplace& at, prepared_find const& wanted) {
    looked made;
    std::vector<std::string> batches;
    CXB_MONGO_CHECK(at.client.query(
        command_of(at, wanted),
        [&](bson_document found) {
            auto batch = found.text_at("_cxb.c.id");
            if (batch.empty()) {
                made.documents.push_back(std::move(found));
                return true;
            }
            batches.push_back(std::move(batch));
            auto shown = shown_form(found);
            bool const same = !found.has("_cxb.c.was");
            if (same || matches(wanted.wanted, from_bson(without_own(shown))))
                made.documents.push_back(std::move(shown));
            return true;
        },
        at.session));
    std::sort(batches.begin(), batches.end());
    batches.erase(std::unique(batches.begin(), batches.end()), batches.end());
    for (auto const& batch : batches) {
        CXB_TRY(bool const done, at.locks.complete_if_committed(at, wanted.from->name, batch));
        made.again = made.again || done;
    }
    return made;
}

result<std::vector<bson_document>> run(workplace& at, prepared_find const& wanted) {
    for (int looks = 1;; ++looks) {
        CXB_TRY(auto made, look(at, wanted));
        bool again = made.again;
        if (!again && wanted.by_keys && !at.transactions) {
            // It may have kept documents from a read that goes by keys.
            CXB_TRY(again, at.locks.wait_for_keys(at, wanted.from->name));
        }
        if (!again || looks == most_looks) return std::move(made.documents);
    }
}

json_value key_value(collection const& of, json_object const& document, sort_key const& key) {
    auto const* found = wire::find_path(document, key.field);
    if (found == nullptr) return nullptr;
    if (key.field == id_field) return *found;
    // Values of other kinds are kept aside; to orders they are absent.
    bool fits = false;
    switch (type_of(of, key.field)) {
        case field_type::text:
            fits = found->is_string();
            break;
        case field_type::timestamp:
            fits = found->is_string() && is_canonical_timestamp(found->get_string());
            break;
        case field_type::integer:
        case field_type::real:
            fits = found->is_number();
            break;
        case field_type::boolean:
            fits = found->is_bool();
            break;
    }
    return fits ? *found : json_value();
}

std::string cursor_at(prepared_find const& wanted, json_object const& last) {
    std::vector<json_value> values;
    for (auto const& key : wanted.order)
        values.push_back(key_value(*wanted.from, last, key));
    return write_cursor(wanted.order, values);
}

json_object members_of(json_object whole, std::vector<std::string> const& only) {
    if (only.empty()) return whole;
    json_object part;
    part[id_field] = std::move(whole.at(id_field));
    for (auto const& name : only)
        if (auto* member = name == id_field ? nullptr : whole.if_contains(name))
            part[name] = std::move(*member);
    return part;
}

double number_of(json_value const& value) {
    if (auto const* whole = value.if_int64()) return static_cast<double>(*whole);
    if (auto const* large = value.if_uint64()) return static_cast<double>(*large);
    return value.is_double() ? value.get_double() : 0.0;
}

/// Rows come in the order of their keys: absent first, then by value.
bool comes_before(group_row const& left, group_row const& right) {
    for (std::size_t i = 0; i < left.keys.size(); ++i) {
        json_object const one{{"k", left.keys[i]}};
        auto const other = right.keys[i];
        if (other.is_null() && left.keys[i].is_null()) continue;
        if (left.keys[i].is_null() || other.is_null()) return left.keys[i].is_null();
        if (matches(all_of({lt("k", other)}), one)) return true;
        if (matches(all_of({gt("k", other)}), one)) return false;
    }
    return false;
}

bson_document aggregate(collection const& in, std::vector<bson_document> const& stages) {
    return bson_document()
        .add("aggregate", in.name)
        .add_list("pipeline", stages)
        .add("cursor", bson_document());
}

bson_document match_stage(collection const& in, filter const& where) {
    return bson_document().add("$match", if_shown(filter_document(in, where)));
}

result<std::vector<bson_document>> rows_of(workplace& at, prepared_rows const& wanted) {
    for (int looks = 1;; ++looks) {
        std::vector<bson_document> rows;
        CXB_MONGO_CHECK(at.client.query(wanted.command, [&](bson_document row) {
            rows.push_back(std::move(row));
            return true;
        }));
        bool again = false;
        if (wanted.by_keys && !at.transactions && looks < most_looks) {
            CXB_TRY(again, at.locks.wait_for_keys(at, wanted.in->name));
        }
        if (!again) return rows;
    }
}

std::string field_reference(collection const& in, std::string_view field) {
    (void)type_of(in, field);
    return "$" + (field == id_field ? std::string(field) : escaped_path(field));
}

}  // namespace

result<prepared_find> prepare_find(collection const& from, filter where, find_options options) {
    auto order = complete_order(std::move(options.sort));
    auto native = filter_document(from, where);
    auto sort = sort_document(from, order);
    if (!options.after.empty()) {
        CXB_TRY(auto const position, read_cursor(order, options.after));
        native = both(native, after_filter(from, order, position));
        options.skip = 0;
    }
    bool const by_keys = goes_by_keys(from, where, order);
    return prepared_find{&from,           std::move(where),        std::move(native),
                         std::move(sort), std::move(order),        options.limit,
                         options.skip,    std::move(options.only), by_keys};
}

result<page> run_find(workplace& at, prepared_find const& wanted) {
    CXB_TRY(auto const found, run(at, wanted));
    page made;
    bool const more = wanted.limit != 0 && found.size() > wanted.limit;
    auto const count = more ? wanted.limit : found.size();
    for (std::size_t i = 0; i < count; ++i) {
        auto document = from_bson(found[i]);
        if (more && i + 1 == count) made.next = cursor_at(wanted, document);
        made.items.push_back(members_of(std::move(document), wanted.only));
    }
    return made;
}

prepared_find prepare_find_one(collection const& from, filter where,
                               std::vector<sort_key> const& sort) {
    auto native = filter_document(from, where);
    bool const by_keys = goes_by_keys(from, where, sort);
    return {&from, std::move(where), std::move(native), sort_document(from, sort), {}, 1, 0,
            {},    by_keys};
}

result<std::optional<json_object>> run_find_one(workplace& at, prepared_find const& wanted) {
    CXB_TRY(auto const found, run(at, wanted));
    if (found.empty()) return std::nullopt;
    return from_bson(found.front());
}

prepared_rows prepare_count(collection const& in, filter const& where, std::int64_t cap) {
    std::vector stages{match_stage(in, where)};
    if (cap > 0) stages.push_back(bson_document().add("$limit", cap));
    stages.push_back(bson_document().add(
        "$group", bson_document().add("_id", nullptr).add("n", bson_document().add("$sum", 1))));
    return {&in, aggregate(in, stages), 0, 0, names_a_key(in, where)};
}

result<std::int64_t> run_count(workplace& at, prepared_rows const& wanted) {
    CXB_TRY(auto const rows, rows_of(at, wanted));
    return rows.empty() ? 0 : rows.front().int_at("n");
}

prepared_rows prepare_group(collection const& in, filter const& where,
                            std::vector<std::string> const& by,
                            std::vector<std::string> const& sum_fields) {
    bson_document key;
    for (std::size_t i = 0; i < by.size(); ++i) {
        bson_document choices;
        choices.add("0", field_reference(in, by[i])).add("1", nullptr);
        key.add("k" + std::to_string(i), bson_document().add_list("$ifNull", choices));
    }
    bson_document group;
    if (by.empty())
        group.add("_id", nullptr);
    else
        group.add("_id", key);
    group.add("n", bson_document().add("$sum", 1));
    for (std::size_t i = 0; i < sum_fields.size(); ++i)
        group.add("s" + std::to_string(i),
                  bson_document().add("$sum", field_reference(in, sum_fields[i])));
    auto const is_key = [&](std::string const& field) { return is_in_a_key(in, field); };
    bool const by_keys = names_a_key(in, where) || std::any_of(by.begin(), by.end(), is_key) ||
                         std::any_of(sum_fields.begin(), sum_fields.end(), is_key);
    return {&in, aggregate(in, {match_stage(in, where), bson_document().add("$group", group)}),
            by.size(), sum_fields.size(), by_keys};
}

result<std::vector<group_row>> run_group(workplace& at, prepared_rows const& wanted) {
    CXB_TRY(auto const found, rows_of(at, wanted));
    std::vector<group_row> rows;
    for (auto const& row : found) {
        auto& made = rows.emplace_back();
        for (std::size_t i = 0; i < wanted.keys; ++i) {
            auto const key = row.find("_id.k" + std::to_string(i));
            made.keys.push_back(key ? value_of(key->at) : json_value());
        }
        made.count = row.int_at("n");
        for (std::size_t i = 0; i < wanted.sums; ++i) {
            auto const sum = row.find("s" + std::to_string(i));
            made.sums.push_back(sum ? number_of(value_of(sum->at)) : 0.0);
        }
    }
    std::sort(rows.begin(), rows.end(), comes_before);
    return rows;
}

}  // namespace store::mongo
}  // namespace cxb::inline v1
