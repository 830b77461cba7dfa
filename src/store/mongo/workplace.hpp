#pragma once
/// @file
/// What queued operations see of this engine.

#include "cxb/store/document_store.hpp"
#include "src/store/engine/operation.hpp"
#include "src/store/engine/operation_queue.hpp"
#include "src/store/mongo/query_mapping.hpp"

namespace cxb::inline v1 {
namespace store::mongo {

class batch_locks;

/// Names of the adapter's own collections.
inline constexpr std::string_view schema_collection = "_cxb_schema";
inline constexpr std::string_view commit_collection = "_cxb_commits";
inline constexpr std::string_view ping_collection = "_cxb_ping";

/// What an operation sees while it runs.
struct workplace {
    mongo_client& client;
    batch_locks& locks;
    bool transactions;  ///< the server has them; else the protocol of commit_protocol.hpp
    steady_time deadline;
    std::vector<collection const*> touched;      ///< collections whose documents it changed
    mongoc_client_session_t* session = nullptr;  ///< of the transaction it is in

    void touch(collection const& changed) { touched.push_back(&changed); }
    [[nodiscard]] bool late() const { return std::chrono::steady_clock::now() >= deadline; }

    [[nodiscard]] command_result<bson_document> read(bson_document const& command) {
        return client.run(command_kind::read, command, session);
    }
    [[nodiscard]] command_result<bson_document> write(bson_document const& command) {
        return client.run(command_kind::write, command, session);
    }
};

using operation = engine::operation<workplace>;
template <class T>
using typed_operation = engine::typed_operation<workplace, T>;

/// Passes a command's error on.
#define CXB_MONGO_TRY(target, expression)                                     \
    auto CXB_DETAIL_CAT(cxb_mongo_, __LINE__) = (expression);                 \
    if (!CXB_DETAIL_CAT(cxb_mongo_, __LINE__))                                \
        return std::move(CXB_DETAIL_CAT(cxb_mongo_, __LINE__)).error().cause; \
    target = *std::move(CXB_DETAIL_CAT(cxb_mongo_, __LINE__))
#define CXB_MONGO_CHECK(expression) \
    if (auto cxb_done = (expression); !cxb_done) return std::move(cxb_done).error().cause

/// `unavailable`, once the time of the operation is over and nothing was written.
[[nodiscard]] inline error too_late() {
    return error{errc::unavailable, "Store is busy"}.with_retry_after(std::chrono::seconds{1});
}

// Commands every part needs, on one collection.
[[nodiscard]] bson_document find_command(std::string_view from, bson_document const& where,
                                         bson_document const& sort = {}, std::int64_t limit = 0);
[[nodiscard]] bson_document insert_command(std::string_view into,
                                           std::vector<bson_document> const& documents);
[[nodiscard]] bson_document update_command(std::string_view in, bson_document const& where,
                                           bson_document const& change, bool many = false,
                                           bool upsert = false);
[[nodiscard]] bson_document delete_command(std::string_view from, bson_document const& where,
                                           bool many);
/// The first match, if any.
[[nodiscard]] result<std::optional<bson_document>> first_match(workplace& at, std::string_view from,
                                                               bson_document const& where,
                                                               bson_document const& sort = {});

/// Filters that hold only for documents a batch does not hold, or does not hide.
[[nodiscard]] bson_document if_free(bson_document const& where);
[[nodiscard]] bson_document if_shown(bson_document const& where);

}  // namespace store::mongo
}  // namespace cxb::inline v1
