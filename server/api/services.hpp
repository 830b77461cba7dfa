#pragma once
/// @file
/// What the handlers of `cxb-api` work with. One object, filled by the composition root
/// (`app/api_app`) and found by `context.service<api_services>()`. Nothing here is owned.

#include <filesystem>

#include "cxb/base/clock.hpp"
#include "cxb/base/random.hpp"
#include "cxb/client/transport.hpp"
#include "cxb/store/document_store.hpp"
#include "cxb/store/object_store.hpp"

namespace cxb::server {
struct api_settings;
class logger;
class metrics_registry;
class blocking_pool;
class keyed_turn;
class job_runner;
}  // namespace cxb::server

namespace cxb::api {

class audit_trail;
class settings_directory;
class bot_directory;
class fleet_service;
class dialout_service;
class config_service;
class result_ingest;
class user_admin;
class user_directory;
class api_key_directory;
class recording_library;
class webhook_directory;
class webhook_handler;
class live_prompt_caches;
class event_hub;
class carrier_directory;
class carrier_sync;
class call_handover;
class exotel_directory;

struct api_services {
    server::api_settings const* settings = nullptr;
    std::filesystem::path data_dir;
    std::string instance;  ///< of this process, as leases name it
    time_point started_at{};
    clock const* time = nullptr;
    random_source* random = nullptr;
    store::document_store* store = nullptr;
    client::transport* guarded = nullptr;  ///< for URLs that people typed (spec 20 §3.4)
    client::transport* fleet = nullptr;    ///< for worker hosts, which operators configure
    server::logger* log = nullptr;
    server::metrics_registry* metrics = nullptr;
    server::blocking_pool* hashing = nullptr;  ///< password hashing
    server::keyed_turn* turns = nullptr;       ///< by session_id, host URL, ...
    server::job_runner* jobs = nullptr;
    audit_trail* audit = nullptr;
    settings_directory* system = nullptr;
    bot_directory* bots = nullptr;
    user_directory* users = nullptr;
    user_admin* people = nullptr;  ///< what admins do with the accounts of others
    api_key_directory* keys = nullptr;
    fleet_service* hosts = nullptr;
    dialout_service* dialouts = nullptr;
    config_service* configs = nullptr;
    result_ingest* results = nullptr;
    webhook_directory* endpoints = nullptr;
    webhook_handler* webhooks = nullptr;
    store::object_store* objects = nullptr;  ///< recordings
    /// Where uploads are taken: `objects` when it is a folder, else a folder on the way there.
    store::object_store* uploads = nullptr;
    server::blocking_pool* files = nullptr;  ///< calls of `objects` that may wait for a network
    recording_library* recordings = nullptr;
    live_prompt_caches* prompt_caches = nullptr;
    event_hub* events = nullptr;
    carrier_directory* carriers = nullptr;
    carrier_sync* trunks = nullptr;     ///< brings carriers into LiveKit
    call_handover* handover = nullptr;  ///< gives calls that arrive to a worker host
    exotel_directory* exotel = nullptr;
};

}  // namespace cxb::api
