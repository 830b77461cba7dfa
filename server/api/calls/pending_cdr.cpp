#include "server/api/calls/pending_cdr.hpp"

#include "cxb/base/ids.hpp"
#include "server/api/calls/call_redaction.hpp"
#include "server/api/calls/trace_rows.hpp"
#include "server/common/async/contention.hpp"
#include "server/common/model/collections.hpp"

namespace cxb::api {
namespace {

namespace cdr = contract::cdr;
namespace model = server::model;
using wire::json_object;

constexpr std::chrono::hours kept_for{24};
constexpr int max_looks = 5;

store::filter by_stream(std::string const& stream) {
    return store::all_of({store::eq("stream_id", wire::json_value(stream))});
}

// A CDR that waits, unless another one was added to it since.
store::filter as_read(json_object const& waiting) {
    auto out = store::by_id(wire::text_at(waiting, "_id"));
    out.all.push_back(store::eq("rev", wire::int_at(waiting, "rev")));
    return out;
}

store::async<std::optional<json_object>> newest_call(store::document_store& store,
                                                     std::string stream) {
    co_return co_await store.find_one(model::calls, by_stream(stream), {{"created_at", true}});
}

// Nothing onto a call that was redacted, also not meanwhile: a CDR is made of numbers.
store::batch onto_call(json_object const& call, json_object const& members, time_point now,
                       random_source& random) {
    if (is_redacted(call)) return {};
    store::update changes;
    for (auto const& [name, value] : members)
        changes.set(name, value);
    changes.inc("rev", 1);
    store::batch writes;
    // By its session, so that listeners are told of it.
    auto still_whole = model::of_session(wire::text_at(call, "session_id"));
    still_whole.all.push_back(store::missing("redacted_at"));
    writes.update_one(model::calls, std::move(still_whole), std::move(changes));
    trace_rows(std::string(wire::text_at(call, "session_id")), "api", now)
        .add("cdr")
        .into(writes, random);
    return writes;
}

error not_stored() {
    return error{errc::unavailable, "The CDR was not stored, send it again"}.with_retry_after(
        seconds{1});
}

}  // namespace

store::async<void> add_pending_cdr(store::document_store& store, json_object& members,
                                   store::batch& writes, time_point now) {
    std::string const stream(wire::text_at(members, "stream_id"));
    if (stream.empty()) co_return result<void>{};
    CXB_CO_TRY(auto const waiting, co_await store.find_one(model::cdr_pending, by_stream(stream)));
    if (!waiting) co_return result<void>{};
    auto const* kept = waiting->if_contains("members");
    bool const fresh = wire::text_at(*waiting, "expires_at") > format_timestamp(now);
    if (fresh && kept != nullptr && kept->is_object())
        for (auto const& [name, value] : kept->as_object())
            members[name] = value;
    writes.remove_one(model::cdr_pending, as_read(*waiting), "cdr_moved");
    co_return result<void>{};
}

store::async<bool> unite_cdr(store::document_store& store, std::string stream, time_point now,
                             random_source& random) {
    if (stream.empty()) co_return true;
    for (int i = 0; i < max_looks; ++i) {
        CXB_CO_TRY(auto const waiting,
                   co_await store.find_one(model::cdr_pending, by_stream(stream)));
        if (!waiting) co_return true;
        if (wire::text_at(*waiting, "expires_at") <= format_timestamp(now)) co_return false;
        CXB_CO_TRY(auto const call, co_await newest_call(store, stream));
        if (!call) co_return false;
        auto const* kept = waiting->if_contains("members");
        bool const readable = kept != nullptr && kept->is_object();
        auto writes = onto_call(*call, readable ? kept->get_object() : json_object{}, now, random);
        writes.remove_one(model::cdr_pending, as_read(*waiting), "cdr_moved");
        CXB_CO_TRY(auto const done, co_await store.commit(std::move(writes)));
        if (done.applied) co_return true;
        co_await server::contention_pause(i + 1, random);
    }
    co_return not_stored();
}

store::async<cdr::cdr_ack> take_cdr(store::document_store& store, std::string body, time_point now,
                                    random_source& random) {
    wire::parse_options how;
    how.max_bytes = limits::cdr_body;
    CXB_CO_TRY(cdr::cdr const record, cdr::parse_cdr(body, how));
    std::string const stream = cdr::stream_key(record);
    if (stream.empty()) co_return cdr::make_cdr_ack(cdr::cdr_status::ignored);
    json_object const members = cdr::stored_members(record);
    CXB_CO_TRY(auto const call, co_await newest_call(store, stream));
    if (call) {
        auto writes = onto_call(*call, members, now, random);
        if (writes.empty()) co_return cdr::make_cdr_ack(cdr::cdr_status::ok, stream);
        CXB_CO_TRY(auto const done, co_await store.commit(std::move(writes)));
        if (!done.applied) co_return not_stored();
        co_return cdr::make_cdr_ack(cdr::cdr_status::ok, stream);
    }
    // Members that an earlier one brought stay, unless its time is over.
    auto ended = by_stream(stream);
    ended.all.push_back(store::lte("expires_at", wire::json_value(format_timestamp(now))));
    CXB_CO_CHECK(co_await store.remove(model::cdr_pending, std::move(ended), 1));
    store::update kept;
    for (auto const& [name, value] : members)
        kept.set("members." + std::string(name), value);
    kept.set("expires_at", wire::json_value(format_timestamp(now + kept_for))).inc("rev", 1);
    CXB_CO_CHECK(co_await store.update_one(model::cdr_pending, by_stream(stream), kept, true));
    CXB_CO_TRY(bool const united, co_await unite_cdr(store, stream, now, random));
    co_return cdr::make_cdr_ack(united ? cdr::cdr_status::ok : cdr::cdr_status::not_found, stream);
}

}  // namespace cxb::api
