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
extern command const bots_delete;
extern command const bots_rotate_push_secret;
extern command const keys_list;
extern command const keys_create;
extern command const keys_delete;
extern command const fleet_show;
extern command const fleet_set;
extern command const dialout;
extern command const calls_list;
extern command const calls_show;
extern command const calls_tail;
extern command const calls_trace;
extern command const calls_events;
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
extern command const doctor;
extern command const completion;
extern command const version;

}  // namespace cxb::cli
