#include "src/net/socket_deadline.hpp"

namespace cxb::inline v1 {
namespace net {

struct socket_deadline::state {
    explicit state(boost::asio::any_io_executor const& executor) : timer(executor) {}
    boost::asio::steady_timer timer;
    stream_socket* socket = nullptr;
    bool expired = false;
};

socket_deadline::socket_deadline(boost::asio::any_io_executor const& executor)
    : state_(std::make_shared<state>(executor)) {}

socket_deadline::~socket_deadline() {
    if (state_) release();
}

void socket_deadline::watch(stream_socket& socket, steady_point at) {
    state_->socket = &socket;
    state_->expired = false;
    state_->timer.expires_at(at);
    state_->timer.async_wait([watched = state_](boost::system::error_code ec) {
        // A completion may be on its way already when the timer is set anew.
        bool const due = std::chrono::steady_clock::now() >= watched->timer.expiry();
        if (ec || !due || watched->socket == nullptr) return;
        watched->expired = true;
        watched->socket->cancel(ec);
    });
}

void socket_deadline::release() {
    state_->socket = nullptr;
    state_->timer.cancel();
}

bool socket_deadline::expired() const noexcept {
    return state_->expired;
}

}  // namespace net
}  // namespace cxb::inline v1
