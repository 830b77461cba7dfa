#include "cli/commands/commands.hpp"

namespace cxb::cli {

std::span<command const* const> all_commands() noexcept {
    static constexpr command const* rows[] = {&login,
                                              &logout,
                                              &bots_list,
                                              &bots_show,
                                              &bots_create,
                                              &bots_update,
                                              &bots_delete,
                                              &bots_rotate_push_secret,
                                              &keys_list,
                                              &keys_create,
                                              &keys_delete,
                                              &fleet_show,
                                              &fleet_set,
                                              &dialout,
                                              &calls_list,
                                              &calls_show,
                                              &calls_tail,
                                              &calls_trace,
                                              &calls_events,
                                              &config_fetch,
                                              &config_preview,
                                              &results_post,
                                              &contract_check,
                                              &contract_schema,
                                              &conformance_api,
                                              &conformance_core,
                                              &ops_status,
                                              &ops_jobs,
                                              &ops_dead_letters,
                                              &webhooks_list,
                                              &webhooks_create,
                                              &webhooks_update,
                                              &webhooks_delete,
                                              &webhooks_rotate_secret,
                                              &webhooks_test,
                                              &webhooks_deliveries,
                                              &outbox_list,
                                              &outbox_retry,
                                              &outbox_drop,
                                              &doctor,
                                              &completion,
                                              &version};
    return rows;
}

}  // namespace cxb::cli
