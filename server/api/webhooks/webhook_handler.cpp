#include "server/api/webhooks/webhook_handler.hpp"

#include "cxb/contract/webhook/signature.hpp"
#include "server/api/config/crm_request.hpp"
#include "server/common/model/collections.hpp"
#include "src/base/fail_point.hpp"

namespace cxb::api {

namespace asio = boost::asio;
namespace model = server::model;
namespace webhook = contract::webhook;
using server::job_verdict;
using wire::json_object;

struct webhook_handler::attempt {
    server::job_context job;
    json_object endpoint;
    integration_entry entry;
};

frozen_push webhook_handler::render(json_object const& endpoint, std::string_view type,
                                    time_point at, json_object const& data) {
    webhook::webhook_event event;
    event.type = open_enum<webhook::event_type>::from_text(type);
    event.timestamp = at;
    event.data = wire::raw_json::from_object(data);
    frozen_push out;
    out.webhook_id = webhook::make_id(time_.now(), random_);
    out.method = "POST";
    out.url = wire::text_at(endpoint, "url");
    out.headers.set("Content-Type", "application/json");
    out.headers.set("User-Agent", std::string("cxb/") + version_string);
    out.body = serialize(event);
    return out;
}

store::async<frozen_push> webhook_handler::freeze(attempt& at) {
    if (auto const* frozen = at.job.row().if_contains("frozen_request");
        frozen != nullptr && frozen->is_object())
        co_return parse_frozen_push(frozen->as_object());
    auto const created = parse_timestamp(wire::text_at(at.job.row(), "created_at"));
    auto const* data = at.job.payload().if_contains("data");
    if (!created || data == nullptr || !data->is_object())
        co_return error{errc::corrupt_data, "job cannot be read"}.with_reason("job_unreadable");
    auto push =
        render(at.endpoint, wire::text_at(at.job.payload(), "type"), *created, data->as_object());
    CXB_CO_TRY(auto const saved, co_await at.job.save(store::update{}.set(
                                     "frozen_request", wire::json_value(to_json(push)))));
    if (saved != server::save_result::saved)
        co_return error{errc::cancelled, "another worker has this job"};
    CXB_FAIL_POINT("webhook.frozen");
    co_return push;
}

void webhook_handler::log(attempt const& at, job_verdict& verdict) const {
    auto const session = wire::text_at(at.job.row(), "session_id");
    if (session.empty()) return;
    store::update call;
    call.inc("rev", 1);
    log_into(call, at.entry);
    verdict.together.update_if_any(model::calls, model::of_session(session), std::move(call));
}

job_verdict webhook_handler::hopeless(attempt& at, std::string reason) {
    auto verdict = sender_.hopeless(at.entry, std::move(reason));
    log(at, verdict);
    return verdict;
}

// One that delivers has no failures; the first failure after that is remembered, and who has only
// failed since long enough is switched off.
asio::awaitable<void> webhook_handler::judge_endpoint(attempt const& at, job_verdict& verdict) {
    std::string const id(wire::text_at(at.endpoint, "_id"));
    auto where = store::by_id(id);
    if (at.entry.ok) {
        where.all.push_back(store::exists("failing_since"));
        verdict.together.update_if_any(model::webhook_endpoints, std::move(where),
                                       store::update{}.unset("failing_since"));
        co_return;
    }
    where.all.push_back(store::missing("failing_since"));
    verdict.together.update_if_any(
        model::webhook_endpoints, std::move(where),
        store::update{}.set("failing_since", wire::json_value(format_timestamp(at.entry.at))));
    std::string const since(wire::text_at(at.endpoint, "failing_since"));
    auto const first = parse_timestamp(since);
    if (at.entry.status == gone_status)
        (void)co_await endpoints_.deactivate(id, "the endpoint answered 410");
    else if (first && *first + webhook_directory::patience <= at.entry.at)
        (void)co_await endpoints_.deactivate(id, "only failures for 5 days", since);
}

asio::awaitable<job_verdict> webhook_handler::send(attempt& at, frozen_push const& push) {
    if (auto const busy = co_await sender_.enter(push.url)) co_return job_verdict::put_back(*busy);
    auto& entry = at.entry;
    entry.at = time_.now();
    entry.method = push.method;
    entry.url = push.url;
    entry.request = push.body;
    auto request = attempt_of(push, signing_secrets(at.endpoint, entry.at), entry.at);
    if (!request) {
        co_await sender_.leave(push.url);
        co_return hopeless(at, "signing_secret_unreadable");
    }
    auto const answer = co_await sender_.send(*std::move(request), timeout, entry);
    auto verdict = sender_.judge(at.job, answer, entry);
    log(at, verdict);
    co_await judge_endpoint(at, verdict);
    co_return verdict;
}

asio::awaitable<job_verdict> webhook_handler::run(server::job_context job) {
    attempt at{std::move(job), {}, {}};
    at.entry.at = time_.now();
    at.entry.kind = "webhook";
    at.entry.attempt = static_cast<int>(at.job.attempt());
    at.entry.job_id = at.job.id();
    auto const later = [this] { return job_verdict::put_back(time_.now() + host_gate::full_wait); };
    auto endpoint =
        co_await endpoints_.find(std::string(wire::text_at(at.job.payload(), "endpoint_id")));
    if (!endpoint && endpoint.error().code() != errc::not_found) co_return later();
    if (!endpoint) co_return hopeless(at, "endpoint_gone");
    at.endpoint = *std::move(endpoint);
    if (!wire::bool_at(at.endpoint, "is_active")) co_return hopeless(at, "endpoint_inactive");
    auto const push = co_await freeze(at);
    if (push) co_return co_await send(at, *push);
    auto const& cause = push.error();
    if (cause.code() == errc::cancelled) co_return job_verdict::settled();
    if (cause.code() == errc::corrupt_data) co_return hopeless(at, "job_unreadable");
    co_return later();
}

store::async<webhook_probe> webhook_handler::probe(std::string endpoint_id) {
    CXB_CO_TRY(auto const endpoint, co_await endpoints_.find(endpoint_id));
    time_point const now = time_.now();
    auto const push = render(endpoint, word_of(webhook::event_type::webhook_test), now,
                             {{"endpoint_id", endpoint_id}});
    CXB_CO_TRY(auto request, attempt_of(push, signing_secrets(endpoint, now), now));
    if (co_await sender_.enter(push.url))
        co_return error{errc::unavailable, "The host is busy or paused, try again"}
            .with_retry_after(host_gate::full_wait);
    integration_entry entry;
    auto const answer = co_await sender_.send(std::move(request), timeout, entry);
    co_return webhook_probe{entry.status, entry.took,
                            answer ? std::string() : crm_fault_word(answer.error())};
}

}  // namespace cxb::api
