#pragma once
// Private to this folder: messages told apart by their member `event`, read into a variant of one
// struct per message.

#include <string>
#include <variant>

#include "cxb/contract/media_ws/unknown_message.hpp"
#include "cxb/contract/runtime_config/request.hpp"
#include "cxb/wire/field_table.hpp"

namespace cxb::inline v1 {
namespace contract::media_ws {

// Only the name of a message; all other members are skipped.
struct message_head {
    std::string event;
    friend bool operator==(message_head const&, message_head const&) = default;
};
CXB_WIRE_DECLARE_PART(message_head);

template <class T>
inline constexpr std::string_view event_words[] = {T::event_name};

template <class T>
constexpr wire::field_row event_row() {
    return wire::field<&T::event>("event")
        .required()
        .words(event_words<T>)
        .doc("Which message this is.");
}

// The text of a message, or the same parsed before.
inline wire::raw_json whole_of(std::string_view text) {
    return wire::raw_json::parse(text).value();  // read before, so it is JSON
}
wire::raw_json whole_of(wire::json_view value);

// Reads the alternative of that name; true when there is one.
template <class T, class Message, class Input>
bool read_kind(std::string_view event, Input const& input, wire::parse_options const& options,
               result<Message>& out) {
    if constexpr (std::is_same_v<T, unknown_message>) {
        out = Message(unknown_message{std::string(event), whole_of(input)});
        return true;
    } else {
        if (event != T::event_name) return false;
        auto value = wire::read<T>(input, options);
        if (value)
            out = Message(*std::move(value));
        else
            out = value.error();
        return true;
    }
}

// `unknown_message` comes last in every variant.
template <class Message>
struct message_reader;
template <class... Kinds>
struct message_reader<std::variant<Kinds...>> {
    using message = std::variant<Kinds...>;
    template <class Input>
    static result<message> read(Input const& input, wire::parse_options const& options) {
        CXB_TRY(auto const head, wire::read<message_head>(input, {.max_bytes = options.max_bytes}));
        result<message> out = message{};
        (void)(read_kind<Kinds>(head.event, input, options, out) || ...);
        return out;
    }
};

template <class Message>
result<Message> read_message(std::string_view text, wire::parse_options options,
                             std::size_t frame) {
    if (options.max_bytes == 0) options.max_bytes = frame;
    return message_reader<Message>::read(text, options);
}
template <class Message>
result<Message> read_message(wire::json_view value, wire::parse_options const& options) {
    return message_reader<Message>::read(value, options);
}

template <class Message>
void write_message(Message const& value, std::string& out) {
    std::visit([&](auto const& kind) { serialize_to(kind, out); }, value);
}
template <class Message>
result<void> check_message(Message const& value) {
    return std::visit([](auto const& kind) { return validate(kind); }, value);
}

// Schema of a variant: any of the schemas of its messages, or any other event.
template <class Message>
struct message_schema;
template <class... Kinds>
struct message_schema<std::variant<Kinds...>> {
    static std::string text(std::string_view name) {
        std::string out = R"({"$schema":"https://json-schema.org/draft/2020-12/schema",)"
                          R"("$id":"urn:cxb:v1:)";
        out.append(name).append(R"(","title":")").append(name);
        out.append(R"(","type":"object","required":["event"],"anyOf":[)");
        std::string known;
        (add<Kinds>(out, known), ...);
        out.append(R"({"properties":{"event":{"type":"string","not":{"enum":[)").append(known);
        return out.append("]}}}}]}");
    }

  private:
    template <class Kind>
    static void add(std::string& out, std::string& known) {
        if constexpr (!std::is_same_v<Kind, unknown_message>) {
            out.append(R"({"$ref":"urn:cxb:v1:)");
            out.append(wire_table(wire::tag<Kind>{}).name()).append("\"},");
            if (!known.empty()) known += ',';
            known.append("\"").append(Kind::event_name).append("\"");
        }
    }
};

// What both protocols say about a call as connected_event, before it is known to be good: members
// of the protocol, then those of the peer.
std::string joined_variables(wire::json_object const& own, wire::raw_json const& others);

// The variables without reserved members; `{}` when they are not good.
wire::raw_json trusted_variables(std::string_view joined);

}  // namespace contract::media_ws
}  // namespace cxb::inline v1
