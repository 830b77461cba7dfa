#include "unit/wire/sample.hpp"

namespace cxb::inline v1 {
namespace wire_sample {
namespace {

using wire::custom_field;
using wire::field;
using doc = document;

constexpr wire::field_row item_rows[] = {
    field<&item::name>("name").required().pattern(wire::patterns::tool_name).doc("Name."),
    field<&item::score>("score").range(0, 1).doc("Score."),
};

constexpr wire::field_row timing_rows[] = {
    field<&timing::wait_seconds>("wait_seconds").def("60").range(10, 600).doc("Wait."),
    field<&timing::delay_ms>("delay_ms").range(0, 5000).doc("Delay."),
    field<&timing::stop_secs>("stop_secs").as_seconds().range(0, 5).doc("Stop."),
    field<&timing::took_ms>("took_ms").doc("Took."),
};

void read_endpoint(std::string& to, std::string_view json, wire::fault_sink& sink) {
    if (json.starts_with('"'))
        to = json.substr(1, json.size() - 2);
    else if (json.starts_with('{'))
        sink.add("/inner", "no objects here");
    else
        to = "#" + std::string(json);
}
void write_endpoint(std::string const& from, std::string& out) {
    if (!from.empty()) out.append(1, '"').append(from).append(1, '"');
}

constexpr wire::field_row document_rows[] = {
    field<&doc::id>("id").required().bytes(1, 8).since("1.0").doc("Id."),
    field<&doc::title>("title").personal().doc("Title."),
    field<&doc::voice>("voice_id").alias("voice").alias("speaker").doc("Voice."),
    field<&doc::enabled>("enabled").doc("On?"),
    field<&doc::turns>("turns").range(0, 20).doc("Turns."),
    field<&doc::big>("big").doc("Big."),
    field<&doc::ratio>("ratio").range(0, 1).doc("Ratio."),
    field<&doc::at>("at").doc("When."),
    field<&doc::api_key>("api_key").max_bytes(16).doc("Key."),
    field<&doc::extra>("extra").object().max_bytes(64).doc("Extra."),
    field<&doc::data>("data").personal().doc("Anything."),
    field<&doc::tint>("tint").doc("Colour."),
    field<&doc::size>("size").doc("Size."),
    field<&doc::times>("times").doc("Times."),
    field<&doc::tools>("tools").max_items(5).tolerant().doc("Tools."),
    field<&doc::strict_items>("strict_items").items(0, 2).doc("Items."),
    field<&doc::words>("words").max_bytes(10).doc("Words."),
    field<&doc::numbers>("numbers").range(0, 9).doc("Numbers."),
    field<&doc::headers>("headers").max_items(3).max_bytes(8).secret().doc("Headers."),
    field<&doc::note>("note").doc("Note."),
    field<&doc::url>("url").pattern(wire::patterns::url).doc("Address."),
    field<&doc::flag>("_flag").from_text().lenient().doc("Flag."),
    field<&doc::attempt>("_attempt").from_text().lenient().doc("Attempt."),
    field<&doc::mock>("_mock").object().from_text().lenient().doc("Mock."),
    field<&doc::peer>("peer").max_bytes(8).or_integer().doc("Id of a peer."),
    custom_field<&doc::endpoint, read_endpoint, write_endpoint>("endpoint").doc("Endpoint."),
    field<&doc::retention>("retention").alias("openai_retention").write_aliases().doc("Keep."),
};

void check_document(document const& value, wire::fault_sink& sink) {
    if (value.title == value.id && !value.id.empty()) sink.add("/title", "must differ from id");
}

}  // namespace

CXB_WIRE_PART(item,
              wire::table<item>("An item.", item_rows).keep_unknown<&item::rest>(256).bare("name"))
CXB_WIRE_PART(timing, wire::table<timing>("Times.", timing_rows))
CXB_WIRE_TYPE(document, wire::table<document>("A document.", document_rows)
                            .collect_unknown<&document::ext>("ext", 64)
                            .drop_prefix("_own_")
                            .check<check_document>())
CXB_WIRE_TYPE(holder, wire::table<holder>("Times, flat, and whatever else.")
                          .name("times_holder")
                          .merge<&holder::times>()
                          .keep_unknown<&holder::all>(128))

}  // namespace wire_sample
}  // namespace cxb::inline v1
