#include "cxb/testing/scripted_transport.hpp"

#include <boost/asio/post.hpp>
#include <boost/asio/use_awaitable.hpp>

namespace cxb::inline v1 {
namespace testing {

namespace asio = boost::asio;

namespace {

using answer = scripted_transport::answer;
using compute = std::function<answer(client::outgoing_request const&)>;

asio::awaitable<answer> run_now(compute step, client::outgoing_request request) {
    co_return step(request);
}

std::function<asio::awaitable<answer>(client::outgoing_request)> waiting(compute step) {
    return [step = std::move(step)](client::outgoing_request request) {
        return run_now(step, std::move(request));
    };
}

answer not_scripted(client::outgoing_request const& request) {
    return error{errc::internal, "No answer is scripted for this request"}
        .with_reason("not_scripted")
        .with_note({request.message.method + ' ' + request.url});
}

}  // namespace

scripted_transport& scripted_transport::reply(int status, std::string body,
                                              wire::header_list headers) {
    wire::http_response response;
    response.status = status;
    response.headers = std::move(headers);
    response.body = std::move(body);
    return respond([response = std::move(response)](auto const&) { return answer(response); });
}

scripted_transport& scripted_transport::fail(error failure) {
    return respond([failure = std::move(failure)](auto const&) { return answer(failure); });
}

scripted_transport& scripted_transport::respond(compute step) {
    return respond_later(waiting(std::move(step)));
}

scripted_transport& scripted_transport::respond_later(step one) {
    std::lock_guard const lock(mutex_);
    steps_.push_back(std::move(one));
    return *this;
}

scripted_transport& scripted_transport::otherwise(compute one) {
    std::lock_guard const lock(mutex_);
    otherwise_ = waiting(std::move(one));
    return *this;
}

scripted_transport::step scripted_transport::take(client::outgoing_request const& request,
                                                  client::transport_options const& options) {
    std::lock_guard const lock(mutex_);
    calls_.push_back({request, options});
    if (steps_.empty()) return otherwise_ ? otherwise_ : waiting(not_scripted);
    auto one = std::move(steps_.front());
    steps_.pop_front();
    return one;
}

asio::awaitable<answer> scripted_transport::send(client::outgoing_request request,
                                                 client::transport_options options) {
    auto const one = take(request, options);
    co_await asio::post(asio::use_awaitable);
    auto out = co_await one(std::move(request));
    bool const sent = out || out.error().request_sent() != sent_state::no;
    if (sent && options.on_sent) options.on_sent();
    co_return out;
}

std::vector<scripted_transport::call> scripted_transport::calls() const {
    std::lock_guard const lock(mutex_);
    return calls_;
}

std::size_t scripted_transport::remaining() const {
    std::lock_guard const lock(mutex_);
    return steps_.size();
}

}  // namespace testing
}  // namespace cxb::inline v1
