#include "cxb/contract/lookup/knowledge.hpp"

namespace cxb::inline v1 {
namespace contract::lookup {
namespace {

using wire::field;

constexpr std::size_t max_hits = 100;
constexpr std::size_t max_kb_ids = 64;
constexpr std::size_t max_query_bytes = 500;
constexpr std::size_t max_hit_bytes = 64 * limits::kib;

constexpr wire::field_row query_rows[] = {
    field<&knowledge_query::bot_id>("bot_id").required().bytes(1, limits::text).doc("Who asks."),
    field<&knowledge_query::query>("query")
        .required()
        .bytes(1, max_query_bytes)
        .personal()
        .doc("What is looked for."),
    field<&knowledge_query::session_id>("session_id").doc("The call it is for."),
    field<&knowledge_query::kb_ids>("kb_ids")
        .max_items(max_kb_ids)
        .doc("Only these of the bot's knowledge bases."),
    field<&knowledge_query::top_k>("top_k").range(1, 10).doc("At most this many hits."),
    field<&knowledge_query::score_threshold>("score_threshold").range(0, 1).doc("Least score."),
    field<&knowledge_query::language>("language").doc("Language of the query."),
    field<&knowledge_query::timeout_ms>("timeout_ms").range(200, 10000).doc("Patience."),
};

constexpr wire::field_row hit_rows[] = {
    field<&knowledge_hit::chunk_id>("chunk_id").doc("The piece itself."),
    field<&knowledge_hit::document_id>("document_id").doc("Document it is from."),
    field<&knowledge_hit::kb_id>("kb_id").doc("Knowledge base it is from."),
    field<&knowledge_hit::file_name>("file_name").doc("Name of the document."),
    field<&knowledge_hit::text>("text").required().max_bytes(max_hit_bytes).doc("What it says."),
    field<&knowledge_hit::score>("score").doc("How well it fits."),
};

constexpr wire::field_row hits_rows[] = {
    field<&knowledge_hits::results>("results").required().max_items(max_hits).doc("Best first."),
    field<&knowledge_hits::took_ms>("took_ms").doc("How long the search took."),
    field<&knowledge_hits::action>("action").doc("What the worker should do."),
    field<&knowledge_hits::fallback_message>("fallback_message")
        .max_bytes(8 * limits::kib)
        .doc("Spoken for action fallback."),
};

}  // namespace

CXB_WIRE_TYPE(knowledge_query, wire::table<knowledge_query>("A knowledge search.", query_rows))
CXB_WIRE_PART(knowledge_hit, wire::table<knowledge_hit>("One piece of a document.", hit_rows))
CXB_WIRE_TYPE(knowledge_hits, wire::table<knowledge_hits>("What was found.", hits_rows))

}  // namespace contract::lookup
}  // namespace cxb::inline v1
