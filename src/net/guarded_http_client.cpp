#include "src/net/guarded_http_client.hpp"

namespace cxb::inline v1 {
namespace net {

namespace asio = boost::asio;

namespace {

error with_guard_word(error failure) {
    switch (failure.code()) {
        case errc::too_large:
            return std::move(failure).with_reason("size");
        case errc::deadline_exceeded:
            return std::move(failure).with_reason("timeout");
        default:
            return failure;
    }
}

}  // namespace

result<std::unique_ptr<guarded_http_client>> guarded_http_client::create(
    domain::guard_policy policy, http_client_options options) {
    auto const shared = std::make_shared<domain::guard_policy const>(std::move(policy));
    options.admit = [shared](domain::http_url const& url, domain::ip_address const& address) {
        return domain::check_address(*shared, url, address);
    };
    CXB_TRY(auto inner, http_client::create(std::move(options)));
    return std::unique_ptr<guarded_http_client>(new guarded_http_client(shared, std::move(inner)));
}

guarded_http_client::guarded_http_client(std::shared_ptr<domain::guard_policy const> policy,
                                         std::unique_ptr<http_client> inner)
    : policy_(std::move(policy)), inner_(std::move(inner)) {}

void guarded_http_client::on_refusal(std::function<void(std::string_view)> hook) {
    refusal_hook_ = std::move(hook);
}

asio::awaitable<result<wire::http_response>> guarded_http_client::send(
    client::outgoing_request request, client::transport_options options) {
    auto const hook = refusal_hook_;
    result<wire::http_response> answer = error{errc::blocked};
    if (auto const url = domain::check_url(*policy_, request.url); !url) {
        answer = url.error();
    } else {
        answer = co_await inner_->send(std::move(request), std::move(options));
    }
    if (answer && answer->status >= 300 && answer->status < 400) {
        answer = error{errc::blocked, "Redirects are not followed"}
                     .with_reason("redirect")
                     .with_status(answer->status)
                     .with_request_sent(sent_state::yes);
    }
    if (answer) co_return answer;
    auto failure = with_guard_word(std::move(answer).error());
    if (hook && failure.code() == errc::blocked) hook(failure.reason());
    co_return failure;
}

}  // namespace net
}  // namespace cxb::inline v1
