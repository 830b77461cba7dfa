#include "src/store/mongo/workplace.hpp"

namespace cxb::inline v1 {
namespace store::mongo {

namespace {

bson_document absent(std::string_view path) {
    return bson_document().add(path, bson_document().add("$exists", false));
}

}  // namespace

bson_document find_command(std::string_view from, bson_document const& where,
                           bson_document const& sort, std::int64_t limit) {
    bson_document made;
    made.add("find", from).add("filter", where);
    if (!sort.empty()) made.add("sort", sort);
    if (limit > 0) made.add("limit", limit);
    if (limit == 1) made.add("singleBatch", true);
    if (limit == 0 || limit > list_portion) made.add("batchSize", list_portion);
    return made;
}

bson_document insert_command(std::string_view into, std::vector<bson_document> const& documents) {
    return bson_document()
        .add("insert", into)
        .add_list("documents", documents)
        .add("ordered", true);
}

bson_document update_command(std::string_view in, bson_document const& where,
                             bson_document const& change, bool many, bool upsert) {
    bson_document statement;
    statement.add("q", where).add("u", change).add("multi", many).add("upsert", upsert);
    return bson_document().add("update", in).add_list("updates", std::vector{statement});
}

bson_document delete_command(std::string_view from, bson_document const& where, bool many) {
    bson_document statement;
    statement.add("q", where).add("limit", many ? 0 : 1);
    return bson_document().add("delete", from).add_list("deletes", std::vector{statement});
}

result<std::optional<bson_document>> first_match(workplace& at, std::string_view from,
                                                 bson_document const& where,
                                                 bson_document const& sort) {
    std::optional<bson_document> found;
    CXB_MONGO_CHECK(at.client.query(
        find_command(from, where, sort, 1),
        [&](bson_document document) {
            found = std::move(document);
            return false;
        },
        at.session));
    return found;
}

bson_document if_free(bson_document const& where) {
    return both(where, absent("_cxb.c"));
}

bson_document if_shown(bson_document const& where) {
    return both(where, absent("_cxb.c.new"));
}

}  // namespace store::mongo
}  // namespace cxb::inline v1
