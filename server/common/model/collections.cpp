#include "server/common/model/collections.hpp"

namespace cxb::server::model {
namespace {

using store::field_decl;
using store::index_decl;
using enum store::field_type;
using names = std::string_view const[];

// --- access -------------------------------------------------------------------------------------
constexpr field_decl user_fields[] = {{"email", text},
                                      {"role", text},
                                      {"is_active", boolean},
                                      {"name_lower", text},
                                      {"created_at", timestamp}};
constexpr names by_email = {"email"};
constexpr names by_role = {"role"};
constexpr names by_created = {"created_at"};
constexpr names by_name_lower = {"name_lower"};
constexpr index_decl user_indexes[] = {{by_email, true}, {by_role}, {by_created}, {by_name_lower}};

constexpr field_decl throttle_fields[] = {{"key", text}, {"expires_at", timestamp}};
constexpr names by_key = {"key"};
constexpr names by_expiry = {"expires_at"};
constexpr index_decl throttle_indexes[] = {{by_key, true}, {by_expiry}};

constexpr field_decl api_key_fields[] = {
    {"key_hash", text}, {"created_at", timestamp}, {"last_used_at", timestamp}};
constexpr names by_hash = {"key_hash"};
constexpr index_decl api_key_indexes[] = {{by_hash, true}, {by_created}};

constexpr field_decl settings_fields[] = {{"version", integer}};
constexpr field_decl runtime_fields[] = {
    {"fence", integer}, {"lease_until", timestamp}, {"seq", integer}};

// --- bots ---------------------------------------------------------------------------------------
constexpr field_decl bot_fields[] = {
    {"name", text},           {"is_active", boolean},    {"version", integer},
    {"use_rev", integer},     {"created_at", timestamp}, {"updated_at", timestamp},
    {"deleted_at", timestamp}};
constexpr names by_name = {"name"};
constexpr names by_updated = {"updated_at"};
constexpr names by_deleted = {"deleted_at"};
constexpr index_decl bot_indexes[] = {{by_name}, {by_updated}, {by_deleted}, {by_created}};

constexpr field_decl version_fields[] = {{"bot_id", text}, {"version", integer}};
constexpr names by_bot_version = {"bot_id", "version"};
constexpr index_decl version_indexes[] = {{by_bot_version, true}};

constexpr field_decl refusal_fields[] = {{"bot_id", text}, {"session_id", text}, {"at", timestamp}};
constexpr names by_bot_at = {"bot_id", "at"};
constexpr names by_session = {"session_id"};
constexpr names by_at = {"at"};
constexpr index_decl refusal_indexes[] = {{by_bot_at}, {by_session}, {by_at}};

constexpr field_decl audit_fields[] = {{"seq", integer},    {"at", timestamp},
                                       {"actor.id", text},  {"target.type", text},
                                       {"target.id", text}, {"action", text}};
constexpr names by_seq = {"seq"};
constexpr names by_actor = {"actor.id", "at"};
constexpr names by_target = {"target.type", "target.id", "at"};
constexpr names by_target_type = {"target.type", "at"};
constexpr names by_action = {"action", "at"};
constexpr index_decl audit_indexes[] = {{by_seq, true}, {by_at},          {by_actor},
                                        {by_target},    {by_target_type}, {by_action}};

// --- calls --------------------------------------------------------------------------------------
constexpr field_decl call_fields[] = {{"session_id", text},
                                      {"recording_access_token", text},
                                      {"call_type", text},
                                      {"parent_call_id", text},
                                      {"agent_id", text},
                                      {"created_at", timestamp},
                                      {"bot_id", text},
                                      {"campaign_id", text},
                                      {"campaign_call_id", text},
                                      {"status", text},
                                      {"phone", text},
                                      {"phone_reversed", text},
                                      {"caller_id", text},
                                      {"disposition", text},
                                      {"stream_id", text},
                                      {"fetch_id", text},
                                      {"push_state", text},
                                      {"push_job", text},
                                      {"disconnected_by", text},
                                      {"call_direction", text},
                                      {"is_test", boolean},
                                      {"was_transferred", boolean},
                                      {"has_recording", boolean},
                                      {"call_duration_seconds", real},
                                      {"post_call_cache_worked", text},
                                      {"redacted_at", timestamp},
                                      {"transcript_removed_at", timestamp},
                                      {"rev", integer}};
constexpr names by_token = {"recording_access_token"};
constexpr names by_parent = {"call_type", "parent_call_id"};
constexpr names by_agent = {"agent_id", "created_at"};
constexpr names by_type = {"call_type", "created_at"};
constexpr names by_call_bot = {"bot_id", "created_at"};
constexpr names by_campaign = {"campaign_id", "created_at"};
constexpr names by_contact = {"campaign_call_id"};
constexpr names by_status = {"status", "created_at"};
constexpr names by_phone = {"phone", "created_at"};
constexpr names by_caller = {"caller_id", "created_at"};
constexpr names by_disposition = {"disposition", "created_at"};
constexpr names by_stream = {"stream_id", "created_at"};
constexpr names by_fetch = {"fetch_id"};
constexpr names by_push = {"push_state", "created_at"};
constexpr names by_worked_cache = {"post_call_cache_worked", "bot_id"};
constexpr index_decl sparse(std::span<std::string_view const> fields, bool unique = false) {
    return {.fields = fields, .unique = unique, .sparse = true};
}
constexpr index_decl call_indexes[] = {{by_session, true},
                                       sparse(by_token, true),
                                       {by_parent, true, "call_type", "agent"},
                                       {by_agent, false, "call_type", "agent"},
                                       {by_type},
                                       {by_created},
                                       {by_call_bot},
                                       sparse(by_campaign),
                                       sparse(by_contact),
                                       {by_status},
                                       {by_phone},
                                       {by_caller},
                                       sparse(by_disposition),
                                       {by_stream},
                                       sparse(by_fetch, true),
                                       {by_push},
                                       sparse(by_worked_cache)};

constexpr field_decl trace_fields[] = {{"session_id", text}, {"at", timestamp}, {"seq", integer}};
constexpr names by_trace = {"session_id", "at", "seq"};
constexpr index_decl trace_indexes[] = {{by_trace}, {by_at}};

constexpr field_decl pending_fields[] = {
    {"stream_id", text}, {"expires_at", timestamp}, {"rev", integer}};
constexpr names by_stream_only = {"stream_id"};
constexpr index_decl pending_indexes[] = {{by_stream_only, true}, {by_expiry}};

constexpr field_decl dialout_fields[] = {
    {"session_id", text}, {"dial_id", text}, {"bot_id", text}, {"at", timestamp}};
constexpr names by_dial = {"dial_id"};
constexpr index_decl dialout_indexes[] = {{by_session, true}, {by_dial, true}, {by_bot_at}};

// A bot's call that was handed to people; `open` until their part has ended.
constexpr field_decl handoff_fields[] = {{"parent_call_id", text}, {"status", text}};
constexpr names by_parent_call = {"parent_call_id"};
constexpr names by_status_only = {"status"};
constexpr index_decl handoff_indexes[] = {{by_parent_call, true}, {by_status_only}};

constexpr field_decl rollup_fields[] = {
    {"slot", timestamp}, {"bot_id", text}, {"campaign_id", text}};
constexpr names by_slot = {"slot", "bot_id", "campaign_id"};
constexpr names by_bot_slot = {"bot_id", "slot"};
constexpr index_decl rollup_indexes[] = {{by_slot, true}, {by_bot_slot}};

constexpr field_decl reservation_fields[] = {{"version", integer}};
constexpr field_decl push_host_fields[] = {{"paused_until", timestamp}};

// --- who uses a bot -----------------------------------------------------------------------------
constexpr field_decl campaign_fields[] = {
    {"bot_id", text}, {"status", text}, {"created_at", timestamp}};
constexpr names by_bot_status = {"bot_id", "status"};
constexpr index_decl campaign_indexes[] = {{by_status}, {by_bot_status}, {by_created}};

// One row per contact.
constexpr field_decl contact_fields[] = {{"campaign_id", text}};
constexpr names by_campaign_only = {"campaign_id"};
constexpr index_decl contact_indexes[] = {{by_campaign_only}};

// `digits` and `last10` are what a dialled number in another form is found by.
constexpr field_decl did_fields[] = {{"number", text},     {"digits", text}, {"last10", text},
                                     {"carrier_id", text}, {"bot_id", text}, {"direction", text},
                                     {"enabled", boolean}};
constexpr names by_number = {"number"};
constexpr names by_digits = {"digits"};
constexpr names by_last10 = {"last10"};
constexpr names by_carrier = {"carrier_id"};
constexpr names by_bot = {"bot_id"};
constexpr names by_direction = {"direction"};
constexpr index_decl did_indexes[] = {{by_number, true}, {by_digits}, {by_last10},
                                      {by_carrier},      {by_bot},    {by_direction}};

constexpr field_decl webhook_fields[] = {{"is_active", boolean},
                                         {"failing_since", timestamp},
                                         {"version", integer},
                                         {"created_at", timestamp}};
constexpr index_decl webhook_indexes[] = {{by_created}};

// --- telephony ----------------------------------------------------------------------------------
constexpr field_decl carrier_fields[] = {
    {"name", text},           {"enabled", boolean},         {"lk_inbound_trunk_id", text},
    {"lk_sync_status", text}, {"version", integer},         {"lk_outbound_trunk_id", text},
    {"lk_sync_holder", text}, {"lk_sync_until", timestamp}, {"created_at", timestamp}};
constexpr names by_inbound_trunk = {"lk_inbound_trunk_id"};
constexpr index_decl carrier_indexes[] = {{by_name, true}, {by_created}, {by_inbound_trunk}};

constexpr field_decl integration_fields[] = {{"type", text}, {"version", integer}};
constexpr names by_integration = {"type"};
constexpr index_decl integration_indexes[] = {{by_integration, true}};

constexpr field_decl livekit_event_fields[] = {{"expires_at", timestamp}};
constexpr index_decl livekit_event_indexes[] = {{by_expiry}};
constexpr field_decl event_ticket_fields[] = {{"expires_at", timestamp}};
constexpr index_decl event_ticket_indexes[] = {{by_expiry}};

constexpr field_decl cache_event_fields[] = {{"bot_id", text}, {"at", timestamp}};
constexpr index_decl cache_event_indexes[] = {{by_bot_at}, {by_at}};

}  // namespace

constinit store::collection const users{"users", user_fields, user_indexes};
constinit store::collection const login_throttle{"login_throttle", throttle_fields,
                                                 throttle_indexes};
constinit store::collection const api_keys{"api_keys", api_key_fields, api_key_indexes};
constinit store::collection const system_settings{"system_settings", settings_fields, {}};
constinit store::collection const system_runtime{"system_runtime", runtime_fields, {}};
constinit store::collection const bots{"bots", bot_fields, bot_indexes};
constinit store::collection const bot_versions{"bot_versions", version_fields, version_indexes};
constinit store::collection const call_refusals{"call_refusals", refusal_fields, refusal_indexes};
constinit store::collection const audit_log{"audit_log", audit_fields, audit_indexes};
constinit store::collection const calls{"calls", call_fields, call_indexes};
constinit store::collection const call_trace{"call_trace", trace_fields, trace_indexes};
constinit store::collection const cdr_pending{"cdr_pending", pending_fields, pending_indexes};
constinit store::collection const dialouts{"dialouts", dialout_fields, dialout_indexes};
constinit store::collection const agent_desk_handoffs{"agent_desk_handoffs", handoff_fields,
                                                      handoff_indexes};
constinit store::collection const fleet_reservations{"fleet_reservations", reservation_fields, {}};
constinit store::collection const push_hosts{"push_hosts", push_host_fields, {}};
constinit store::collection const campaigns{"campaigns", campaign_fields, campaign_indexes};
constinit store::collection const campaign_calls{"campaign_calls", contact_fields, contact_indexes};
constinit store::collection const dids{"dids", did_fields, did_indexes};
constinit store::collection const call_rollups{"call_rollups", rollup_fields, rollup_indexes};
constinit store::collection const webhook_endpoints{"webhook_endpoints", webhook_fields,
                                                    webhook_indexes};
constinit store::collection const carriers{"carriers", carrier_fields, carrier_indexes};
constinit store::collection const integrations{"integrations", integration_fields,
                                               integration_indexes};
constinit store::collection const livekit_events{"livekit_events", livekit_event_fields,
                                                 livekit_event_indexes};
constinit store::collection const event_tickets{"event_tickets", event_ticket_fields,
                                                event_ticket_indexes};
constinit store::collection const live_prompt_cache_events{"live_prompt_cache_events",
                                                           cache_event_fields, cache_event_indexes};

std::span<store::collection const* const> all_collections() noexcept {
    static constexpr store::collection const* list[] = {&users,
                                                        &login_throttle,
                                                        &api_keys,
                                                        &system_settings,
                                                        &system_runtime,
                                                        &bots,
                                                        &bot_versions,
                                                        &call_refusals,
                                                        &audit_log,
                                                        &calls,
                                                        &call_trace,
                                                        &cdr_pending,
                                                        &dialouts,
                                                        &fleet_reservations,
                                                        &push_hosts,
                                                        &campaigns,
                                                        &campaign_calls,
                                                        &dids,
                                                        &agent_desk_handoffs,
                                                        &call_rollups,
                                                        &webhook_endpoints,
                                                        &carriers,
                                                        &integrations,
                                                        &livekit_events,
                                                        &event_tickets,
                                                        &live_prompt_cache_events};
    return list;
}

store::filter of_session(std::string_view session_id) {
    return store::all_of({store::eq("session_id", wire::json_value(session_id))});
}

}  // namespace cxb::server::model
