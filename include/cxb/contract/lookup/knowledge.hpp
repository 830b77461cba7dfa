#pragma once
/// @file
/// Knowledge search of a worker during a call: `POST {knowledge.search_url}` (spec 10 §3.8).
/// No hit is an empty list. Unknown members are ignored. Thread-safety: plain values.

#include <optional>
#include <string>
#include <vector>

#include "cxb/base/clock.hpp"
#include "cxb/base/open_enum.hpp"
#include "cxb/wire/field_table.hpp"

CXB_EXPORT_BEGIN
namespace cxb::inline v1 {
namespace contract::lookup {

/// What the worker should do with the hits.
enum class knowledge_action { answer, fallback, empty };

}  // namespace contract::lookup

template <>
struct enum_words<contract::lookup::knowledge_action> {
    using e = contract::lookup::knowledge_action;
    static constexpr std::pair<e, std::string_view> words[] = {
        {e::answer, "answer"}, {e::fallback, "fallback"}, {e::empty, "empty"}};
};

namespace contract::lookup {

/// Absent members take the bot's settings; `kb_ids` can only narrow them.
struct knowledge_query {
    std::string bot_id;
    std::string query;  ///< 1–500 bytes
    std::optional<std::string> session_id;
    std::optional<std::vector<std::string>> kb_ids;
    std::optional<int> top_k;               ///< 1–10
    std::optional<double> score_threshold;  ///< 0–1
    std::optional<std::string> language;
    std::optional<milliseconds> timeout_ms;  ///< 200–10000
    friend bool operator==(knowledge_query const&, knowledge_query const&) = default;
};
CXB_WIRE_DECLARE(knowledge_query);

/// One piece of a document, best first.
///
/// | field                        | absent means | note                                         |
/// |------------------------------|--------------|----------------------------------------------|
/// | text                         | required     | what the model gets, ≤ 64 KiB                |
/// | score                        | 0            | 0–1, higher fits better                      |
/// | chunk_id, document_id, kb_id | ""           | where it is from                             |
/// | file_name                    | ""           | shown to people                              |
struct knowledge_hit {
    std::string chunk_id;
    std::string document_id;
    std::string kb_id;
    std::string file_name;
    std::string text;
    double score = 0;
    friend bool operator==(knowledge_hit const&, knowledge_hit const&) = default;
};
CXB_WIRE_DECLARE_PART(knowledge_hit);

/// `action` and `fallback_message` are absent when the peer leaves the choice to the worker.
struct knowledge_hits {
    std::vector<knowledge_hit> results;
    real_milliseconds took_ms{0};
    std::optional<open_enum<knowledge_action>> action;
    std::optional<std::string> fallback_message;
    friend bool operator==(knowledge_hits const&, knowledge_hits const&) = default;
};
CXB_WIRE_DECLARE(knowledge_hits);

}  // namespace contract::lookup
}  // namespace cxb::inline v1
CXB_EXPORT_END
