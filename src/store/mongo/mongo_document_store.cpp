#include "src/store/mongo/mongo_document_store.hpp"

#include <algorithm>

#include "src/store/engine/new_document.hpp"
#include "src/store/mongo/commit_protocol.hpp"
#include "src/store/mongo/commit_transaction.hpp"
#include "src/store/mongo/document_reads.hpp"
#include "src/store/mongo/document_writes.hpp"
#include "src/store/mongo/index_schema.hpp"
#include "src/store/mongo/worker_pool.hpp"

namespace cxb::inline v1 {
namespace store {

using engine::size_of;
using engine::wait_end;
using mongo::typed_operation;
using mongo::workplace;

namespace {

constexpr unsigned most_threads = 128;

mongo::driver_settings driver_of(mongo_options const& options) {
    auto const threads = std::clamp(options.threads, 1U, most_threads);
    // One connection more for the sweep.
    return {options.url,
            options.database,
            threads + 1,
            std::min(options.selection_timeout, options.deadline),
            std::min(options.connect_timeout, options.deadline),
            std::min(options.socket_timeout, options.deadline)};
}

mongo::pool_settings pool_of(mongo_options const& options) {
    return {std::clamp(options.threads, 1U, most_threads),
            {options.max_queued, options.max_queued_bytes},
            options.deadline,
            options.batch_lease,
            options.sweep_every,
            options.on_commit};
}

/// A batch of one write needs neither transaction nor protocol.
result<commit_outcome> commit_single(workplace& at, mongo::prepared_batch const& writes) {
    auto const& only = writes.writes.front();
    bool matched = true;
    result<void> done;
    if (only.kind == write_kind::insert) {
        done = mongo::insert_document(at, *only.into, only.document);
    } else if (only.kind == write_kind::remove) {
        auto const removed = mongo::remove_documents(at, *only.into, writes.filters.front(), 1);
        matched = removed && *removed > 0;
        if (!removed) done = removed.error();
    } else {
        auto const changed =
            mongo::change_first(at, mongo::prepare_change(*only.into, only.where, only.changes, {},
                                                          only.kind == write_kind::upsert));
        matched = changed && *changed;
        if (!changed) done = changed.error();
    }
    bool const taken = !done && done.error().reason() == "duplicate_key";
    if (!done && !taken) return std::move(done).error();
    if (taken || (!matched && only.must_match)) return mongo::failed_at(writes, 0, taken);
    return commit_outcome{true, 0, {}, false};
}

}  // namespace

struct mongo_document_store::parts {
    std::function<void(std::string_view)> on_step;
    std::chrono::milliseconds deadline;
    std::chrono::milliseconds schema_deadline;
    mongo::worker_pool pool;

    parts(mongo_options const& options, std::unique_ptr<mongo::mongo_driver> driver)
        : on_step(options.on_step),
          deadline(options.deadline),
          schema_deadline(options.schema_deadline),
          pool(std::move(driver), pool_of(options)) {}

    template <class T>
    async<T> perform(std::size_t bytes, typename typed_operation<T>::body body) {
        return perform<T>(bytes, std::move(body), deadline);
    }

    template <class T>
    async<T> perform(std::size_t bytes, typename typed_operation<T>::body body,
                     std::chrono::milliseconds longest) {
        auto const work = std::make_shared<typed_operation<T>>(std::move(body));
        work->bytes = bytes;
        work->set_deadline(std::chrono::steady_clock::now() + longest);
        auto const end = co_await mongo::operation::wait(
            work, [this, work](auto const&, auto const&) { return pool.push(work); });
        if (end == wait_end::cancelled) co_return error{errc::cancelled};
        if (end == wait_end::expired && !work->begun()) co_return mongo::too_late();
        if (end == wait_end::expired)
            co_return error{errc::deadline_exceeded, "Store is too slow"}.with_request_sent(
                sent_state::maybe);
        co_return work->take();
    }

    result<commit_outcome> commit(workplace& at, mongo::prepared_batch const& writes) const {
        if (writes.writes.empty()) return commit_outcome{true, 0, {}, false};
        if (writes.writes.size() == 1) return commit_single(at, writes);
        if (at.transactions) return mongo::commit_in_transaction(at, writes);
        return mongo::commit_by_protocol(at, writes, on_step);
    }
};

mongo_document_store::mongo_document_store(std::unique_ptr<parts> made) : parts_(std::move(made)) {}

mongo_document_store::~mongo_document_store() {
    parts_->pool.close();
}

result<std::unique_ptr<mongo_document_store>> mongo_document_store::open(mongo_options options) {
    CXB_TRY(auto driver, mongo::mongo_driver::create(driver_of(options)));
    auto made = std::make_unique<parts>(options, std::move(driver));
    CXB_CHECK(made->pool.start());
    return std::unique_ptr<mongo_document_store>(new mongo_document_store(std::move(made)));
}

bool mongo_document_store::transactions() const {
    return parts_->pool.transactions();
}

std::size_t mongo_document_store::queue_depth() const {
    return parts_->pool.depth();
}

async<void> mongo_document_store::ensure(collection const& what) {
    mongo::check_declaration(what);
    return parts_->perform<void>(
        0,
        [this, &what](workplace& at) -> result<void> {
            CXB_TRY(bool const held, mongo::ensure_collection(at, what));
            if (!held) return {};
            parts_->pool.remember(what);
            return at.locks.sweep(at, {std::string(what.name)});
        },
        parts_->schema_deadline);
}

async<void> mongo_document_store::insert(collection const& into, json_object document) {
    mongo::check_declaration(into);
    engine::complete_id(document);
    auto const bytes = size_of(json_value(document));
    return parts_->perform<void>(bytes, [&into, document = std::move(document)](workplace& at) {
        return mongo::insert_document(at, into, document);
    });
}

async<std::optional<json_object>> mongo_document_store::find_one(collection const& from,
                                                                 filter where,
                                                                 std::vector<sort_key> sort) {
    return parts_->perform<std::optional<json_object>>(
        0, [wanted = mongo::prepare_find_one(from, std::move(where), sort)](workplace& at) {
            return mongo::run_find_one(at, wanted);
        });
}

async<page> mongo_document_store::find(collection const& from, filter where, find_options options) {
    auto prepared = mongo::prepare_find(from, std::move(where), std::move(options));
    if (!prepared) co_return prepared.error();
    co_return co_await parts_->perform<page>(
        0, [wanted = *std::move(prepared)](workplace& at) { return mongo::run_find(at, wanted); });
}

async<bool> mongo_document_store::update_one(collection const& in, filter where, update changes,
                                             bool upsert) {
    auto const bytes = size_of(changes);
    return parts_->perform<bool>(
        bytes,
        [change = mongo::prepare_change(in, std::move(where), std::move(changes), {}, upsert)](
            workplace& at) { return mongo::change_first(at, change); });
}

async<std::optional<json_object>> mongo_document_store::find_one_and_update(
    collection const& in, filter where, update changes, std::vector<sort_key> sort, bool upsert) {
    using found = std::optional<json_object>;
    auto const bytes = size_of(changes);
    return parts_->perform<found>(
        bytes,
        [change = mongo::prepare_change(in, std::move(where), std::move(changes), sort, upsert)](
            workplace& at) -> result<found> {
            json_object after;
            CXB_TRY(bool const any, mongo::change_first(at, change, &after));
            return any ? found(std::move(after)) : found();
        });
}

async<std::int64_t> mongo_document_store::update_many(collection const& in, filter where,
                                                      update changes) {
    auto const bytes = size_of(changes);
    return parts_->perform<std::int64_t>(
        bytes,
        [change = mongo::prepare_change(in, std::move(where), std::move(changes), {}, false)](
            workplace& at) { return mongo::change_all(at, change); });
}

async<std::int64_t> mongo_document_store::remove(collection const& from, filter where,
                                                 std::size_t limit) {
    return parts_->perform<std::int64_t>(
        0, [&from, where = mongo::filter_document(from, where), limit](workplace& at) {
            return mongo::remove_documents(at, from, where, limit);
        });
}

async<std::int64_t> mongo_document_store::count(collection const& in, filter where,
                                                std::int64_t cap) {
    return parts_->perform<std::int64_t>(
        0, [command = mongo::prepare_count(in, where, cap)](workplace& at) {
            return mongo::run_count(at, command);
        });
}

async<std::vector<group_row>> mongo_document_store::group(collection const& in, filter where,
                                                          std::vector<std::string> by,
                                                          std::vector<std::string> sum_fields) {
    return parts_->perform<std::vector<group_row>>(
        0, [wanted = mongo::prepare_group(in, where, by, sum_fields)](workplace& at) {
            return mongo::run_group(at, wanted);
        });
}

async<void> mongo_document_store::bulk_insert(collection const& into,
                                              std::vector<json_object> documents) {
    mongo::check_declaration(into);
    batch all;
    for (auto& each : documents)
        all.insert(into, std::move(each));
    auto prepared = mongo::prepare_batch(std::move(all));
    auto const bytes = prepared.bytes;
    return parts_->perform<void>(
        bytes, [this, prepared = std::move(prepared)](workplace& at) -> result<void> {
            CXB_TRY(auto const outcome, parts_->commit(at, prepared));
            if (outcome.applied) return {};
            return error{errc::conflict, "Key is taken"}.with_reason("duplicate_key");
        });
}

async<commit_outcome> mongo_document_store::commit(batch writes) {
    auto prepared = mongo::prepare_batch(std::move(writes));
    auto const bytes = prepared.bytes;
    return parts_->perform<commit_outcome>(bytes,
                                           [this, prepared = std::move(prepared)](workplace& at) {
                                               return parts_->commit(at, prepared);
                                           });
}

async<void> mongo_document_store::ping() {
    return parts_->perform<void>(0, [](workplace& at) -> result<void> {
        auto const one = mongo::id_filter("ping");
        CXB_MONGO_CHECK(at.write(mongo::update_command(
            mongo::ping_collection, one,
            mongo::bson_document().add("$inc", mongo::bson_document().add("n", 1)), false, true)));
        CXB_TRY(auto const found, mongo::first_match(at, mongo::ping_collection, one));
        if (!found) return error{errc::unavailable, "Store does not keep what is written"};
        return {};
    });
}

int mongo_document_store::watch(collection const& what, std::function<void()> wake) {
    return parts_->pool.watching.add(what, std::move(wake));
}

void mongo_document_store::unwatch(int id) {
    parts_->pool.watching.remove(id);
}

void mongo_document_store::close() {
    parts_->pool.close();
}

}  // namespace store
}  // namespace cxb::inline v1
