#include "cxb/contract/runtime_config/tools.hpp"

#include "cxb/contract/runtime_config/transfer.hpp"

namespace cxb::inline v1 {
namespace contract::runtime_config {

using wire::field;
namespace patterns = wire::patterns;
constexpr std::string_view function_word[] = {"function"};
constexpr std::size_t header_count = 32;

constexpr wire::field_row function_rows[] = {
    field<&tool_function::name>("name")
        .required()
        .pattern(patterns::tool_name)
        .doc("Unique inside a config."),
    field<&tool_function::description>("description").doc("Tells the model when to call it."),
    field<&tool_function::parameters>("parameters")
        .object()
        .max_bytes(limits::item_json)
        .doc("JSON Schema of the arguments."),
};
CXB_WIRE_PART(tool_function,
              wire::table<tool_function>("A function in the OpenAI form.", function_rows))

constexpr wire::field_row http_rows[] = {
    field<&http_tool::method>("method").doc("HTTP method."),
    field<&http_tool::url>("url").required().bytes(1, limits::url).doc("May hold {{args.x}}."),
    field<&http_tool::headers>("headers").max_items(header_count).secret().doc("Sent as they are."),
    field<&http_tool::query>("query").max_items(header_count).doc("May hold {{args.x}}."),
    field<&http_tool::body>("body")
        .max_bytes(limits::item_json)
        .doc("May hold {{args.x}}; absent: the arguments."),
    field<&http_tool::timeout_seconds>("timeout_seconds").range(1, 30).doc("Whole request."),
    field<&http_tool::max_response_bytes>("max_response_bytes")
        .range(1, 262144)
        .doc("A longer answer is an error."),
    field<&http_tool::response_pointer>("response_pointer")
        .pattern(patterns::json_pointer)
        .doc("Part of the answer the model gets."),
    field<&http_tool::sensitive>("sensitive").doc("Arguments and result are stored as ***."),
};
CXB_WIRE_PART(http_tool, wire::table<http_tool>("A request the model may make.", http_rows))

// {{args.x}} stands for something that is known only during the call.
void check_tool(tool const& value, wire::fault_sink& sink) {
    if (value.kind == tool_kind::http && !value.http) sink.add("/http", "required for kind http");
    if (!value.http) return;
    std::string_view const url = value.http->url;
    auto const scheme_end = url.find("://");
    auto const host = scheme_end == std::string_view::npos ? url : url.substr(scheme_end + 3);
    bool const known = url.starts_with("http://") || url.starts_with("https://");
    if (!known || host.empty() || host.front() == '/')
        sink.add("/http/url", "must be an absolute http or https URL");
    else if (host.substr(0, host.find_first_of("/?#")).find('@') != std::string_view::npos)
        sink.add("/http/url", "must not hold user info");
}
constexpr wire::field_row tool_rows[] = {
    field<&tool::type>("type").required().words(function_word).doc("Always function."),
    field<&tool::function>("function").required().doc("Name, description, parameters."),
    field<&tool::kind>("kind").doc("builtin or http."),
    field<&tool::http>("http").doc("The request of an HTTP tool."),
    field<&tool::pre_message>("pre_message").doc("Spoken if the call is not back in 300 ms."),
};
CXB_WIRE_PART(tool,
              wire::table<tool>("Something the model may call.", tool_rows).check<check_tool>())

void check_target(transfer_target const& target, wire::fault_sink& sink) {
    auto const type = target.type.known();
    if (!type) return;
    std::string_view const value = target.value;
    switch (*type) {
        case transfer_type::sip_uri:
            if (!value.starts_with("sip:")) sink.add("/value", "must start with sip:");
            break;
        case transfer_type::tel_uri:
            if (!value.starts_with("tel:")) sink.add("/value", "must start with tel:");
            break;
        case transfer_type::phone_number:
            if (!wire::matches(patterns::phone_number, value))
                sink.add("/value", "must be 3 to 20 digits, + allowed");
            break;
        case transfer_type::extension:
            if (!wire::matches(patterns::extension, value))
                sink.add("/value", "must be an extension of up to 32 characters");
            break;
        case transfer_type::agent_queue:
            if (!wire::matches(patterns::queue_name, value))
                sink.add("/value", "must be a queue name");
            break;
    }
}
constexpr wire::field_row target_rows[] = {
    field<&transfer_target::id>("id").bytes(1, 64).doc("Unique; what a tool call names."),
    field<&transfer_target::label>("label").required().bytes(1, 80).doc("Shown and spoken name."),
    field<&transfer_target::method>("method").required().doc("How the call is handed over."),
    field<&transfer_target::type>("type").required().doc("What the value is."),
    field<&transfer_target::value>("value").required().bytes(1, 512).doc("Number, URI or queue."),
    field<&transfer_target::is_default>("is_default").doc("Used when nothing was requested."),
    field<&transfer_target::enabled>("enabled").doc("Disabled ones are passed over."),
};
CXB_WIRE_PART(transfer_target, wire::table<transfer_target>("Where a call may go.", target_rows)
                                   .check<check_target>())

}  // namespace contract::runtime_config
}  // namespace cxb::inline v1
