#pragma once
/// @file
/// The composition root of `cxb-api`: everything is made here, in order, and ended in reverse
/// (spec 20 §1 "Start", "Stop").
///
/// ```cpp
/// api_app app(settings);
/// if (auto started = app.start(); !started) ...   // store, indexes, snapshots, loops, listen
/// app.wait_for_stop();                            // SIGTERM, SIGINT
/// app.stop();
/// ```
/// Thread-safety: one thread calls these; handlers run on the event loops inside.

#include <functional>
#include <memory>
#include <optional>
#include <string>

#include "cxb/base/clock.hpp"
#include "cxb/base/result.hpp"
#include "cxb/base/secret.hpp"
#include "cxb/net/resolver.hpp"
#include "server/api/events/event_hub.hpp"
#include "server/api/secrets/key_rotation.hpp"
#include "server/common/settings/process_settings.hpp"

namespace cxb::api {

/// What the process takes from the machine; tests give their own.
struct api_surroundings {
    clock const* time = &real_clock();     ///< must outlive the app
    std::shared_ptr<net::resolver> names;  ///< for URLs that people typed; unset: the system's
    milliseconds patience{30'000};         ///< with remote services that do not answer at start
    milliseconds slow_client{30'000};      ///< that takes nothing of its answer
    milliseconds slow_head{10'000};        ///< of a request, from its first byte
    milliseconds slow_body{30'000};        ///< of a request; of an upload from piece to piece
    milliseconds stale_look{60'000};       ///< between looks for calls without a result
    milliseconds trunk_look{55'000};       ///< between looks at the trunks: restored within 60 s
    milliseconds cache_look{30'000};       ///< between looks for a due run of the prompt caches
    milliseconds cache_wait{20'000};       ///< for a prompt cache that another makes
    event_bounds events{};                 ///< of event streams
};

class api_app {
  public:
    explicit api_app(server::api_settings settings, api_surroundings around = {});
    ~api_app();
    api_app(api_app const&) = delete;
    api_app& operator=(api_app const&) = delete;

    /// Opens store and Redis, creates indexes, the first admin and the snapshots, starts loops,
    /// listens. Errors: `unavailable` (store, Redis, port), `invalid` (stored settings, TLS files).
    result<void> start();
    /// Only opens the store and creates the first admin of the settings; false when there is one.
    result<bool> create_first_admin();
    /// Only opens the store and sets that person's password; all their tokens end. Errors:
    /// `not_found`, `invalid` (email, password rules).
    result<void> reset_password(std::string email, secret fresh);
    /// Only opens the store and seals its secrets with `secrets.key`. Errors: those of
    /// `rotate_secrets` and of opening.
    result<std::vector<rotated_collection>> rotate_secrets_key();
    [[nodiscard]] std::string url() const;
    /// Settings as they stand now; nothing when they have faults.
    using settings_source = std::function<std::optional<server::api_settings>()>;
    /// Blocks until a stop signal. SIGHUP takes the core secrets of `read_again` (10 §2.1) and
    /// reads the TLS files again; with faulty settings the old secrets stay.
    void wait_for_stop(settings_source read_again);
    /// Not ready, no new requests, running ones end within the grace, leases are released.
    void stop();

  private:
    result<void> open_store_only();
    struct parts;
    std::unique_ptr<parts> parts_;
};

/// The OpenAPI document; needs no settings.
[[nodiscard]] std::string api_openapi();

}  // namespace cxb::api
