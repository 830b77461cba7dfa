#pragma once
/// @file
/// What the OpenAPI document tells of pushes to CRMs:
/// texts, examples, schemas of answers.

#include "server/api/jobs/job_docs.hpp"
#include "server/common/openapi/schema_text.hpp"

namespace cxb::api {

[[nodiscard]] inline std::string_view push_body_schema() {
    static std::string const text =
        server::object_schema("push_body", "mode? =rebuild/same, reason? string");
    return text;
}

[[nodiscard]] inline std::string_view push_queued_schema() {
    static std::string const text = server::object_schema("push_queued", "job_id string");
    return text;
}

inline constexpr server::route_error push_again_errors[] = {
    {404, "not_found", "Call not found, or nothing was pushed that could be repeated"},
    {409, "conflict", "The call is not finished or is redacted, or its bot has no push"},
    {409, "push_in_progress", "A push of the call is under way"}};

inline constexpr server::route_doc push_again_doc{
    .description =
        "Queues a push of a finished call. `rebuild` renders it anew under a new webhook-"
        "id; `same` repeats the newest request byte by byte, so that a receiver can tell "
        "the repeat.",
    .request_example = R"({"mode":"rebuild","reason":"Mapper corrected"})",
    .response_example = R"({"job_id":"6b029aee4db9a8c51ab80962"})",
    .errors = push_again_errors,
    .body_may_be_absent = true};

inline constexpr server::route_error list_pushes_errors[] = {{404, "not_found", "Call not found"}};

inline constexpr server::route_doc list_pushes_doc{
    .description =
        "The jobs that told the CRM of this call, newest first, with their attempts, "
        "without bodies.",
    .response_example =
        server::joined_text<server::example_list_begin, job_example, server::example_list_end>,
    .errors = list_pushes_errors};

}  // namespace cxb::api
