#include "cli/conformance/api_checks.hpp"

#include "cli/conformance/api_check_functions.hpp"

namespace cxb::cli::conformance {

namespace {

using enum need;

constexpr check_of<api_kit> rows[] = {
    {{"A01", "The config opens to each spelling of the secret header, to nothing else", "10 §2.1",
      bot},
     &api::config_secret},
    {{"A02", "Call results open to each spelling of the secret header, to nothing else", "10 §2.1"},
     &api::results_secret},
    {{"A03", "CDRs open to each spelling of the secret header, to nothing else", "10 §2.1"},
     &api::cdr_secret},
    {{"A04", "Lookups open to each spelling of the secret header, to nothing else", "10 §2.1"},
     &api::lookup_secret},
    {{"A05", "The desk ingress opens to each spelling of the secret header, to nothing else",
      "10 §2.1"},
     &api::desk_secret},
    {{"A06", "A config has all required members and the call's variables", "10 §3.2", bot},
     &api::config_members},
    {{"A07", "An unknown bot is 404", "10 §3.1"}, &api::unknown_bot},
    {{"A08", "Closed hours are 503 with outside_active_hours:", "10 §3.1", admin},
     &api::closed_hours},
    {{"A09", "A malformed connected_event is accepted; reserved members are no variables",
      "10 §3.1", bot},
     &api::odd_variables},
    {{"A10", "One _campaign_session_id or fetch_id is one call, and 409 after its result",
      "10 §3.1", bot},
     &api::one_call_per_id},
    {{"A11", "Every call result of the corpus is accepted", "10 §1.4"}, &api::corpus_accepted},
    {{"A12", "Absent and null members of a result keep what is stored", "10 §4.5", admin | bot},
     &api::absent_keeps},
    {{"A13", "disconnected_by gives the status of the table; unknown words are kept", "10 §4.3",
      admin},
     &api::status_map},
    {{"A14", "A repeated and an older result change nothing and have no effects", "10 §4.5",
      admin | bot},
     &api::repeats},
    {{"A15", "A full result replaces a minimal one; a minimal one never a full one", "10 §4.5",
      admin},
     &api::minimal_and_full},
    {{"A16", "The same result 50 times at once is stored once, with one set of effects", "10 §4.5",
      admin | bot},
     &api::fifty_at_once},
    {{"A17", "A recording gets one token, which stays", "10 §4.5", admin}, &api::token_once},
    {{"A18", "The cache summary has the numbers of the example", "10 §4.4", admin},
     &api::cache_numbers},
    {{"A19", "Money members are not stored", "10 §4.4", admin}, &api::no_money},
    {{"A20", "A CDR is answered with exactly one of three bodies", "10 §5", bot}, &api::cdr_bodies},
    {{"A21", "CDR and result give the same call in any order", "10 §5", admin | bot},
     &api::cdr_order},
    {{"A22", "Each state of an API key has its status and text", "10 §2.2", admin},
     &api::key_states},
    {{"A23", "Both aliases are 422; no fleet is 503", "10 §6", admin | bot},
     &api::dialout_refusals},
    {{"A24", "Reserved members of an API key's dialout are not passed on", "10 §3.1",
      admin | bot | fleet},
     &api::flags_stripped},
    {{"A25", "One Idempotency-Key dials once", "10 §6", admin | bot | fleet}, &api::dialled_once},
    {{"A26", "LiveKit webhooks are taken only with a good token", "10 §2.3"},
     &api::livekit_webhook},
    {{"A27", "Enqueue posted twice is one entry", "10 §10"}, &api::enqueue_twice},
    {{"A28", "404, 405 with Allow, 413, 415 and 422 are problem documents", "10 §1.2, §1.3"},
     &api::problem_shapes},
    {{"A29", "A refused request leaves no call behind", "10 §4", admin},
     &api::refusals_leave_nothing},
    {{"A30", "/openapi.json holds the schemas of the contracts it serves", "10 §1.1"},
     &api::openapi_schemas},
};

}  // namespace

std::span<check_of<api_kit> const> api_checks() noexcept {
    return rows;
}

}  // namespace cxb::cli::conformance
