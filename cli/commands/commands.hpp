#pragma once
// The rows of all commands, one per file of this folder.

#include "cli/app/command.hpp"

namespace cxb::cli {

extern command const login;
extern command const logout;
extern command const bots_list;
extern command const bots_show;
extern command const bots_create;
extern command const bots_update;
extern command const bots_set;
extern command const bots_delete;
extern command const bots_clone;
extern command const bots_versions;
extern command const bots_diff;
extern command const bots_restore;
extern command const bots_variables;
extern command const bots_test_call;
extern command const bots_wss_url;
extern command const bots_rotate_push_secret;
extern command const keys_list;
extern command const keys_create;
extern command const keys_delete;
extern command const users_list;
extern command const users_show;
extern command const users_create;
extern command const users_set;
extern command const users_deactivate;
extern command const users_reset_password;
extern command const users_delete;
extern command const audit_list;
extern command const audit_verify;
extern command const audit_export;
extern command const fleet_show;
extern command const fleet_set;
extern command const settings_show;
extern command const settings_set;
extern command const settings_test;
extern command const dialout;
extern command const calls_list;
extern command const calls_show;
extern command const calls_export;
extern command const calls_tail;
extern command const calls_trace;
extern command const calls_events;
extern command const analytics_overview;
extern command const analytics_volume;
extern command const analytics_outcomes;
extern command const analytics_latency;
extern command const analytics_usage;
extern command const config_fetch;
extern command const config_preview;
extern command const results_post;
extern command const contract_check;
extern command const contract_schema;
extern command const conformance_api;
extern command const conformance_core;
extern command const ops_status;
extern command const ops_jobs;
extern command const ops_dead_letters;
extern command const webhooks_list;
extern command const webhooks_create;
extern command const webhooks_update;
extern command const webhooks_delete;
extern command const webhooks_rotate_secret;
extern command const webhooks_test;
extern command const webhooks_deliveries;
extern command const outbox_list;
extern command const outbox_retry;
extern command const outbox_drop;
extern command const backup;
extern command const restore;
extern command const doctor;
extern command const completion;
extern command const version;

}  // namespace cxb::cli
