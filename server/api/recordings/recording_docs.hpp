#pragma once
/// @file
/// What the OpenAPI document tells of recordings:
/// texts, examples, schemas of answers.

#include "server/common/openapi/schema_text.hpp"

namespace cxb::api {

[[nodiscard]] inline std::string_view uploaded_schema() {
    static std::string const text = server::object_schema(
        "uploaded_recording", "recording_key string, size integer, sha256 string");
    return text;
}

[[nodiscard]] inline std::string_view recording_link_schema() {
    static std::string const text =
        server::object_schema("recording_link", "session_id string, public_recording_url string");
    return text;
}

[[nodiscard]] inline std::string_view storage_test_schema() {
    static std::string const text =
        server::object_schema("storage_test", "ok boolean, latency_ms integer, error? string");
    return text;
}

inline constexpr server::other_answer play_others[] = {
    {200, "Or another type, by the ending of the recording's key", "audio/mpeg"},
    {200, "So for ogg", "audio/ogg"},
    {200, "So for m4a", "audio/mp4"},
    {200, "So for other endings", "application/octet-stream"},
    {206, "The part that Range asks for", "audio/wav"},
    {416, "The recording does not reach as far as Range asks"}};

inline constexpr server::route_error play_by_session_errors[] = {
    {404, "not_found", "Recording not found"}};

inline constexpr server::route_doc play_by_session_doc{
    .description =
        "Streams the recording from the S3 store of the settings, the own store or the "
        "worker hosts, whichever has it. One Range is served.",
    .errors = play_by_session_errors,
    .others = play_others};

inline constexpr server::route_doc play_by_token_doc{
    .description =
        "As for people who are signed in; who has the link may listen. Links do not "
        "expire; they end when a new one is made or the call is redacted.",
    .errors = play_by_session_errors,
    .others = play_others};

inline constexpr server::route_error finish_upload_errors[] = {
    {403, "forbidden", "The link is wrong or too old"}, {404, "not_found", "The call is redacted"}};

inline constexpr server::route_doc finish_upload_doc{
    .description =
        "Takes audio of up to 512 MiB over the link that a worker got as "
        "`recording.storage.upload_url`. A repeat replaces.",
    .response_example = R"({"recording_key":"2026/11/22/01a2022d-32b9-7149-85cc-40025582ba10.wav",
"size":1048620,
"sha256":"b94d27b9934d3e08a52e52d7da7dabfac484efe37a5380ee9088f7ace2efcde9"})",
    .errors = finish_upload_errors};

inline constexpr server::route_error renew_token_errors[] = {
    {404, "not_found", "Call not found, or it has no recording"},
    {409, "conflict", "Somebody else changed it at the same moment"}};

inline constexpr server::route_doc renew_token_doc{
    .description = "Makes a new public link. No later result brings the old one back.",
    .response_example = R"({"session_id":"01a2022d-32b9-7149-85cc-40025582ba10",
"public_recording_url":"https://cxb.example.com/api/v1/public/recordings/FoBHXjaWHryeCDREDwJl"})",
    .errors = renew_token_errors};

inline constexpr server::route_doc test_storage_doc{
    .description = "Tells in words what the store had against it; 200 also then.",
    .response_example = R"({"ok":false,"latency_ms":12,"error":"403 SignatureDoesNotMatch"})"};

}  // namespace cxb::api
