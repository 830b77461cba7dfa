#pragma once
/// @file
/// Who uses a bot, and how an edit and a new use keep out of each other's way (spec 20 §5.2).
///
/// | user                              | what it forbids                                  |
/// |-----------------------------------|--------------------------------------------------|
/// | campaign with status `running`    | every edit and the deletion: 409 `bot_locked`    |
/// | number mapped to it (`dids`)      | the deletion: 409 `bot_in_use`                   |
/// | number of Exotel mapped to it     | the same (`exotel/exotel_directory.hpp`)         |
///
/// A bot has a `use_rev` that no reader sees. Whoever begins to use it raises that in the same
/// transaction (`claim_bot`); every edit is bound to the value it read before it looked for users
/// (`still_as_read`). So of an edit and a use that begins meanwhile one comes first, and the other
/// one sees it, whichever process it runs in.
/// Thread-safety: pure functions and coroutines without shared state.

#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "cxb/store/document_store.hpp"

namespace cxb::api {

/// Users told in one answer; of more only these are named.
inline constexpr std::size_t max_named_users = 100;

/// Adds to the batch of a start, resume or mapping what tells the bot's editors of it. The batch
/// fails with label `bot_gone` when the bot does not exist, or was deleted meanwhile.
void claim_bot(store::batch& writes, std::string_view bot_id);

/// The stored bot is as it was read: nobody edited it or began to use it.
[[nodiscard]] store::filter still_as_read(wire::json_object const& stored);

/// `[{id, name}]` of the running campaigns of a bot. The store must outlive the coroutine.
store::async<wire::json_array> campaigns_running(store::document_store& store, std::string bot_id);

/// Those of `bot_ids` that have a running campaign.
store::async<std::set<std::string>> locked_bots(store::document_store& store,
                                                std::vector<std::string> bot_ids);

/// Errors: `conflict` `bot_locked` with member `campaigns`.
store::async<void> check_not_locked(store::document_store& store, std::string bot_id);
/// Errors: `conflict` `bot_in_use` with member `dids`: `[{id, number}]`.
store::async<void> check_not_mapped(store::document_store& store, std::string bot_id);

}  // namespace cxb::api
