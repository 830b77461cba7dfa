#include <algorithm>

#include "cxb/base/encoding.hpp"
#include "src/client/api_client_state.hpp"

namespace cxb::inline v1 {
namespace client {

namespace lookup = contract::lookup;
using std::chrono::milliseconds;

namespace {

constexpr milliseconds lookup_timeout{3000};
constexpr milliseconds over_the_search{1000};    // way there and back
constexpr milliseconds recreate_timeout{25000};  // the peer itself waits up to 20 s
constexpr int once_more = 2;

// The route beside the config's: `http://a/api/v1/config` gives `http://a/api/v1` + path.
std::string beside_config(exchange_point const& point, std::string const& config_url,
                          std::string_view path) {
    if (config_url.empty()) return point.url("/api/v1" + std::string(path));
    constexpr std::string_view results = "/call-results";
    auto url = contract::runtime_config::results_url(config_url);
    url.resize(url.size() - results.size());
    return url + std::string(path);
}

exchange_plan number_question(std::string url, std::string name, std::string number) {
    wire::query_list query;
    query.add(std::move(name), std::move(number));
    exchange_plan plan;
    plan.url = std::move(url) + "?" + query.to_text();
    plan.who = credentials::core_secret;
    plan.rule = repeat_rule::unavailable;
    plan.each = lookup_timeout;
    plan.most_tries = once_more;
    return plan;
}

}  // namespace

async<lookup::did_binding> api_client::look_up_number(number_lookup_params params,
                                                      call_options how) {
    if (params.number.empty()) co_return invalid_member("/number", "must not be empty");
    auto url = beside_config(state_->point, params.config_url, "/sip/lookup");
    co_return co_await ask<lookup::did_binding>(
        state_->point, number_question(std::move(url), "number", std::move(params.number)),
        std::move(how), &lookup::parse_did_binding);
}

async<lookup::outbound_trunk> api_client::look_up_trunk(trunk_lookup_params params,
                                                        call_options how) {
    if (params.from_number.empty()) co_return invalid_member("/from_number", "must not be empty");
    auto url = beside_config(state_->point, params.config_url, "/sip/outbound-trunk");
    co_return co_await ask<lookup::outbound_trunk>(
        state_->point,
        number_question(std::move(url), "from_number", std::move(params.from_number)),
        std::move(how), &lookup::parse_outbound_trunk);
}

async<lookup::knowledge_hits> api_client::search_knowledge(knowledge_search_params params,
                                                           call_options how) {
    CXB_CO_CHECK(lookup::validate(params.request));
    auto plan =
        secret_post(state_->point.url_or(std::move(params.url), "/api/v1/knowledge-bases/search"),
                    lookup::serialize(params.request), repeat_rule::unavailable);
    plan.each = lookup_timeout;
    if (params.request.timeout_ms)
        plan.each = std::max(plan.each, *params.request.timeout_ms + over_the_search);
    plan.most_tries = once_more;
    co_return co_await ask<lookup::knowledge_hits>(state_->point, std::move(plan), std::move(how),
                                                   &lookup::parse_knowledge_hits);
}

async<lookup::cache_recreated> api_client::recreate_prompt_cache(cache_recreate_params params,
                                                                 call_options how) {
    if (params.url.empty() && params.bot_id.empty())
        co_return invalid_member("/bot_id", "must not be empty without a url");
    CXB_CO_CHECK(lookup::validate(params.request));
    auto const own =
        "/api/v1/bots/" + percent_encode(params.bot_id) + "/live-prompt-cache/recreate";
    auto plan = secret_post(state_->point.url_or(std::move(params.url), own),
                            lookup::serialize(params.request), repeat_rule::unavailable);
    plan.each = recreate_timeout;
    plan.most_tries = once_more;
    co_return co_await ask<lookup::cache_recreated>(state_->point, std::move(plan), std::move(how),
                                                    &lookup::parse_cache_recreated);
}

}  // namespace client
}  // namespace cxb::inline v1
