#include "server/api/audit/audit_chain.hpp"

#include <algorithm>

#include "cxb/base/crypto.hpp"
#include "server/common/model/collections.hpp"

namespace cxb::api {
namespace {

namespace model = server::model;
using wire::json_object;
using wire::json_value;

std::string no_hash() {
    return std::string(64, '0');
}

store::find_options in_order(std::size_t limit) {
    store::find_options options;
    options.sort = {{"seq", false}};
    options.limit = limit;
    return options;
}

store::filter between(std::int64_t from, std::int64_t to) {
    return store::all_of({store::gte("seq", from), store::lte("seq", to)});
}

std::string text_or(json_object const& row, std::string_view name, std::string fallback) {
    auto const text = wire::text_at(row, name);
    return text.empty() ? std::move(fallback) : std::string(text);
}

store::async<audit_head> read_head(store::document_store& store) {
    CXB_CO_TRY(auto const row,
               co_await store.find_one(model::system_runtime, store::by_id(audit_head_id)));
    audit_head head;
    head.exists = row.has_value();
    json_object const none;
    json_object const& stored = row ? *row : none;
    head.seq = wire::int_at(stored, "seq");
    head.sealed_seq = wire::int_at(stored, "sealed_seq");
    head.hash = text_or(stored, "hash", no_hash());
    head.kept_from = wire::int_at(stored, "kept_from", 1);
    head.kept_hash = text_or(stored, "kept_hash", no_hash());
    co_return head;
}

// Bound to the newest row, so that whoever was faster is not undone: then the next look finds more.
store::async<void> seal_portion(store::document_store& store, audit_head head) {
    CXB_CO_TRY(auto page,
               co_await store.find(model::audit_log, between(head.sealed_seq + 1, head.seq),
                                   in_order(audit_portion)));
    store::batch writes;
    store::update news;
    std::string hash = head.hash;
    std::int64_t sealed = head.seq;  // nothing left to seal: those rows were removed long ago
    for (auto& row : page.items) {
        sealed = wire::int_at(row, "seq");
        std::string const prev = hash;
        hash = seal_audit_row(row, prev);
        writes.update_if_any(
            model::audit_log, store::by_id(wire::text_at(row, store::id_field)),
            store::update{}.set("prev_hash", json_value(prev)).set("hash", json_value(hash)));
    }
    if (head.sealed_seq == 0) {
        auto const oldest =
            page.items.empty() ? head.seq + 1 : wire::int_at(page.items.front(), "seq");
        news.set("kept_from", oldest).set("kept_hash", json_value(head.hash));
    }
    news.set("sealed_seq", sealed).set("hash", json_value(hash));
    writes.update_one(model::system_runtime,
                      store::all_of({store::eq(store::id_field, json_value(audit_head_id)),
                                     store::eq("seq", head.seq)}),
                      std::move(news), "audit_head_moved");
    CXB_CO_CHECK(co_await store.commit(std::move(writes)));
    co_return result<void>{};
}

// What must be so at the next row.
struct expectation {
    std::int64_t seq = 1;
    std::optional<std::string> prev_hash;  // unset: the row before is not known
};

store::async<expectation> begin_at(store::document_store& store, audit_head head,
                                   std::int64_t from) {
    if (from <= head.kept_from) co_return expectation{head.kept_from, head.kept_hash};
    CXB_CO_TRY(
        auto const before,
        co_await store.find_one(model::audit_log, store::all_of({store::eq("seq", from - 1)})));
    expectation out{from, std::nullopt};
    if (before) out.prev_hash = wire::text_at(*before, "hash");
    co_return out;
}

bool is_good(json_object const& row, expectation const& wanted) {
    return wire::text_at(row, "hash") == audit_hash(row) &&
           (!wanted.prev_hash || wire::text_at(row, "prev_hash") == *wanted.prev_hash);
}

// Goes through one portion. False: a row is missing before the one at hand.
bool check_portion(std::vector<json_object> const& rows, expectation& wanted,
                   chain_report& report) {
    for (auto const& row : rows) {
        if (wire::int_at(row, "seq") != wanted.seq) return false;
        if (!is_good(row, wanted)) {
            report.first_bad_seq = wanted.seq;
            return true;
        }
        ++report.checked;
        ++wanted.seq;
        wanted.prev_hash = wire::text_at(row, "hash");
    }
    return true;
}

}  // namespace

json_object shown_audit_row(json_object stored) {
    stored.erase(store::id_field);
    return stored;
}

std::string audit_hash(json_object row) {
    row.erase(store::id_field);
    row.erase("hash");
    std::string const prev_hash(wire::text_at(row, "prev_hash"));
    return sha256_hex(prev_hash + "\n" + wire::to_canonical(json_value(std::move(row))));
}

std::string seal_audit_row(json_object& row, std::string const& prev_hash) {
    row["prev_hash"] = json_value(prev_hash);
    std::string hash = audit_hash(row);
    row["hash"] = json_value(hash);
    return hash;
}

store::async<bool> seal_audit_portion(store::document_store& store) {
    CXB_CO_TRY(audit_head head, co_await read_head(store));
    if (head.sealed_seq >= head.seq) co_return false;
    CXB_CO_CHECK(co_await seal_portion(store, std::move(head)));
    co_return true;
}

store::async<audit_head> sealed_head(store::document_store& store) {
    for (;;) {
        CXB_CO_TRY(audit_head head, co_await read_head(store));
        if (head.sealed_seq >= head.seq) co_return head;
        CXB_CO_CHECK(co_await seal_portion(store, std::move(head)));
    }
}

store::async<chain_report> verify_chain(store::document_store& store, std::int64_t from,
                                        std::int64_t to, std::function<bool()> late) {
    // Read before the head, which is raised together with each row: it cannot be ahead of it.
    CXB_CO_TRY(auto const newest, co_await store.find_one(model::audit_log, {}, {{"seq", true}}));
    CXB_CO_TRY(audit_head const head, co_await sealed_head(store));
    std::int64_t const last = std::min(to, head.seq);
    CXB_CO_TRY(expectation wanted, co_await begin_at(store, head, from));
    chain_report report;
    while (wanted.seq <= last) {
        if (late()) {
            report.next = wanted.seq;
            co_return report;
        }
        CXB_CO_TRY(auto const page, co_await store.find(model::audit_log, between(wanted.seq, last),
                                                        in_order(audit_portion)));
        bool const whole = !page.items.empty() && check_portion(page.items, wanted, report);
        if (report.first_bad_seq) co_return report;
        if (whole) continue;
        // The retention may have removed rows meanwhile.
        CXB_CO_TRY(audit_head now, co_await read_head(store));
        if (now.kept_from <= wanted.seq) {
            report.first_bad_seq = wanted.seq;
            co_return report;
        }
        wanted = {now.kept_from, std::move(now.kept_hash)};
    }
    bool const at_head = wanted.seq == head.seq + 1 && wanted.prev_hash;
    if (at_head && *wanted.prev_hash != head.hash) report.first_bad_seq = head.seq;
    if (!report.first_bad_seq && newest && to > head.seq && wire::int_at(*newest, "seq") > head.seq)
        report.first_bad_seq = head.seq + 1;
    co_return report;
}

store::async<std::int64_t> audit_seq_from(store::document_store& store, time_point moment) {
    auto const at = store::gte("at", json_value(format_timestamp(moment)));
    CXB_CO_TRY(auto const row,
               co_await store.find_one(model::audit_log, store::all_of({at}), {{"at", false}}));
    if (row) co_return wire::int_at(*row, "seq");
    CXB_CO_TRY(audit_head const head, co_await read_head(store));
    co_return head.seq + 1;
}

store::async<std::int64_t> audit_seq_before(store::document_store& store, time_point moment) {
    auto const at = store::lt("at", json_value(format_timestamp(moment)));
    CXB_CO_TRY(auto const row,
               co_await store.find_one(model::audit_log, store::all_of({at}), {{"at", true}}));
    co_return row ? wire::int_at(*row, "seq") : 0;
}

store::async<std::size_t> remove_old_audit_rows(store::document_store& store,
                                                server::loop_lease& lease, time_point moment) {
    store::find_options options = in_order(audit_portion);
    options.only = {"seq", "at", "hash"};
    CXB_CO_TRY(auto const page, co_await store.find(model::audit_log, {}, options));
    std::string const limit = format_timestamp(moment);
    // From the beginning and without a hole, whatever the clocks said: the rest stays a chain.
    auto const end = std::find_if(page.items.begin(), page.items.end(), [&](auto const& row) {
        return wire::text_at(row, "at") >= limit || wire::text_at(row, "hash").empty();
    });
    if (end == page.items.begin()) co_return std::size_t{0};
    store::batch writes;
    for (auto row = page.items.begin(); row != end; ++row) {
        store::write removal;
        removal.kind = store::write_kind::remove;
        removal.into = &model::audit_log;
        removal.where = store::by_id(wire::text_at(*row, store::id_field));
        removal.must_match = false;
        writes.writes().push_back(std::move(removal));
    }
    auto const& newest = *(end - 1);
    writes.update_if_any(model::system_runtime, store::by_id(audit_head_id),
                         store::update{}
                             .set("kept_from", wire::int_at(newest, "seq") + 1)
                             .set("kept_hash", json_value(wire::text_at(newest, "hash"))));
    CXB_CO_CHECK(co_await lease.commit(std::move(writes)));
    co_return static_cast<std::size_t>(end - page.items.begin());
}

}  // namespace cxb::api
