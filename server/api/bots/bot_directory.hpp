#pragma once
/// @file
/// The bots: an immutable snapshot for the config path, and the writes of the admin path
/// (spec 20 §5.2, §8 "Caching").
///
/// A saved bot is served by the next config request of the same process; other processes follow at
/// once by `reload` when they are told (app/change_feed), else within 2 s by `refresh`.
/// Every accepted write inserts an immutable `bot_versions` row and an audit row in the same
/// transaction; writers are ordered by compare-and-swap on `version`.
/// Thread-safety: reading from any thread, writing from any event loop.

#include <atomic>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <utility>

#include "cxb/base/clock.hpp"
#include "cxb/base/random.hpp"
#include "cxb/domain/active_hours.hpp"
#include "cxb/domain/outbound_guard.hpp"
#include "cxb/store/document_store.hpp"
#include "server/api/audit/audit_trail.hpp"
#include "server/api/bots/bot_document.hpp"
#include "server/common/async/snapshot.hpp"

namespace cxb::api {

/// One bot as of one version. `stored` is the whole document with its server-only members.
struct bot_entry {
    std::string id;
    std::int64_t version = 0;
    std::int64_t state_rev = 0;  ///< raised when the state of its prompt cache changes
    bool deleted = false;
    bot_document bot;
    wire::json_object stored;
    domain::active_hours hours;  ///< those of `bot`
    std::string config_version;  ///< first 16 hex of SHA-256 over the bot's content
    std::string policy_fault;    ///< pointer of what made the stored policy unreadable; "": none
    std::string zone_fault;      ///< the stored zone, if it is unknown here (UTC then); "": known
};
using bot_ptr = std::shared_ptr<bot_entry const>;

/// Is this picture of a bot at least as new as the other one?
[[nodiscard]] inline bool not_older(bot_entry const& one, bot_entry const& other) noexcept {
    return std::pair(one.version, one.state_rev) >= std::pair(other.version, other.state_rev);
}

/// Reads a stored bot. Errors: `invalid`.
[[nodiscard]] result<bot_ptr> make_bot_entry(wire::json_object stored);

/// Prompts that a policy makes are other ones for each call. Errors: `conflict`
/// `Live prompt cache is not available for policy bots`.
[[nodiscard]] result<void> check_no_policy(bot_entry const& bot);

/// A bot after a write, and what was accepted but not understood.
struct saved_bot {
    bot_ptr bot;
    std::vector<std::string> warnings;
};

/// Copies of one bot that get a name by themselves.
inline constexpr int max_copies = 1000;

/// What a person does to the cache of the post-call prompts.
enum class cache_step { enable, disable, refresh };

class bot_directory {
  public:
    bot_directory(store::document_store& store, audit_trail& audit, clock const& time,
                  random_source& random, domain::guard_policy guard);

    /// Reads all bots. Errors: those of the store. A stored bot that this version cannot read is
    /// left out.
    store::async<void> load();
    /// Takes over what other processes changed since the last look.
    store::async<void> refresh();
    /// Reads one bot again; one that this version cannot read is left out.
    store::async<void> reload(std::string id);
    /// Reads one bot again unless it is known here in this version or a later one. For decisions
    /// that must not depend on how old this process's picture is: another one may have saved the
    /// bot a moment ago, or this one was held up. Errors: those of the store.
    store::async<void> catch_up(std::string id, std::int64_t version = 1);
    /// Told after each write of this process; to be set while nobody writes.
    void on_saved(std::function<void(bot_entry const&)> tell) { on_saved_ = std::move(tell); }
    /// May change the server-only members of a bot about to be saved (`next` is what it will be)
    /// and add writes to the same transaction; to be set while nobody writes.
    using save_hook = std::function<void(bot_entry const& next, wire::json_object& document,
                                         store::batch& together)>;
    void before_saving(save_hook hook) { before_saving_ = std::move(hook); }
    /// After a write of the bot by somebody else in this process: reads it and tells the others.
    store::async<bot_ptr> state_changed(std::string id);

    /// Null for unknown, malformed and deleted ids.
    [[nodiscard]] bot_ptr find(std::string_view id) const;
    /// Also deleted ones (a late result still finds its push configuration).
    [[nodiscard]] bot_ptr find_any(std::string_view id) const;

    /// As the store has it now. Errors: `not_found` `Bot not found`, those of the store.
    store::async<bot_ptr> read(std::string id);
    /// All that are not deleted, newest first.
    [[nodiscard]] std::vector<bot_ptr> all() const;
    /// Deleted ones too, in order of their ids.
    [[nodiscard]] std::vector<bot_ptr> all_known() const;

    // Writes. All of an existing bot: `not_found` `Bot not found`; of two at once the later one is
    // decided anew over the earlier one, once, then `conflict`. Where a running campaign forbids
    // it: `conflict` `bot_locked`.

    /// Errors: `invalid` with all faults together.
    store::async<saved_bot> create(wire::json_object sent, audit_actor actor);
    /// Members sent replace, absent ones stay, null resets to the default. `expected_version`:
    /// `precondition_failed` `version_conflict` when it is another. No change = same version.
    /// Errors: `bot_locked`, `invalid`.
    store::async<saved_bot> change(std::string id, wire::json_object sent,
                                   std::optional<std::int64_t> expected_version, audit_actor actor);
    /// Errors: `bot_locked`, `conflict` `bot_in_use` while a number is mapped to it.
    store::async<void> remove(std::string id, audit_actor actor);
    /// Makes the bot what it was in a version, but for its keys, secrets and states. Errors:
    /// `not_found` `Version not found`, `bot_locked`, `invalid` when today's rules refuse it.
    store::async<saved_bot> restore(std::string id, std::int64_t version, audit_actor actor);
    /// A new bot with the same content; without a name the first free `<name> (Copy)`,
    /// `<name> (Copy 2)`, ... Errors: `invalid`, `conflict` after `max_copies`.
    store::async<saved_bot> clone(std::string id, std::optional<std::string> name,
                                  audit_actor actor);
    /// Errors: `conflict` `No post-call prompt to cache` (not to disable), `bot_locked` (not to
    /// refresh), `invalid` when the prompts must not be cached.
    store::async<saved_bot> set_post_call_cache(std::string id, cache_step step, audit_actor actor);
    /// Errors: `conflict` `Live prompt cache is not available for policy bots` (not to disable),
    /// `bot_locked`.
    store::async<saved_bot> set_live_prompt_cache(std::string id, bool enabled, audit_actor actor);
    /// A new key of the web widget; the former one ends.
    store::async<std::string> make_widget_key(std::string id, audit_actor actor);
    /// Errors: `not_found` `No widget key`.
    store::async<void> end_widget_key(std::string id, audit_actor actor);
    /// New signing secret for the push; the old one signs along for `overlap`. Errors:
    /// `not_found`, `conflict` `No post-call push configured`.
    store::async<secret> rotate_push_secret(std::string id, std::chrono::hours overlap,
                                            audit_actor actor);
    /// Ends signing along with the old secret. Errors: `not_found` when there is none.
    store::async<void> end_old_push_secret(std::string id, audit_actor actor);
    /// Switches the push off because the CRM answered 410; audited as `system`.
    store::async<void> disable_push(std::string id);

  private:
    struct table {
        std::map<std::string, bot_ptr, std::less<>> by_id;
        std::string newest;  ///< greatest `updated_at` seen
    };
    struct edit;
    store::async<saved_bot> write(std::string id, edit what, audit_actor actor);
    store::async<audited_write> decide(std::string const& id, edit const& what,
                                       audit_actor const& actor, bot_ptr& entry);
    [[nodiscard]] result<audited_write> new_bot(wire::json_object content, std::string action,
                                                std::string note, audit_actor const& actor,
                                                saved_bot& made) const;
    void take(std::vector<bot_ptr> changed);
    [[nodiscard]] std::string looked_from() const;
    [[nodiscard]] std::string stamp(time_point now) const;
    void saved(bot_ptr const& bot);
    result<bot_ptr> settle(wire::json_object document, store::batch& together) const;

    store::document_store& store_;
    audit_trail& audit_;
    clock const& time_;
    random_source& random_;
    domain::guard_policy guard_;
    server::snapshot<table> bots_;
    std::atomic<std::int64_t> last_look_{
        0};  // Unix ms by our clock when the last look at all began
    std::function<void(bot_entry const&)> on_saved_;
    save_hook before_saving_;
};

/// The bot as people see it: secrets masked, server-only secrets left out, `id` for `_id`.
[[nodiscard]] wire::json_object shown_bot(wire::json_object const& stored);
/// A row of the list.
[[nodiscard]] wire::json_object listed_bot(wire::json_object const& stored, bool locked);

}  // namespace cxb::api
