#include "server/api/config/campaign_link.hpp"

#include "server/common/model/collections.hpp"

namespace cxb::api {
namespace {

namespace model = server::model;
using wire::json_object;

// What the contact wishes counts only for the attempt that was made for the wish.
domain::callback_link callback_of(json_object const& campaign, json_object const& contact) {
    domain::callback_link out;
    out.detection_enabled = wire::bool_at(campaign, "config.callback_detection.enabled");
    out.is_callback = wire::text_at(contact, "callback.status") == "in_progress";
    out.preferred_time_text = wire::text_at(contact, "callback.preferred_time_text");
    out.reason = wire::text_at(contact, "callback.reason");
    return out;
}

}  // namespace

void campaign_link::describe(json_object& call) const {
    call["campaign_id"] = campaign_id;
    call["campaign_call_id"] = contact_id;
    if (attempt) call["campaign_attempt"] = *attempt;
    if (run_number) call["campaign_run_number"] = *run_number;
}

bool names_contact(contract::runtime_config::reserved_flags const& flags) noexcept {
    return flags.campaign_call_id.has_value() || flags.campaign_id.has_value();
}

store::async<std::optional<campaign_link>> find_campaign_link(
    store::document_store& store, contract::runtime_config::reserved_flags flags) {
    if (!flags.campaign_call_id || !flags.campaign_id) co_return std::nullopt;
    CXB_CO_TRY(auto const contact, co_await store.find_one(model::campaign_calls,
                                                           store::by_id(*flags.campaign_call_id)));
    if (!contact || wire::text_at(*contact, "campaign_id") != *flags.campaign_id)
        co_return std::nullopt;
    CXB_CO_TRY(auto const campaign,
               co_await store.find_one(model::campaigns, store::by_id(*flags.campaign_id)));
    if (!campaign) co_return std::nullopt;
    campaign_link out;
    out.campaign_id = *std::move(flags.campaign_id);
    out.contact_id = *std::move(flags.campaign_call_id);
    out.attempt = flags.campaign_attempt;
    out.run_number = flags.campaign_run_number;
    out.callback = callback_of(*campaign, *contact);
    co_return out;
}

}  // namespace cxb::api
