#include "server/api/calls/pending_cdr.hpp"

#include "cxb/base/ids.hpp"
#include "server/api/calls/trace_rows.hpp"
#include "server/common/model/collections.hpp"

namespace cxb::api {
namespace {

namespace cdr = contract::cdr;
namespace model = server::model;
using wire::json_object;

constexpr std::chrono::hours kept_for{24};

store::filter by_stream(std::string const& stream) {
    return store::all_of({store::eq("stream_id", wire::json_value(stream))});
}

}  // namespace

std::string cdr_turn_key(std::string_view stream_id) {
    return std::string("cdr ").append(stream_id);
}

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
    writes.remove_one(model::cdr_pending, store::by_id(wire::text_at(*waiting, "_id")),
                      "cdr_moved");
    co_return result<void>{};
}

store::async<cdr::cdr_ack> take_cdr(store::document_store& store, server::keyed_turn& turns,
                                    std::string body, time_point now, random_source& random) {
    wire::parse_options how;
    how.max_bytes = limits::cdr_body;
    CXB_CO_TRY(cdr::cdr const record, cdr::parse_cdr(body, how));
    std::string const stream = cdr::stream_key(record);
    if (stream.empty()) co_return cdr::make_cdr_ack(cdr::cdr_status::ignored);
    auto const turn = co_await turns.take(cdr_turn_key(stream));
    json_object const members = cdr::stored_members(record);
    CXB_CO_TRY(auto const call,
               co_await store.find_one(model::calls, by_stream(stream), {{"created_at", true}}));
    if (!call) {
        store::update kept;
        kept.set("members", wire::json_value(members))
            .set("expires_at", wire::json_value(format_timestamp(now + kept_for)));
        CXB_CO_CHECK(co_await store.update_one(model::cdr_pending, by_stream(stream), kept, true));
        co_return cdr::make_cdr_ack(cdr::cdr_status::not_found, stream);
    }
    store::update changes;
    for (auto const& [name, value] : members)
        changes.set(name, value);
    changes.inc("rev", 1);
    store::batch writes;
    writes.update_one(model::calls, store::by_id(wire::text_at(*call, "_id")), std::move(changes));
    trace_rows(std::string(wire::text_at(*call, "session_id")), "api", now)
        .add("cdr")
        .into(writes, random);
    CXB_CO_TRY(auto const done, co_await store.commit(std::move(writes)));
    if (!done.applied)
        co_return error{errc::unavailable, "The CDR was not stored, send it again"}
            .with_retry_after(seconds{1});
    co_return cdr::make_cdr_ack(cdr::cdr_status::ok, stream);
}

}  // namespace cxb::api
