#include "cxb/contract/registry.hpp"

#include <algorithm>

#include "cxb/contract/attach/attach_request.hpp"
#include "cxb/contract/call_results/call_results.hpp"
#include "cxb/contract/call_results/call_results_ack.hpp"
#include "cxb/contract/cdr/cdr.hpp"
#include "cxb/contract/dialout/call_accepted.hpp"
#include "cxb/contract/dialout/core_dialout_request.hpp"
#include "cxb/contract/dialout/dialout_request.hpp"
#include "cxb/contract/dispatch/dispatch_request.hpp"
#include "cxb/contract/lookup/knowledge.hpp"
#include "cxb/contract/lookup/numbers.hpp"
#include "cxb/contract/lookup/prompt_cache.hpp"
#include "cxb/contract/runtime_config/request.hpp"
#include "cxb/contract/runtime_config/runtime_config.hpp"
#include "cxb/contract/webhook/webhook_event.hpp"
#include "cxb/contract/widget/widget_request.hpp"

namespace cxb::inline v1 {
namespace contract {
namespace {

template <class T>
wire::object_table const& table_of() {
    return wire_table(wire::tag<T>{});
}

template <class T>
std::string_view schema_of() {
    static std::string const text = wire::schema_text(table_of<T>());
    return text;
}

/// `serialize` of the type itself, not of the engine: call results also drop secrets there.
template <class T>
result<std::string> normalised(std::string_view text, wire::parse_options how) {
    CXB_TRY(auto const value, wire::read<T>(text, how));
    return serialize(value);
}

template <class T>
constexpr document_type entry(std::string_view contract, std::string_view name,
                              std::size_t max_bytes) {
    return {name, contract, max_bytes, &table_of<T>, &schema_of<T>, &normalised<T>};
}

using namespace limits;

constexpr document_type all[] = {
    entry<attach::attach_request>("attach", "attach_request", call_start_body),
    entry<call_results::call_results>("call_results", "call_results", results_body),
    entry<call_results::call_results_ack>("call_results", "call_results_ack", default_body),
    entry<cdr::cdr>("cdr", "cdr", cdr_body),
    entry<cdr::cdr_ack>("cdr", "cdr_ack", default_body),
    entry<dialout::call_accepted>("dialout", "call_accepted", default_body),
    entry<dialout::core_dialout_request>("dialout", "core_dialout_request", call_start_body),
    entry<dialout::dialout_request>("dialout", "dialout_request", call_start_body),
    entry<dispatch::dispatch_request>("dispatch", "dispatch_request", call_start_body),
    entry<lookup::cache_recreate_request>("lookup", "cache_recreate_request", default_body),
    entry<lookup::cache_recreated>("lookup", "cache_recreated", default_body),
    entry<lookup::did_binding>("lookup", "did_binding", default_body),
    entry<lookup::knowledge_hits>("lookup", "knowledge_hits", config_body),
    entry<lookup::knowledge_query>("lookup", "knowledge_query", default_body),
    entry<lookup::outbound_trunk>("lookup", "outbound_trunk", default_body),
    entry<runtime_config::config_request>("runtime_config", "config_request", call_start_body),
    entry<runtime_config::connected_event>("runtime_config", "connected_event", call_start_body),
    entry<runtime_config::runtime_config>("runtime_config", "runtime_config", config_body),
    entry<webhook::webhook_event>("webhook", "webhook_event", default_body),
    entry<widget::widget_request>("widget", "widget_request", call_start_body),
};

}  // namespace

std::span<document_type const> document_types() noexcept {
    return all;
}

document_type const* find_document_type(std::string_view name) noexcept {
    auto const found = std::ranges::find(all, name, &document_type::name);
    return found == std::end(all) ? nullptr : &*found;
}

}  // namespace contract
}  // namespace cxb::inline v1
