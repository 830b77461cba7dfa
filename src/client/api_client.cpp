#include "cxb/client/api_client.hpp"

#include "cxb/base/encoding.hpp"
#include "cxb/base/ids.hpp"
#include "cxb/client/response_error.hpp"
#include "src/client/api_client_state.hpp"

namespace cxb::inline v1 {
namespace client {

namespace rc = contract::runtime_config;
using std::chrono::milliseconds;

namespace {

constexpr std::size_t longest_config_url = 16 * limits::kib;

}  // namespace

api_client::api_client(client_options options)
    : state_(std::make_unique<state>(std::move(options))) {}
api_client::~api_client() = default;
api_client::api_client(api_client&&) noexcept = default;
api_client& api_client::operator=(api_client&&) noexcept = default;

double api_client::retry_tokens() const noexcept {
    return state_->point.budget().tokens();
}

async<fetched_config> api_client::fetch_config(fetch_config_params params, call_options how) {
    auto& point = state_->point;
    if (params.bot_id.empty()) co_return invalid_member("/bot_id", "must not be empty");
    if (!params.request.fetch_id)
        params.request.fetch_id = make_uuid7(point.time().now(), point.random());
    std::string base = params.config_url.empty() ? point.url("/api/v1/config") : params.config_url;
    while (base.ends_with('/'))
        base.pop_back();
    exchange_plan plan;
    plan.who = credentials::core_secret;
    plan.rule = repeat_rule::config;
    plan.each = milliseconds{5000};
    plan.all = milliseconds{8000};
    plan.max_response_bytes = limits::config_body;
    base += "/" + percent_encode(params.bot_id);
    plan.url = base + "?" + rc::to_query(params.request).to_text();
    if (plan.url.size() > longest_config_url) {
        plan.method = "POST";
        plan.url = base;
        plan.body = rc::serialize(params.request);
    }
    CXB_CO_TRY(auto answer, co_await point.send(std::move(plan), std::move(how)));
    fetched_config out;
    out.fetch_id = *params.request.fetch_id;
    out.body = std::string(answer.bytes());
    wire::parse_options reading;
    reading.tolerant_items = true;  // a typo in one tool must not lose a call
    reading.warnings = &out.warnings;
    auto parsed = rc::parse_runtime_config(out.body, reading);
    if (!parsed) co_return unreadable_answer(parsed.error(), answer.status);
    out.config = *std::move(parsed);
    co_return out;
}

async<contract::call_results::call_results_ack> api_client::deliver_result(deliver_params params,
                                                                           call_options how) {
    return ask<contract::call_results::call_results_ack>(
        state_->point,
        secret_post(state_->point.url_or(std::move(params.url), "/api/v1/call-results"),
                    std::move(params.body), repeat_rule::not_final),
        std::move(how), &contract::call_results::parse_call_results_ack);
}

async<contract::cdr::cdr_ack> api_client::deliver_cdr(deliver_params params, call_options how) {
    return ask<contract::cdr::cdr_ack>(
        state_->point,
        secret_post(state_->point.url_or(std::move(params.url), "/api/v1/cdr"),
                    std::move(params.body), repeat_rule::not_final),
        std::move(how), &contract::cdr::parse_cdr_ack);
}

async<contract::dialout::call_accepted> api_client::dialout(dialout_params params,
                                                            call_options how) {
    CXB_CO_CHECK(contract::dialout::validate(params.request));
    exchange_plan plan;
    plan.method = "POST";
    plan.url = state_->point.url("/api/v1/sip/dialout");
    plan.body = contract::dialout::serialize(params.request);
    plan.who = credentials::key_or_bearer;
    plan.each = milliseconds{75000};
    if (!params.idempotency_key.empty()) plan.rule = repeat_rule::unavailable_or_timeout;
    CXB_CO_CHECK(add_idempotency_key(plan, std::move(params.idempotency_key)));
    co_return co_await ask<contract::dialout::call_accepted>(
        state_->point, std::move(plan), std::move(how), &contract::dialout::parse_call_accepted);
}

async<wire::http_response> api_client::send(send_params params, call_options how) {
    exchange_plan plan;
    bool const harmless = params.repeatable || params.method == "GET" || params.method == "HEAD";
    plan.method = std::move(params.method);
    plan.url = state_->point.url(params.target);
    plan.body = std::move(params.body);
    plan.headers = std::move(params.headers);
    plan.who = params.use_secret ? credentials::core_secret : credentials::key_or_bearer;
    plan.rule = harmless ? repeat_rule::unavailable_or_timeout : repeat_rule::not_sent;
    plan.each = params.timeout;
    plan.max_response_bytes = params.max_response_bytes;
    co_return co_await state_->point.send(std::move(plan), std::move(how));
}

rc::config_outcome outcome_of(error const& failure) noexcept {
    if (failure.code() == errc::corrupt_data || failure.code() == errc::too_large)
        return rc::config_outcome::malformed;
    if (failure.status() == 0) return rc::config_outcome::unavailable;
    auto const text =
        failure.status() == 409 ? failure.reason() : std::string_view(failure.detail());
    return rc::outcome_of(failure.status(), text);
}

}  // namespace client
}  // namespace cxb::inline v1
