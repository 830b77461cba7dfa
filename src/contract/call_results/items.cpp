#include "cxb/contract/call_results/items.hpp"

namespace cxb::inline v1 {
namespace contract::call_results {
namespace {

using wire::field;

constexpr std::size_t content_bytes = 16 * limits::kib;

constexpr wire::field_row transcript_rows[] = {
    field<&transcript_item::role>("role").required().doc("Who spoke."),
    field<&transcript_item::content>("content")
        .required()
        .alias("text")
        .max_bytes(content_bytes)
        .personal()
        .doc("What was said; of an interrupted utterance what was really played."),
    field<&transcript_item::timestamp>("timestamp").doc("Moment of the first word."),
    field<&transcript_item::start_seconds>("start_seconds").doc("Begin, from the answer."),
    field<&transcript_item::end_seconds>("end_seconds").doc("End, from the answer."),
    field<&transcript_item::turn>("turn").doc("Number of the turn; 0 is the opening."),
    field<&transcript_item::interrupted>("interrupted")
        .omit_default()
        .doc("The other side cut this utterance."),
    field<&transcript_item::language>("language").doc("Language as the recogniser said."),
    field<&transcript_item::confidence>("confidence").doc("How sure the recogniser is."),
};

constexpr wire::field_row event_rows[] = {
    field<&event_item::id>("id").doc("Identifier of the event, if the worker gives one."),
    field<&event_item::type>("type").required().doc("What happened."),
    field<&event_item::timestamp>("timestamp").doc("When it happened."),
    field<&event_item::at_seconds>("at_seconds").doc("When it happened, from the answer."),
    field<&event_item::turn>("turn").doc("Number of the turn it belongs to."),
    field<&event_item::name>("name").doc("Tool or service the event is about."),
    field<&event_item::status>("status").doc("ok or error of a tool result."),
    field<&event_item::duration_ms>("duration_ms").doc("How long it took."),
    field<&event_item::data>("data")
        .max_bytes(limits::item_json)
        .personal()
        .doc("Details by type; cut by writers, with truncated true."),
};

constexpr wire::field_row intent_rows[] = {
    field<&intent::name>("name").required().doc("What the customer wants."),
    field<&intent::confidence>("confidence").range(0, 1).doc("How sure the model is."),
    field<&intent::turn>("turn").doc("Number of the turn it was seen in."),
    field<&intent::at_seconds>("at_seconds").doc("When it was seen, from the answer."),
};

}  // namespace

CXB_WIRE_TYPE(transcript_item,
              wire::table<transcript_item>("One utterance of the call.", transcript_rows)
                  .keep_unknown<&transcript_item::unknown>(limits::item_json))
CXB_WIRE_TYPE(event_item,
              wire::table<event_item>("Something that happened in the call.", event_rows)
                  .keep_unknown<&event_item::unknown>(limits::item_json))
CXB_WIRE_TYPE(intent,
              wire::table<intent>("Something the customer wants.", intent_rows).bare("name"))

}  // namespace contract::call_results
}  // namespace cxb::inline v1
