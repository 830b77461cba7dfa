#include "server/api/push/push_sender.hpp"

#include "cxb/domain/http_url.hpp"
#include "cxb/domain/retry_schedule.hpp"
#include "cxb/wire/retry_after.hpp"
#include "server/api/config/crm_request.hpp"
#include "src/base/fail_point.hpp"

namespace cxb::api {
namespace {

namespace asio = boost::asio;
using server::job_verdict;

constexpr std::size_t max_answer = 64 * limits::kib;

// An answer that is not read on (a redirect, a long one) is one; else the guard did not ask.
host_word word_of(result<wire::http_response> const& answer) {
    if (answer) return host_word::answered;
    auto const& cause = answer.error();
    if (cause.status() != 0 || cause.code() == errc::too_large) return host_word::answered;
    return cause.code() == errc::blocked ? host_word::not_asked : host_word::silent;
}

// Also of an answer whose body was too long to read: its status counts all the same.
int status_of(result<wire::http_response> const& answer) {
    return answer ? answer->status : answer.error().status();
}

}  // namespace

std::string push_host(std::string const& url) {
    auto const parsed = domain::parse_http_url(url);
    return parsed ? parsed->origin() : url;
}

asio::awaitable<std::optional<time_point>> push_sender::enter(std::string url) {
    auto const busy = co_await gate_.enter(push_host(url));
    if (!busy) co_return time_.now() + host_gate::full_wait;  // the store is away
    co_return *busy;
}

asio::awaitable<void> push_sender::leave(std::string url) {
    // The pause of a host is advice: losing a note about it must not change this delivery.
    (void)co_await gate_.leave(push_host(url), host_word::not_asked, {});
}

asio::awaitable<result<wire::http_response>> push_sender::send(client::outgoing_request request,
                                                               milliseconds timeout,
                                                               integration_entry& entry) {
    std::string const host = push_host(request.url);
    client::transport_options how;
    how.total = timeout;
    how.connect = std::min(how.connect, how.total);
    how.max_response_bytes = max_answer;
    auto const began = time_.steady();
    auto answer = co_await outbound_.send(std::move(request), how);
    CXB_FAIL_POINT("push.sent");
    entry.took = std::chrono::duration_cast<milliseconds>(time_.steady() - began);
    metrics_.get_histogram("cxb_push_seconds")
        .observe(std::chrono::duration<double>(entry.took).count());
    (void)co_await gate_.leave(host, word_of(answer), entry.took);
    entry.status = status_of(answer);
    if (answer) entry.response = std::string(answer->bytes());
    co_return answer;
}

job_verdict push_sender::hopeless(integration_entry& entry, std::string reason) {
    entry.error = reason;
    metrics_.get_counter("cxb_push_total", {"dead"}).add();
    return job_verdict::dead(entry.status, std::move(reason));
}

job_verdict push_sender::judge(server::job_context const& job,
                               result<wire::http_response> const& answer,
                               integration_entry& entry) {
    using domain::delivery_verdict;
    auto const verdict =
        answer ? domain::classify_status(answer->status) : domain::classify_failure(answer.error());
    entry.ok = verdict == delivery_verdict::delivered;
    if (entry.ok) {
        metrics_.get_counter("cxb_push_total", {"delivered"}).add();
        return job_verdict::done(entry.status);
    }
    if (!answer && entry.error.empty()) entry.error = crm_fault_word(answer.error());
    if (entry.error.empty()) entry.error = "status_" + std::to_string(entry.status);
    bool const last = job.attempt() >= job.max_attempts();
    if (verdict != delivery_verdict::retried || last) return hopeless(entry, entry.error);
    milliseconds const wait = domain::next_wait(
        domain::push_retries(), static_cast<int>(job.attempt()), random_,
        answer ? wire::retry_after(answer->headers, time_.now()) : std::nullopt, wait_scale_);
    entry.next_attempt_at = time_.now() + wait;
    metrics_.get_counter("cxb_push_total", {"retried"}).add();
    return job_verdict::retry(wait, entry.status, entry.error);
}

}  // namespace cxb::api
