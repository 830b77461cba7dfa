#include "cxb/client/core_client.hpp"

#include "cxb/base/encoding.hpp"
#include "cxb/client/response_error.hpp"
#include "cxb/domain/recording_key.hpp"
#include "src/client/exchange.hpp"

namespace cxb::inline v1 {
namespace client {

using contract::dialout::call_accepted;
using std::chrono::milliseconds;

struct core_client::state {
    explicit state(client_options options) : point(std::move(options)) {}
    async<call_accepted> start(std::string path, std::string body, std::string idempotency_key,
                               repeat_rule rule, milliseconds each, call_options how);
    async<wire::http_response> health_of(std::string path, call_options how);
    exchange_point point;
};

async<call_accepted> core_client::state::start(std::string path, std::string body,
                                               std::string idempotency_key, repeat_rule rule,
                                               milliseconds each, call_options how) {
    exchange_plan plan;
    plan.method = "POST";
    plan.url = point.url(path);
    plan.body = std::move(body);
    CXB_CO_CHECK(add_idempotency_key(plan, std::move(idempotency_key)));
    plan.who = credentials::core_secret;
    plan.rule = rule;
    plan.each = each;
    co_return co_await ask<call_accepted>(point, std::move(plan), std::move(how),
                                          &contract::dialout::parse_call_accepted);
}

async<wire::http_response> core_client::state::health_of(std::string path, call_options how) {
    exchange_plan plan;
    plan.url = point.url(path);
    plan.each = milliseconds{20000};
    plan.max_response_bytes = limits::health_body;
    co_return co_await point.send(std::move(plan), std::move(how));
}

core_client::core_client(client_options options)
    : state_(std::make_unique<state>(std::move(options))) {}
core_client::~core_client() = default;
core_client::core_client(core_client&&) noexcept = default;
core_client& core_client::operator=(core_client&&) noexcept = default;

async<call_accepted> core_client::attach(attach_params params, call_options how) {
    CXB_CO_CHECK(contract::attach::validate(params.request));
    co_return co_await state_->start("/attach", contract::attach::serialize(params.request),
                                     std::move(params.idempotency_key), repeat_rule::not_sent,
                                     milliseconds{10000}, std::move(how));
}

async<call_accepted> core_client::dialout(core_dialout_params params, call_options how) {
    CXB_CO_CHECK(contract::dialout::validate(params.request));
    co_return co_await state_->start(
        "/livekit/dialout", contract::dialout::serialize(params.request),
        std::move(params.idempotency_key), repeat_rule::not_sent_or_full, milliseconds{60000},
        std::move(how));
}

async<call_accepted> core_client::dispatch(contract::dispatch::dispatch_request request,
                                           call_options how) {
    CXB_CO_CHECK(contract::dispatch::validate(request));
    co_return co_await state_->start("/livekit/dispatch", contract::dispatch::serialize(request),
                                     {}, repeat_rule::never, milliseconds{10000}, std::move(how));
}

async<call_accepted> core_client::widget(contract::widget::widget_request request,
                                         call_options how) {
    CXB_CO_CHECK(contract::widget::validate(request));
    co_return co_await state_->start("/livekit/widget", contract::widget::serialize(request), {},
                                     repeat_rule::not_sent, milliseconds{10000}, std::move(how));
}

async<contract::fleet::worker_health> core_client::health(call_options how) {
    CXB_CO_TRY(auto const answer, co_await state_->health_of("/health", std::move(how)));
    auto parsed = contract::fleet::parse_worker_health(answer.bytes());
    if (!parsed) co_return unreadable_answer(parsed.error(), answer.status);
    co_return parsed;
}

async<contract::fleet::fleet_answer> core_client::fleet_health(call_options how) {
    auto const answer = co_await state_->health_of("/health/fleet", std::move(how));
    if (answer) co_return contract::fleet::parse_fleet_health(answer->status, answer->bytes());
    auto const& failure = answer.error();
    if (failure.code() == errc::cancelled) co_return failure;
    if (failure.status() != 0)
        co_return contract::fleet::fleet_answer(contract::fleet::fleet_fault{"http_status"});
    co_return contract::fleet::fleet_answer(contract::fleet::fault_of(failure));
}

async<wire::http_response> core_client::recording(recording_params params, call_options how) {
    if (!domain::is_recording_key(params.key))
        co_return invalid_member("/key", "not a usable recording key");
    exchange_plan plan;
    std::string path = "/recordings";
    std::string_view rest = params.key;
    for (;;) {
        auto const cut = rest.find('/');
        path += "/" + percent_encode(rest.substr(0, cut));
        if (cut == std::string_view::npos) break;
        rest.remove_prefix(cut + 1);
    }
    plan.url = state_->point.url(path);
    plan.headers.add("Accept", "audio/*, */*");
    if (!params.range.empty()) plan.headers.add("Range", std::move(params.range));
    plan.who = credentials::core_secret;
    plan.each = milliseconds{5000};
    plan.stream = params.stream;
    plan.max_response_bytes = params.max_bytes;
    co_return co_await state_->point.send(std::move(plan), std::move(how));
}

}  // namespace client
}  // namespace cxb::inline v1
