#pragma once
/// @file
/// Which of our numbers a text names, and the way out for a number (spec 21 §6). Reads `dids`, so
/// numbers of carriers that are not enabled do not exist here.
///
/// Steps: equal E.164, else equal digits without `+` or `00`, else equal last ten digits if exactly
/// one number fits; each of them asks an index.

#include "cxb/contract/lookup/numbers.hpp"
#include "cxb/store/document_store.hpp"

namespace cxb::api {

enum class number_use { inbound, outbound };

/// The row of `dids`; empty: none. `with_bot`: only numbers that a bot answers. The store must
/// outlive the coroutine.
store::async<std::optional<wire::json_object>> find_did(store::document_store& store,
                                                        std::string text, std::string region,
                                                        number_use use, bool with_bot);

/// Errors: `not_found` `No bot mapped to this number`.
store::async<contract::lookup::did_binding> bot_of_number(store::document_store& store,
                                                          std::string text, std::string region);

/// `text` empty: the oldest enabled carrier that has an outbound trunk, and its first outbound
/// number. Errors: `not_found` `No outbound trunk available`.
store::async<contract::lookup::outbound_trunk> trunk_for_number(store::document_store& store,
                                                                std::string text,
                                                                std::string region);

/// Of a dialout. Errors: `invalid` at `/from_number` when it is no outbound number although there
/// are some.
store::async<void> check_from_number(store::document_store& store, std::string text,
                                     std::string region);

}  // namespace cxb::api
