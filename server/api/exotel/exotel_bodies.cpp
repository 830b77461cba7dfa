#include "server/api/exotel/exotel_bodies.hpp"

namespace cxb::api {

using wire::field;
constexpr std::size_t sid_bytes = 128;
constexpr std::size_t secret_bytes = 256;
constexpr std::size_t number_bytes = 64;  // as typed; stored ones are shorter
constexpr std::size_t label_bytes = 80;
constexpr std::size_t id_bytes = 64;

constexpr wire::field_row account_rows[] = {
    field<&exotel_account::account_sid>("account_sid").max_bytes(sid_bytes).doc("Of the account."),
    field<&exotel_account::api_key>("api_key")
        .max_bytes(secret_bytes)
        .secret()
        .doc("Never shown; absent or masked: as it is."),
    field<&exotel_account::api_token>("api_token")
        .max_bytes(secret_bytes)
        .secret()
        .doc("Never shown; absent or masked: as it is."),
    field<&exotel_account::api_base_url>("api_base_url")
        .pattern(wire::patterns::url)
        .doc("Exotel's address for this account; without a slash at its end."),
};
CXB_WIRE_TYPE(exotel_account, wire::table<exotel_account>("An account at Exotel.", account_rows))

constexpr wire::field_row body_rows[] = {
    field<&exotel_number_body::number>("number")
        .required()
        .bytes(1, number_bytes)
        .doc("Kept as E.164 where it can be read so, else its digits."),
    field<&exotel_number_body::label>("label").max_bytes(label_bytes).doc("What it is for."),
    field<&exotel_number_body::bot_id>("bot_id").max_bytes(id_bytes).doc("Who answers."),
    field<&exotel_number_body::flow_url>("flow_url")
        .pattern(wire::patterns::optional_url)
        .doc("Exotel's flow for test calls."),
};
CXB_WIRE_TYPE(exotel_number_body,
              wire::table<exotel_number_body>("A new number of Exotel.", body_rows))

constexpr wire::field_row patch_rows[] = {
    field<&exotel_number_patch::label>("label").max_bytes(label_bytes).doc("What it is for."),
    field<&exotel_number_patch::bot_id>("bot_id").max_bytes(id_bytes).doc("Who answers."),
    field<&exotel_number_patch::flow_url>("flow_url")
        .pattern(wire::patterns::optional_url)
        .doc("Exotel's flow for test calls."),
};
CXB_WIRE_TYPE(exotel_number_patch,
              wire::table<exotel_number_patch>("Changes of a number.", patch_rows))

constexpr wire::field_row test_rows[] = {
    field<&exotel_test_call::customer_number>("customer_number")
        .required()
        .bytes(1, number_bytes)
        .personal()
        .doc("Whom to ring."),
};
CXB_WIRE_TYPE(exotel_test_call, wire::table<exotel_test_call>("A test call to place.", test_rows))

constexpr wire::field_row number_rows[] = {
    field<&exotel_number::id>("id").required().doc("Id of the number."),
    field<&exotel_number::number>("number").required().doc("The number."),
    field<&exotel_number::label>("label").required().doc("What it is for."),
    field<&exotel_number::bot_id>("bot_id").required().doc("Who answers; empty: nobody."),
    field<&exotel_number::flow_url>("flow_url")
        .required()
        .max_bytes(limits::url)
        .doc("Exotel's flow for test calls; empty: none."),
    field<&exotel_number::websocket_url>("websocket_url")
        .required()
        .max_bytes(limits::url)
        .doc("To be entered at Exotel; empty without a bot."),
};
CXB_WIRE_TYPE(exotel_number, wire::table<exotel_number>("A number of Exotel.", number_rows))

constexpr wire::field_row view_rows[] = {
    field<&exotel_view::account_sid>("account_sid").required().doc("Of the account."),
    field<&exotel_view::api_base_url>("api_base_url")
        .required()
        .max_bytes(limits::url)
        .doc("Exotel's address."),
    field<&exotel_view::credentials_configured>("credentials_configured")
        .required()
        .doc("Account, key and token are all set."),
    field<&exotel_view::status>("status").required().doc("configured or not_configured."),
    field<&exotel_view::dids>("dids").required().doc("Its numbers."),
};
CXB_WIRE_TYPE(exotel_view, wire::table<exotel_view>("The Exotel integration.", view_rows))

constexpr wire::field_row option_rows[] = {
    field<&exotel_call_option::id>("id").required().doc("Id of the number."),
    field<&exotel_call_option::number>("number").required().doc("The number."),
    field<&exotel_call_option::label>("label").required().doc("What it is for."),
    field<&exotel_call_option::bot_id>("bot_id").required().doc("Who answers."),
    field<&exotel_call_option::ready>("ready").required().doc("A test call can be placed."),
};
CXB_WIRE_PART(exotel_call_option,
              wire::table<exotel_call_option>("A number to call from.", option_rows))

constexpr wire::field_row options_rows[] = {
    field<&exotel_call_options::configured>("configured").required().doc("The account is set up."),
    field<&exotel_call_options::dids>("dids").required().doc("Its numbers."),
};
CXB_WIRE_TYPE(exotel_call_options,
              wire::table<exotel_call_options>("What a test call can use.", options_rows))

constexpr wire::field_row placed_rows[] = {
    field<&exotel_call_placed::status>("status").required().doc("ok"),
    field<&exotel_call_placed::call_sid>("call_sid").required().doc("Exotel's id of the call."),
};
CXB_WIRE_TYPE(exotel_call_placed, wire::table<exotel_call_placed>("Exotel rings.", placed_rows))

}  // namespace cxb::api
