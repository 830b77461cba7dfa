#include "src/store/mongo/index_schema.hpp"

#include <algorithm>
#include <set>
#include <stdexcept>
#include <thread>

#include "src/store/mongo/batch_locks.hpp"
#include "src/store/mongo/document_writes.hpp"

namespace cxb::inline v1 {
namespace store::mongo {

namespace {

constexpr std::string_view own_index = "cxb:batch";
constexpr std::chrono::milliseconds pause_while_built{200};

std::string joined(index_decl const& index) {
    std::string names;
    for (auto const field : index.fields)
        names += (names.empty() ? "" : ",") + std::string(field);
    return names;
}

/// Tells everything about the index, so that an index of this name need not be compared.
std::string name_of(index_decl const& index) {
    auto name = std::string(index.unique ? "cxb:unique:" : "cxb:") + joined(index);
    if (!index.where_field.empty())
        name += ":" + std::string(index.where_field) + "=" + std::string(index.where_text);
    return name;
}

bson_document description_of(index_decl const& index) {
    bson_document keys;
    bson_document covered;
    for (auto const field : index.fields) {
        keys.add(escaped_path(field), 1);
        if (index.unique && field != index.where_field)
            covered.add(escaped_path(field), bson_document().add("$exists", true));
    }
    if (!index.where_field.empty()) covered.add(escaped_path(index.where_field), index.where_text);
    bson_document made;
    made.add("key", keys).add("name", name_of(index));
    if (index.unique) made.add("unique", true);
    if (!covered.empty()) made.add("partialFilterExpression", covered);
    return made;
}

result<std::set<std::string>> indexes_of(workplace& at, collection const& what) {
    std::set<std::string> names;
    auto const listed = at.client.query(
        bson_document().add("listIndexes", what.name).add("cursor", bson_document()),
        [&](bson_document const& index) {
            auto name = index.text_at("name");
            if (name.starts_with("cxb:")) names.insert(std::move(name));
            return true;
        });
    constexpr std::int32_t no_such_collection = 26;
    if (!listed && listed.error().server_code != no_such_collection) return listed.error().cause;
    return names;
}

/// Building an index takes as long as the documents are many; asking again waits for the end.
result<void> create(workplace& at, collection const& what, bson_document const& index) {
    for (;;) {
        auto const done = at.write(bson_document()
                                       .add("createIndexes", what.name)
                                       .add_list("indexes", std::vector{index}));
        if (done) return {};
        if (done.error().server_code == duplicate_code)
            return error{errc::conflict, "Key is taken"}
                .with_reason("duplicate_key")
                .with_pointer(unique_fields_named_in(what, index.text_at("name")));
        bool const slow = done.error().cause.code() == errc::deadline_exceeded;
        if (!slow || at.late()) return done.error().cause;
    }
}

/// Transactions do not make collections on every server.
result<void> create_collection(workplace& at, collection const& what) {
    constexpr std::int32_t exists_already = 48;
    auto const done = at.write(bson_document().add("create", what.name));
    if (!done && done.error().server_code != exists_already) return done.error().cause;
    return {};
}

/// Another process that starts may have dropped it first, or still be building an index.
result<void> drop(workplace& at, collection const& what, std::string const& name) {
    constexpr std::int32_t no_such_index = 27;
    constexpr std::int32_t index_is_built = 12587;
    for (;;) {
        auto const done =
            at.write(bson_document().add("dropIndexes", what.name).add("index", name));
        if (done || done.error().server_code == no_such_index) return {};
        if (done.error().server_code != index_is_built) return done.error().cause;
        if (at.late()) return too_late();
        std::this_thread::sleep_for(pause_while_built);
    }
}

bson_document schema_of(collection const& what) {
    bson_document fields;
    for (auto const& field : what.fields)
        fields.add(escaped_name(field.name, false), static_cast<int>(field.type));
    bson_document keys;
    int place = 0;
    for (auto const& index : what.indexes)
        if (index.unique) keys.add(std::to_string(place++), joined(index));
    return bson_document().add("_id", what.name).add("fields", fields).add_list("unique", keys);
}

/// Brings one document into the form of the declaration. Others may change it meanwhile.
result<void> rewrite(workplace& at, collection const& what, bson_document const& id) {
    auto const unchanged = prepare_change(what, {}, {}, {}, false);
    for (;;) {
        CXB_TRY(auto const found, first_match(at, what.name, id));
        if (!found) return {};
        auto const holder = found->text_at("_cxb.c.id");
        if (!holder.empty()) {
            CXB_CHECK(at.locks.wait_for(at, what.name, holder));
            continue;
        }
        CXB_TRY(auto const done, change_by_reading(at, unchanged, id));
        if (done.matched) return {};
        if (at.late()) return too_late();
    }
}

result<void> migrate(workplace& at, collection const& what) {
    auto command = find_command(what.name, {});
    command.add("projection", bson_document().add("_id", 1));
    std::vector<bson_document> ids;
    CXB_MONGO_CHECK(at.client.query(command, [&](bson_document const& found) {
        ids.push_back(bson_document().add("_id", found.find("_id")->at));
        return true;
    }));
    for (auto const& id : ids)
        CXB_CHECK(rewrite(at, what, id));
    return {};
}

result<void> ensure_form(workplace& at, collection const& what) {
    auto const wanted = schema_of(what);
    auto const id = bson_document().add("_id", what.name);
    CXB_TRY(auto const known, first_match(at, schema_collection, id));
    if (known && *known == wanted) return {};
    CXB_CHECK(migrate(at, what));
    auto const noted = at.write(update_command(schema_collection, id, wanted, false, true));
    // Two processes that start at once may both note it.
    if (!noted && noted.error().server_code != duplicate_code) return noted.error().cause;
    return {};
}

}  // namespace

void check_declaration(collection const& what) {
    for (auto const& field : what.fields)
        if (field.name == "id" || field.name == "doc" || field.name == own_member)
            throw std::logic_error("a declared field cannot be named " + std::string(field.name));
    for (auto const& index : what.indexes) {
        for (auto const field : index.fields)
            (void)type_of(what, field);
        if (!index.where_field.empty()) (void)type_of(what, index.where_field);
    }
}

result<bool> ensure_collection(workplace& at, collection const& what) {
    check_declaration(what);
    CXB_TRY(auto surplus, indexes_of(at, what));
    bool const knew_batches = surplus.erase(std::string(own_index)) > 0;
    std::vector<bson_document> missing;
    for (auto const& index : what.indexes)
        if (surplus.erase(name_of(index)) == 0) missing.push_back(description_of(index));
    if (!at.transactions && !knew_batches)
        missing.push_back(bson_document()
                              .add("key", bson_document().add("_cxb.c.id", 1))
                              .add("name", own_index)
                              .add("sparse", true));
    if (missing.empty()) CXB_CHECK(create_collection(at, what));
    for (auto const& name : surplus)
        CXB_CHECK(drop(at, what, name));
    CXB_CHECK(ensure_form(at, what));
    for (auto const& index : missing)
        CXB_CHECK(create(at, what, index));
    return knew_batches || !at.transactions;
}

std::string unique_fields_named_in(collection const& in, std::string_view message) {
    // What follows are values, in which anything may stand.
    message = message.substr(0, message.find(" dup key"));
    std::string best;
    std::size_t longest = 0;
    for (auto const& index : in.indexes) {
        auto const name = name_of(index);
        if (!index.unique || name.size() <= longest || message.find(name) == std::string::npos)
            continue;
        longest = name.size();
        best = joined(index);
    }
    return best.empty() ? std::string(id_field) : best;
}

}  // namespace store::mongo
}  // namespace cxb::inline v1
