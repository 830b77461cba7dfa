#pragma once
/// @file
/// The campaign and contact that a call is for (spec 20 §8 step 7).
///
/// The caller of a config names them by reserved members; only what stands in the store counts.
/// Thread-safety: any thread.

#include <optional>
#include <string>

#include "cxb/contract/runtime_config/request.hpp"
#include "cxb/domain/callback_prompt.hpp"
#include "cxb/store/document_store.hpp"

namespace cxb::api {

struct campaign_link {
    std::string campaign_id;
    std::string contact_id;  ///< row of `campaign_calls`
    std::optional<std::int64_t> attempt;
    std::optional<std::int64_t> run_number;
    domain::callback_link callback;

    /// Sets the skeleton's `campaign_*` members.
    void describe(wire::json_object& call) const;
};

/// Does a request name a contact or a campaign?
[[nodiscard]] bool names_contact(contract::runtime_config::reserved_flags const& flags) noexcept;

/// The link, when the contact exists, belongs to the campaign named, and that campaign exists.
store::async<std::optional<campaign_link>> find_campaign_link(
    store::document_store& store, contract::runtime_config::reserved_flags flags);

}  // namespace cxb::api
