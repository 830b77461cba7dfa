#include "src/store/mongo/batch_locks.hpp"

#include <algorithm>
#include <set>
#include <thread>

#include "src/store/mongo/batch_places.hpp"

namespace cxb::inline v1 {
namespace store::mongo {

namespace {

constexpr std::chrono::milliseconds first_pause{2};
constexpr std::chrono::milliseconds longest_pause{50};
constexpr char const* key_lost = "key_lost";
// Longer than the pause between two sweeps.
constexpr std::chrono::minutes memory{10};

bson_document exists(std::string_view path) {
    return bson_document().add(path, bson_document().add("$exists", true));
}

bson_document held_by(std::string_view batch) {
    return bson_document().add("_cxb.c.id", batch);
}

bson_document absent(std::string_view path) {
    return bson_document().add(path, bson_document().add("$exists", false));
}

bson_document unset(std::string_view path) {
    return bson_document().add("$unset", bson_document().add(path, ""));
}

/// Lets go of documents that stay as they are.
result<void> release(workplace& at, std::string_view in, bson_document const& where) {
    // Without values kept aside the whole member goes, so that other tools do not see it.
    auto const bare = both(both(where, absent("_cxb.k")), absent("_cxb.n"));
    CXB_MONGO_CHECK(at.write(update_command(in, bare, unset("_cxb"), true)));
    CXB_MONGO_CHECK(at.write(update_command(in, where, unset("_cxb.c"), true)));
    return {};
}

/// Takes back what a batch did in one collection.
result<void> take_back(workplace& at, std::string_view in, std::string const& batch) {
    CXB_MONGO_CHECK(at.write(delete_command(in, both(held_by(batch), exists("_cxb.c.new")), true)));
    std::vector<bson_document> moved;
    CXB_MONGO_CHECK(at.client.query(find_command(in, both(held_by(batch), exists("_cxb.c.was"))),
                                    [&](bson_document found) {
                                        moved.push_back(std::move(found));
                                        return true;
                                    }));
    for (auto const& each : moved) {
        auto const own = both(bson_document().add("_id", each.find("_id")->at), held_by(batch));
        auto const done = at.write(update_command(in, own, former_members(each)));
        if (!done && done.error().server_code == duplicate_code)
            // Somebody took a key that the batch had let go; it comes back when that one leaves it.
            return error{errc::unavailable, "Store is busy"}.with_reason(key_lost).with_note(
                {"a batch cannot be taken back: a key it passed on was taken"});
        if (!done) return done.error().cause;
    }
    // A paused owner may have placed something since. It stays held, by a batch without a record,
    // which whoever meets it takes back; let go of here, it would be shown.
    return release(at, in, both(held_by(batch), both(absent("_cxb.c.new"), absent("_cxb.c.was"))));
}

result<void> make_real(workplace& at, std::string const& batch, bson_document const& write) {
    auto const in = write.text_at("in");
    auto const id = write.find("id");
    auto const own = both(bson_document().add("_id", id->at), held_by(batch));
    if (write.text_at("do") == "remove") {
        CXB_MONGO_CHECK(at.write(delete_command(in, own, false)));
    } else {
        CXB_MONGO_CHECK(at.write(update_command(in, own, write.at("after"))));
    }
    return {};
}

std::vector<std::string> collections_of(bson_document const& record) {
    std::vector<std::string> names;
    for_each_element(record.at("in"),
                     [&](bson_iter_t& at) { names.emplace_back(value_of(at).get_string()); });
    return names;
}

result<void> remove_record(workplace& at, bson_document const& record) {
    CXB_MONGO_CHECK(at.write(delete_command(
        commit_collection, bson_document().add("_id", record.text_at("_id")), false)));
    return {};
}

result<std::optional<std::string>> batch_of_first(workplace& at, std::string_view in,
                                                  bson_document const& where) {
    CXB_TRY(auto const found, first_match(at, in, where));
    if (!found) return std::nullopt;
    return found->text_at("_cxb.c.id");
}

}  // namespace

batch_state batch_locks::state_of(bson_document const& record) {
    auto const state = record.text_at("state");
    if (state == "committed") return batch_state::committed;
    return state == "aborted" ? batch_state::aborted : batch_state::preparing;
}

result<std::optional<bson_document>> batch_locks::record_of(workplace& at,
                                                            std::string const& batch) {
    return first_match(at, commit_collection, bson_document().add("_id", batch));
}

result<bool> batch_locks::change_state(workplace& at, std::string const& batch,
                                       bson_document const& members) {
    CXB_MONGO_TRY(auto const reply, at.write(update_command(
                                        commit_collection,
                                        bson_document().add("_id", batch).add("state", "preparing"),
                                        bson_document().add("$set", members))));
    return reply.int_at("n") == 1;
}

result<void> batch_locks::roll_forward(workplace& at, bson_document const& record) {
    auto const batch = record.text_at("_id");
    // New documents are shown first and keep their mark until all is done: who meets one completes
    // the batch, and who sees a changed one sees what was inserted with it.
    for (auto const& in : collections_of(record))
        CXB_MONGO_CHECK(at.write(update_command(in, both(held_by(batch), exists("_cxb.c.new")),
                                                unset("_cxb.c.new"), true)));
    result<void> done;
    for_each_element(record.at("writes"), [&](bson_iter_t& each) {
        if (done) done = make_real(at, batch, document_of(each));
    });
    CXB_CHECK(done);
    for (auto const& in : collections_of(record))
        CXB_CHECK(release(at, in, held_by(batch)));
    return remove_record(at, record);
}

result<void> batch_locks::roll_back(workplace& at, bson_document const& record) {
    for (auto const& in : collections_of(record))
        CXB_CHECK(take_back(at, in, record.text_at("_id")));
    return remove_record(at, record);
}

bool batch_locks::outlived(std::string const& batch) {
    auto const now = std::chrono::steady_clock::now();
    std::lock_guard const lock(mutex_);
    // Most are finished by their owners, who do not tell.
    std::erase_if(seen_, [&](auto const& each) { return now - each.second > lease_ + memory; });
    return now - seen_.emplace(batch, now).first->second >= lease_;
}

void batch_locks::forget(std::string const& batch) {
    std::lock_guard const lock(mutex_);
    seen_.erase(batch);
}

result<bool> batch_locks::settle(workplace& at, std::string_view in, std::string const& batch) {
    CXB_TRY(auto const record, record_of(at, batch));
    if (!record) {
        // A write of the batch came after it was finished: it changed nothing that counts.
        CXB_CHECK(take_back(at, in, batch));
        forget(batch);
        return true;
    }
    auto state = state_of(*record);
    if (state == batch_state::preparing) {
        if (!outlived(batch)) return false;
        CXB_TRY(bool const stopped,
                change_state(at, batch, bson_document().add("state", "aborted")));
        if (!stopped) return false;
        state = batch_state::aborted;
    }
    CXB_CHECK(state == batch_state::committed ? roll_forward(at, *record) : roll_back(at, *record));
    forget(batch);
    return true;
}

result<void> batch_locks::wait_for(workplace& at, std::string_view in, std::string const& batch) {
    for (auto pause = first_pause;; pause = std::min(pause * 2, longest_pause)) {
        CXB_TRY(bool const free, settle(at, in, batch));
        if (free) return {};
        if (at.late()) return too_late();
        std::this_thread::sleep_for(pause);
    }
}

result<bool> batch_locks::complete_if_committed(workplace& at, std::string_view in,
                                                std::string const& batch) {
    CXB_TRY(auto const record, record_of(at, batch));
    if (record && state_of(*record) != batch_state::committed) return false;
    return settle(at, in, batch);
}

result<std::optional<std::string>> batch_locks::holder_of(workplace& at, std::string_view in,
                                                          bson_document const& where) {
    return batch_of_first(at, in, both(where, exists("_cxb.c.id")));
}

result<std::optional<std::string>> batch_locks::holder_of_keys(workplace& at, std::string_view in,
                                                               std::string_view own) {
    auto where =
        bson_document().add_list("$or", std::vector{exists("_cxb.c.new"), exists("_cxb.c.was")});
    if (!own.empty())
        where = both(where, bson_document().add("_cxb.c.id", bson_document().add("$ne", own)));
    return batch_of_first(at, in, both(exists("_cxb.c.id"), where));
}

result<bool> batch_locks::wait_for_keys(workplace& at, std::string_view in) {
    CXB_TRY(auto const holder, holder_of_keys(at, in));
    if (!holder) return false;
    auto const done = wait_for(at, in, *holder);
    if (!done && done.error().reason() == key_lost) return false;
    CXB_CHECK(done);
    return true;
}

result<void> batch_locks::settle_or_leave(workplace& at, std::string_view in,
                                          std::string const& batch) {
    auto const done = settle(at, in, batch);
    if (!done && done.error().reason() != key_lost) return done.error();
    return {};
}

result<void> batch_locks::sweep(workplace& at, std::vector<std::string> const& collections) {
    std::set<std::string> batches;
    CXB_MONGO_CHECK(
        at.client.query(find_command(commit_collection, {}), [&](bson_document const& record) {
            batches.insert(record.text_at("_id"));
            return true;
        }));
    for (auto const& batch : batches) {
        CXB_TRY(auto const record, record_of(at, batch));
        if (!record) continue;
        auto const names = collections_of(*record);
        CXB_CHECK(settle_or_leave(at, names.empty() ? commit_collection : names.front(), batch));
    }
    for (auto const& in : collections) {
        std::set<std::string> holders;
        CXB_MONGO_CHECK(
            at.client.query(find_command(in, exists("_cxb.c.id")), [&](bson_document const& held) {
                holders.insert(held.text_at("_cxb.c.id"));
                return true;
            }));
        for (auto const& batch : holders) {
            CXB_CHECK(settle_or_leave(at, in, batch));
        }
    }
    return {};
}

}  // namespace store::mongo
}  // namespace cxb::inline v1
