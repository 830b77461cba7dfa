#include "cxb/testing/fault_transport.hpp"

#include <boost/asio/post.hpp>
#include <boost/asio/use_awaitable.hpp>

#include "src/testing/fault_count.hpp"

namespace cxb::inline v1 {
namespace testing {

namespace asio = boost::asio;

namespace {

error lost(sent_state sent) {
    return error{errc::unavailable, "Connection broke"}
        .with_reason("connection_lost")
        .with_request_sent(sent);
}

}  // namespace

fault_transport& fault_transport::add(transport_fault one) {
    std::lock_guard const lock(mutex_);
    plan_.push_back({std::move(one)});
    return *this;
}

void fault_transport::clear() {
    std::lock_guard const lock(mutex_);
    plan_.clear();
}

std::optional<fault_kind> fault_transport::next(std::string_view url) {
    std::lock_guard const lock(mutex_);
    ++requests_;
    std::optional<fault_kind> out;
    for (auto& one : plan_) {
        if (url.find(one.fault.url_has) == std::string_view::npos) continue;
        if (is_due(++one.seen, one.fault.step, one.fault.times) && !out) out = one.fault.kind;
    }
    if (out) ++failed_;
    return out;
}

asio::awaitable<result<wire::http_response>> fault_transport::send(
    client::outgoing_request request, client::transport_options options) {
    auto const kind = next(request.url);
    if (kind == fault_kind::refused || kind == fault_kind::reset_before) {
        co_await asio::post(asio::use_awaitable);
        if (kind == fault_kind::reset_before) co_return lost(sent_state::maybe);
        co_return error{errc::unavailable, "Connection refused"};
    }
    auto answer = co_await inner_.send(std::move(request), std::move(options));
    if (!kind || !answer) co_return answer;
    if (kind == fault_kind::reset_after) co_return lost(sent_state::yes);
    if (kind == fault_kind::timeout)
        co_return error{errc::deadline_exceeded, "Request took too long"}.with_request_sent(
            sent_state::yes);
    answer->body = "\x01garbage\xff{";
    answer->shared.reset();
    answer->stream.reset();
    co_return answer;
}

std::size_t fault_transport::requests() const {
    std::lock_guard const lock(mutex_);
    return requests_;
}

std::size_t fault_transport::failed() const {
    std::lock_guard const lock(mutex_);
    return failed_;
}

}  // namespace testing
}  // namespace cxb::inline v1
