#include "server/common/secrets/sealed_document_store.hpp"

#include <stdexcept>

namespace cxb::server {
namespace {

using store::async;
using wire::json_object;
using wire::json_value;

[[noreturn]] void misused(secret_collection const& in, char const* what) {
    throw std::logic_error(std::string(in.rows->name) + ": " + what);
}

std::string_view id_of(store::filter const& where) noexcept {
    for (auto const& one : where.all)
        if (one.field == store::id_field && one.op == store::compare::eq && one.value.is_string())
            return one.value.as_string();
    return {};
}

std::vector<std::string_view> steps_of(std::string_view path) {
    std::vector<std::string_view> out;
    for (;;) {
        auto const dot = path.find('.');
        out.push_back(path.substr(0, dot));
        if (dot == std::string_view::npos) return out;
        path.remove_prefix(dot + 1);
    }
}

result<void> seal_document(document_sealer const& sealer, secret_collection const& in,
                           json_object& document) {
    std::string const id(wire::text_at(document, store::id_field));
    if (id.empty()) misused(in, "a document with secrets needs an _id");
    for (auto& member : document) {
        std::string_view const path[] = {member.key()};
        CXB_CHECK(sealer.seal(in, id, path, member.value()));
    }
    return {};
}

result<store::update> seal_changes(document_sealer const& sealer, secret_collection const& in,
                                   std::string_view id, store::update const& changes) {
    store::update out;
    for (auto const& one : changes.changes()) {
        using enum store::change::kind;
        auto const path = steps_of(one.path);
        auto value = one.value;
        if (document_sealer::has_secret(in, path, value)) {
            if (one.what == push) misused(in, "a secret cannot be pushed");
            if (id.empty()) misused(in, "an update with secrets needs the _id in its filter");
            CXB_CHECK(sealer.seal(in, id, path, value));
        }
        switch (one.what) {
            case set:
                out.set(one.path, std::move(value));
                break;
            case unset:
                out.unset(one.path);
                break;
            case inc:
                out.inc(one.path, one.value.to_number<std::int64_t>());
                break;
            case push:
                out.push(one.path, std::move(value), one.keep_newest);
                break;
            case set_on_insert:
                out.set_on_insert(one.path, std::move(value));
                break;
        }
    }
    return out;
}

result<void> seal_write(document_sealer const& sealer, store::write& one) {
    auto const* in = sealer.find(*one.into);
    if (in == nullptr) return {};
    if (one.kind == store::write_kind::insert) return seal_document(sealer, *in, one.document);
    CXB_TRY(one.changes, seal_changes(sealer, *in, id_of(one.where), one.changes));
    return {};
}

async<std::optional<json_object>> opened(document_sealer const& sealer, secret_collection const& in,
                                         async<std::optional<json_object>> reading) {
    CXB_CO_TRY(auto document, co_await std::move(reading));
    if (document) CXB_CO_CHECK(sealer.open(in, *document));
    co_return document;
}

async<store::page> opened(document_sealer const& sealer, secret_collection const& in,
                          async<store::page> reading) {
    CXB_CO_TRY(auto page, co_await std::move(reading));
    for (auto& document : page.items)
        CXB_CO_CHECK(sealer.open(in, document));
    co_return page;
}

template <class T>
async<T> refused(error cause) {
    co_return cause;
}

}  // namespace

// Collections without secrets cost a look at their name, no coroutine.

async<void> sealed_document_store::ensure(store::collection const& what) {
    return inner_->ensure(what);
}

async<void> sealed_document_store::insert(store::collection const& into, json_object document) {
    if (auto const* in = sealer_.find(into))
        if (auto const sealed = seal_document(sealer_, *in, document); !sealed)
            return refused<void>(sealed.error());
    return inner_->insert(into, std::move(document));
}

async<std::optional<json_object>> sealed_document_store::find_one(
    store::collection const& from, store::filter where, std::vector<store::sort_key> sort) {
    auto reading = inner_->find_one(from, std::move(where), std::move(sort));
    auto const* in = sealer_.find(from);
    return in == nullptr ? std::move(reading) : opened(sealer_, *in, std::move(reading));
}

async<store::page> sealed_document_store::find(store::collection const& from, store::filter where,
                                               store::find_options options) {
    auto reading = inner_->find(from, std::move(where), std::move(options));
    auto const* in = sealer_.find(from);
    return in == nullptr ? std::move(reading) : opened(sealer_, *in, std::move(reading));
}

async<bool> sealed_document_store::update_one(store::collection const& in, store::filter where,
                                              store::update changes, bool upsert) {
    if (auto const* row = sealer_.find(in)) {
        auto sealed = seal_changes(sealer_, *row, id_of(where), changes);
        if (!sealed) return refused<bool>(sealed.error());
        changes = *std::move(sealed);
    }
    return inner_->update_one(in, std::move(where), std::move(changes), upsert);
}

async<std::optional<json_object>> sealed_document_store::find_one_and_update(
    store::collection const& in, store::filter where, store::update changes,
    std::vector<store::sort_key> sort, bool upsert) {
    auto const* row = sealer_.find(in);
    if (row == nullptr)
        return inner_->find_one_and_update(in, std::move(where), std::move(changes),
                                           std::move(sort), upsert);
    auto sealed = seal_changes(sealer_, *row, id_of(where), changes);
    if (!sealed) return refused<std::optional<json_object>>(sealed.error());
    return opened(sealer_, *row,
                  inner_->find_one_and_update(in, std::move(where), *std::move(sealed),
                                              std::move(sort), upsert));
}

async<std::int64_t> sealed_document_store::update_many(store::collection const& in,
                                                       store::filter where, store::update changes) {
    if (auto const* row = sealer_.find(in)) {
        auto sealed = seal_changes(sealer_, *row, {}, changes);
        if (!sealed) return refused<std::int64_t>(sealed.error());
        changes = *std::move(sealed);
    }
    return inner_->update_many(in, std::move(where), std::move(changes));
}

async<std::int64_t> sealed_document_store::remove(store::collection const& from,
                                                  store::filter where, std::size_t limit) {
    return inner_->remove(from, std::move(where), limit);
}

async<std::vector<store::group_row>> sealed_document_store::group(
    store::collection const& in, store::filter where, std::vector<std::string> by,
    std::vector<std::string> sum_fields) {
    return inner_->group(in, std::move(where), std::move(by), std::move(sum_fields));
}

async<std::int64_t> sealed_document_store::count(store::collection const& in, store::filter where,
                                                 std::int64_t cap) {
    return inner_->count(in, std::move(where), cap);
}

async<void> sealed_document_store::bulk_insert(store::collection const& into,
                                               std::vector<json_object> documents) {
    if (auto const* in = sealer_.find(into))
        for (auto& document : documents)
            if (auto const sealed = seal_document(sealer_, *in, document); !sealed)
                return refused<void>(sealed.error());
    return inner_->bulk_insert(into, std::move(documents));
}

async<store::commit_outcome> sealed_document_store::commit(store::batch writes) {
    for (auto& one : writes.writes())
        if (auto const sealed = seal_write(sealer_, one); !sealed)
            return refused<store::commit_outcome>(sealed.error());
    return inner_->commit(std::move(writes));
}

async<void> sealed_document_store::ping() {
    return inner_->ping();
}
int sealed_document_store::watch(store::collection const& what, std::function<void()> wake) {
    return inner_->watch(what, std::move(wake));
}
void sealed_document_store::unwatch(int id) {
    inner_->unwatch(id);
}
void sealed_document_store::close() {
    inner_->close();
}

}  // namespace cxb::server
