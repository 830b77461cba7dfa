#include "server/api/widget/widget_bodies.hpp"

namespace cxb::api {

using wire::field;
constexpr std::size_t id_bytes = 64;
constexpr std::size_t key_bytes = 128;

constexpr wire::field_row request_rows[] = {
    field<&widget_token_request::bot_id>("bot_id").required().bytes(1, id_bytes).doc("Who speaks."),
    field<&widget_token_request::api_key>("api_key")
        .required()
        .bytes(1, key_bytes)
        .doc("The bot's widget_api_key."),
};
CXB_WIRE_TYPE(widget_token_request,
              wire::table<widget_token_request>("A visitor wants to talk.", request_rows))

constexpr wire::field_row token_rows[] = {
    field<&widget_token::server_url>("server_url").required().doc("Of the LiveKit server."),
    field<&widget_token::participant_token>("participant_token")
        .required()
        .max_bytes(4 * limits::kib)
        .secret()
        .doc("Opens one room, for an hour."),
    field<&widget_token::test_id>("test_id").doc("caller_id by which the call is found."),
};
CXB_WIRE_TYPE(widget_token, wire::table<widget_token>("How to enter a room.", token_rows))

}  // namespace cxb::api
