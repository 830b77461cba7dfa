#include "cli/conformance/core_checks.hpp"

#include "cli/conformance/core_check_functions.hpp"

namespace cxb::cli::conformance {

namespace {

using enum need;

constexpr check_of<core_kit> rows[] = {
    {{"C01", "/health has its members, each of its type", "10 §8"}, &core::worker_health_fields},
    {{"C02", "/health/fleet is byte for byte what carriers look for", "10 §8"},
     &core::fleet_health_bytes},
    {{"C03", "The sums of /health and /health/fleet agree with their workers", "10 §8"},
     &core::fleet_sums},
    {{"C04", "Health is answered within 6 s", "10 §8"}, &core::health_in_time},
    {{"C05", "attach opens to each spelling of both secrets and names what is missing",
      "10 §2.1, §7"},
     &core::attach_door},
    {{"C06", "dispatch opens to each spelling of both secrets and names what is missing",
      "10 §2.1, §7"},
     &core::dispatch_door},
    {{"C07", "dialout opens to each spelling of both secrets and names what is missing",
      "10 §2.1, §6"},
     &core::dialout_door},
    {{"C08", "widget opens to each spelling of both secrets and names what is missing",
      "10 §2.1, §7"},
     &core::widget_door},
    {{"C09", "With all slots taken attach is 429 At capacity and a WebSocket closes 1008, at once",
      "10 §7, §9.1", calls},
     &core::full_refuses},
    {{"C10", "A slot is free again after the result", "10 §11.2", calls}, &core::slot_comes_back},
    {{"C11", "The config is asked for with path, query and secret of the contract", "10 §3.1",
      calls},
     &core::config_request_shape},
    {{"C12", "Config 404: no call, a minimal result with the right word", "10 §3.1, §7", calls},
     &core::config_not_found},
    {{"C13", "Config 503 outside hours: no call, a minimal result outside_hours", "10 §3.1, §7",
      calls},
     &core::config_closed},
    {{"C14", "Config 500: no call, a minimal result with the right word", "10 §3.1, §7", calls},
     &core::config_broken},
    {{"C15", "A config with unknown members runs", "10 §1.2, §1.4", calls}, &core::unknown_members},
    {{"C16", "A config with null for every optional member runs", "10 §1.2", calls},
     &core::null_members},
    {{"C17", "An unknown provider word with a fallback, and one bad tool, cost no call",
      "10 §1.2, §3.3", calls},
     &core::odd_provider_and_tool},
    {{"C18",
      "/ws: the bot speaks after connected, start and answer; flags of strangers are dropped",
      "10 §9.1, §3.1"},
     &core::line_handshake},
    {{"C19", "/ws: a handshake message out of order closes 1002", "10 §9.1"}, &core::line_disorder},
    {{"C20", "/ws: the bot's voice comes in numbered pieces of 20 ms, paced, dated in its zone",
      "10 §9.1"},
     &core::line_voice},
    {{"C21", "/ws: the bot ends by media-stop, hangup-call and close 1000", "10 §9.1"},
     &core::line_bot_ends},
    {{"C22", "/ws: hangup-call, a close and a lost connection end as customer", "10 §9.1, §4.3"},
     &core::line_customer_ends},
    {{"C23", "/exotel: start is found in the first two messages, else the line closes 1002",
      "10 §9.2"},
     &core::exotel_start},
    {{"C24", "/exotel: clear is sent on interruption", "10 §9.2, §3.2"}, &core::exotel_clear},
    {{"C25", "/exotel: stop and a close end as customer", "10 §9.2, §4.3"},
     &core::exotel_customer_ends},
    {{"C26", "A result is posted once when it is accepted", "10 §11.4", calls}, &core::posted_once},
    {{"C27", "A result answered 500 four times is delivered then", "10 §11.4", calls},
     &core::repeated_until_taken},
    {{"C28", "A result survives kill -9 of the Core while nobody takes it", "10 §11.4",
      calls | process},
     &core::survives_kill},
    {{"C29", "A result answered 422 is not repeated", "10 §11.4", calls},
     &core::poison_not_repeated},
    {{"C30", "All tries of a result carry one result_id", "10 §4.1", calls}, &core::one_result_id},
    {{"C32", "/ws: a transfer goes where the targets of the config say", "10 §3.5, §9.1"},
     &core::transfer_resolution},
    {{"C33", "The longest call ends as timeout", "10 §3.2, §4.3", calls}, &core::longest_call},
    {{"C34", "A silent caller ends as RNR after the last re-engagement", "10 §3.2, §4.3", calls},
     &core::silent_caller},
    // Last: it ends the Core and starts it again.
    {{"C31", "SIGTERM: no new call, the running one ends and is told, exit 0", "10 §11.5",
      calls | process},
     &core::drains},
};

}  // namespace

std::span<check_of<core_kit> const> core_checks() noexcept {
    return rows;
}

}  // namespace cxb::cli::conformance
