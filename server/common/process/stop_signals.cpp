#include "server/common/process/stop_signals.hpp"

#include <unistd.h>

#include <boost/asio/signal_set.hpp>
#include <csignal>

#include "server/common/process/exit_code.hpp"

namespace cxb::server {

struct stop_signals::state : std::enable_shared_from_this<state> {
    state(boost::asio::any_io_executor const& on, signal_actions wanted)
        : signals(on, SIGTERM, SIGINT, SIGHUP), actions(std::move(wanted)) {}

    void wait() {
        signals.async_wait(
            [self = shared_from_this()](boost::system::error_code failed, int which) {
                if (failed || self->released) return;
                self->receive(which);
                if (!self->released) self->wait();  // an action may have released it
            });
    }

    void receive(int which) {
        if (which == SIGHUP) {
            if (actions.reload) actions.reload();
            return;
        }
        if (!stopping) {
            stopping = true;
            if (actions.stop) actions.stop();
        } else if (actions.stop_now) {
            actions.stop_now();
        } else {
            ::_exit(to_int(exit_code::stopped_twice));
        }
    }

    boost::asio::signal_set signals;
    signal_actions actions;
    bool stopping = false;
    bool released = false;
};

stop_signals::stop_signals(boost::asio::any_io_executor const& on, signal_actions actions)
    : state_(std::make_shared<state>(on, std::move(actions))) {
    // A peer that goes away must be an error code, never the end of the process.
    std::signal(SIGPIPE, SIG_IGN);
    state_->wait();
}

stop_signals::~stop_signals() {
    release();
}

void stop_signals::release() {
    state_->released = true;
    boost::system::error_code ignored;
    state_->signals.cancel(ignored);
}

}  // namespace cxb::server
