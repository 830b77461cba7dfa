#include "src/store/mongo/document_writes.hpp"

#include <algorithm>
#include <span>

#include "src/store/engine/new_document.hpp"
#include "src/store/mongo/batch_locks.hpp"
#include "src/store/mongo/index_schema.hpp"

namespace cxb::inline v1 {
namespace store::mongo {

namespace {

// An upsert that meets a document which was not there a moment ago looks again.
constexpr int upsert_looks = 4;
constexpr std::size_t most_at_once = 500;

/// Codes by which the server says that an operator means something else than the port here.
bool wants_reading(std::int32_t code) {
    switch (code) {
        case 2:   // BadValue: $push on no list, $inc over 64 bits
        case 9:   // FailedToParse
        case 14:  // TypeMismatch
        case 28:  // PathNotViable
        case 40:  // ConflictingUpdateOperators
        case 52:  // DollarPrefixedFieldName
        case 56:  // EmptyFieldName
        case 57:  // DottedFieldName
        case 10145:
        case 10141:
        case 10134:
            return true;
        default:
            return false;
    }
}

bson_document writable(workplace const& at, bson_document const& where) {
    return at.transactions ? where : if_free(where);
}

/// After a write that met nothing: waits for a batch that holds a match. True: look again.
result<bool> waited(workplace& at, collection const& in, bson_document const& where) {
    if (at.transactions) return false;
    CXB_TRY(auto const holder, batch_locks::holder_of(at, in.name, where));
    if (!holder) return in.indexes.empty() ? false : at.locks.wait_for_keys(at, in.name);
    CXB_CHECK(at.locks.wait_for(at, in.name, *holder));
    return true;
}

/// After a taken key: waits for a batch that may hold it only for the moment.
result<bool> waited_for_keys(workplace& at, collection const& in) {
    if (at.transactions) return false;
    return at.locks.wait_for_keys(at, in.name);
}

/// Holds when the member is as it was read.
bson_document unchanged(bson_document const& document, std::string_view member) {
    auto const found = document.find(member);
    if (!found) return bson_document().add(member, bson_document().add("$exists", false));
    // `$eq` of the query language would take a list that holds the value for the value.
    bson_document sides;
    sides.add("0", "$" + std::string(member)).add("1", bson_document().add("$literal", found->at));
    return bson_document().add("$expr", bson_document().add_list("$eq", sides));
}

struct rewritten {
    bson_document change;  ///< empty: nothing differs
    bson_document guard;   ///< what must be unchanged
    json_object after;
};

/// The change computed in memory, as setting the members that differ.
result<rewritten> rewrite(collection const& in, bson_document const& found, update const& changes) {
    rewritten made;
    made.after = from_bson(found);
    engine::apply_changes(made.after, changes);
    CXB_TRY(auto const after, to_bson(in, made.after));
    bson_document set;
    bson_document unset;
    auto const note = [&](std::string_view member) {
        made.guard = both(made.guard, unchanged(found, member));
    };
    for_each_element(after, [&](bson_iter_t& at) {
        std::string_view const key = bson_iter_key(&at);
        if (key == own_member) return;
        auto const old = found.find(key);
        bson_document left;
        bson_document right;
        left.add("v", at);
        if (old) right.add("v", old->at);
        if (left == right) return;
        set.add(at);
        note(key);
    });
    for_each_element(found, [&](bson_iter_t& at) {
        std::string_view const key = bson_iter_key(&at);
        if (key == own_member || bson_has_field(after.get(), bson_iter_key(&at))) return;
        unset.add(key, "");
        note(key);
    });
    auto const kept = after.at("_cxb.k");
    if (!(kept == found.at("_cxb.k"))) {
        if (kept.empty())
            unset.add("_cxb.k", "");
        else
            set.add("_cxb.k", kept);
        note("_cxb.k");
    }
    if (!set.empty()) made.change.add("$set", set);
    if (!unset.empty()) made.change.add("$unset", unset);
    return made;
}

}  // namespace

result<change_outcome> change_by_reading(workplace& at, prepared_change const& change,
                                         bson_document const& where) {
    for (;;) {
        CXB_TRY(auto const found,
                first_match(at, change.in->name, writable(at, where), change.sort));
        if (!found) return change_outcome{};
        CXB_TRY(auto made, rewrite(*change.in, *found, change.changes));
        if (made.change.empty()) return change_outcome{true, false, std::move(made.after)};
        auto const guard =
            both(both(bson_document().add("_id", found->find("_id")->at), writable(at, where)),
                 made.guard);
        auto reply = at.write(update_command(change.in->name, guard, made.change));
        if (!reply && reply.error().server_code == duplicate_code)
            return duplicate_error(*change.in, reply.error());
        if (!reply) return std::move(reply).error().cause;
        if (reply->int_at("n") == 1) return change_outcome{true, true, std::move(made.after)};
        if (at.late()) return too_late();
    }
}

namespace {

bson_document modify_command(prepared_change const& change, bson_document const& where,
                             bson_document const& native) {
    bson_document command;
    command.add("findAndModify", change.in->name).add("query", where);
    if (!change.sort.empty()) command.add("sort", change.sort);
    command.add("update", native).add("new", true);
    return command;
}

/// One try without waiting for batches and without inserting.
result<change_outcome> try_change(workplace& at, prepared_change const& change,
                                  bson_document const& where, bool want_document) {
    CXB_TRY(auto const native, native_update(*change.in, change.changes));
    if (!native) return change_by_reading(at, change, where);
    auto const free = writable(at, where);
    bool const modify = want_document || !change.sort.empty();
    auto reply = at.write(modify ? modify_command(change, free, *native)
                                 : update_command(change.in->name, free, *native));
    if (!reply) {
        if (wants_reading(reply.error().server_code)) return change_by_reading(at, change, where);
        if (reply.error().server_code == duplicate_code)
            return duplicate_error(*change.in, reply.error());
        return std::move(reply).error().cause;
    }
    if (!modify)
        return change_outcome{reply->int_at("n") == 1, reply->int_at("nModified") == 1, {}};
    auto const found = reply->at("value");
    if (found.empty()) return change_outcome{};
    return change_outcome{true, true, from_bson(found)};
}

/// As try_change, and waits for batches that hold a match or a key.
result<change_outcome> change_one(workplace& at, prepared_change const& change,
                                  bson_document const& where, bool want_document) {
    for (;;) {
        auto made = try_change(at, change, where, want_document);
        bool again = false;
        if (made && !made->matched) {
            CXB_TRY(again, waited(at, *change.in, where));
        } else if (!made && made.error().code() == errc::conflict) {
            CXB_TRY(again, waited_for_keys(at, *change.in));
        }
        if (!again) return made;
        if (at.late()) return too_late();
    }
}

result<std::vector<bson_document>> ids_of(workplace& at, std::string_view in,
                                          bson_document const& where, std::size_t limit) {
    auto command = find_command(in, at.transactions ? where : if_shown(where), {},
                                static_cast<std::int64_t>(limit));
    command.add("projection", bson_document().add("_id", 1));
    std::vector<bson_document> ids;
    CXB_MONGO_CHECK(at.client.query(
        command,
        [&](bson_document const& found) {
            ids.push_back(bson_document().add("_id", found.find("_id")->at));
            return true;
        },
        at.session));
    return ids;
}

}  // namespace

namespace {

/// Filters by keys would pass over documents whose keys a batch is just changing.
result<void> wait_for_moved_keys(workplace& at, collection const& in) {
    bool const has_keys = std::any_of(in.indexes.begin(), in.indexes.end(),
                                      [](index_decl const& index) { return index.unique; });
    if (!has_keys) return {};
    CXB_TRY([[maybe_unused]] bool const waited, waited_for_keys(at, in));
    return {};
}

/// What failed was not the whole: some documents are written.
error after_some(std::int64_t done, error cause) {
    if (done == 0 || cause.code() != errc::unavailable) return cause;
    return error{errc::deadline_exceeded, "Only a part was written"}.with_note({cause.note()});
}

/// One document; waits for a batch that holds it.
result<std::int64_t> remove_one(workplace& at, collection const& from, bson_document const& where) {
    for (;;) {
        CXB_MONGO_TRY(auto const reply,
                      at.write(delete_command(from.name, writable(at, where), false)));
        if (reply.int_at("n") > 0) return 1;
        CXB_TRY(bool const again, waited(at, from, where));
        if (!again) return 0;
        if (at.late()) return too_late();
    }
}

/// Together what nobody holds, then the others one by one.
result<std::int64_t> remove_some(workplace& at, collection const& from, bson_document const& where,
                                 std::span<bson_document const> ids) {
    if (ids.size() == 1) return remove_one(at, from, both(ids.front(), where));
    bson_document list;
    for (auto const& id : ids)
        list.add(std::to_string(list.members()), id.find("_id")->at);
    auto const all =
        both(bson_document().add(id_field, bson_document().add_list("$in", list)), where);
    CXB_MONGO_TRY(auto const reply, at.write(delete_command(from.name, writable(at, all), true)));
    auto removed = reply.int_at("n");
    if (at.transactions || removed == static_cast<std::int64_t>(ids.size())) return removed;
    CXB_TRY(auto const held, ids_of(at, from.name, all, 0));
    for (auto const& id : held) {
        auto const done = remove_one(at, from, both(id, where));
        if (!done) return after_some(removed, done.error());
        removed += *done;
    }
    return removed;
}

}  // namespace

prepared_change prepare_change(collection const& in, filter where, update changes,
                               std::vector<sort_key> const& sort, bool upsert) {
    auto native = filter_document(in, where);
    return {&in,   std::move(where), std::move(native), sort_document(in, sort), std::move(changes),
            upsert};
}

error duplicate_error(collection const& in, command_fault const& fault) {
    auto fields = fault.key_pattern;
    if (fields.empty()) fields = unique_fields_named_in(in, fault.message);
    return error{errc::conflict, "Key is taken"}.with_reason("duplicate_key").with_pointer(fields);
}

result<void> insert_document(workplace& at, collection const& into, json_object const& document) {
    CXB_TRY(auto const made, to_bson(into, document));
    for (;;) {
        auto reply = at.write(insert_command(into.name, {made}));
        if (reply) break;
        if (reply.error().server_code != duplicate_code) return std::move(reply).error().cause;
        CXB_TRY(bool const again, waited_for_keys(at, into));
        if (!again) return duplicate_error(into, reply.error());
        if (at.late()) return too_late();
    }
    at.touch(into);
    return {};
}

result<bool> change_first(workplace& at, prepared_change const& change, json_object* after) {
    for (int looks = 1;; ++looks) {
        CXB_TRY(auto made, change_one(at, change, change.where, after != nullptr));
        if (made.matched) {
            if (made.differs) at.touch(*change.in);
            if (after != nullptr) *after = std::move(made.after);
            return true;
        }
        if (!change.upsert) return false;
        auto document = engine::upserted_document(change.wanted, change.changes);
        auto inserted = insert_document(at, *change.in, document);
        if (inserted && after != nullptr) *after = std::move(document);
        if (inserted) return true;
        bool const taken = inserted.error().code() == errc::conflict;
        if (!taken || looks == upsert_looks || at.late()) return std::move(inserted).error();
    }
}

result<std::int64_t> change_all(workplace& at, prepared_change const& change) {
    CXB_CHECK(wait_for_moved_keys(at, *change.in));
    CXB_TRY(auto const ids, ids_of(at, change.in->name, change.where, 0));
    std::int64_t changed = 0;
    for (auto const& id : ids) {
        auto made = at.late() ? too_late() : change_one(at, change, both(id, change.where), false);
        if (!made) return after_some(changed, std::move(made).error());
        if (made->differs && ++changed == 1) at.touch(*change.in);
    }
    return changed;
}

result<std::int64_t> remove_documents(workplace& at, collection const& from,
                                      bson_document const& where, std::size_t limit) {
    CXB_CHECK(wait_for_moved_keys(at, from));
    CXB_TRY(auto const ids, ids_of(at, from.name, where, limit));
    std::int64_t removed = 0;
    for (std::size_t first = 0; first < ids.size(); first += most_at_once) {
        auto const count = std::min(most_at_once, ids.size() - first);
        auto const some = std::span(ids).subspan(first, count);
        auto const done = at.late() ? too_late() : remove_some(at, from, where, some);
        if (!done) return after_some(removed, done.error());
        if (removed == 0 && *done > 0) at.touch(from);
        removed += *done;
    }
    return removed;
}

}  // namespace store::mongo
}  // namespace cxb::inline v1
