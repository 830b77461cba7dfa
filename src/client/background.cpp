#include "cxb/client/background.hpp"

#include <boost/asio/error.hpp>
#include <boost/asio/post.hpp>
#include <boost/system/system_error.hpp>

namespace cxb::inline v1 {
namespace client {

void call_handle::cancel() const {
    if (!signal_) return;
    boost::asio::post(
        executor_, [signal = signal_] { signal->emit(boost::asio::cancellation_type::terminal); });
}

error failure_of(std::exception_ptr const& thrown) {
    try {
        std::rethrow_exception(thrown);
    } catch (boost::system::system_error const& fault) {
        // Where the call was when it ended is not known.
        if (fault.code() == boost::asio::error::operation_aborted)
            return error{errc::cancelled, "The call was cancelled"}.with_request_sent(
                sent_state::maybe);
        return error{errc::internal, "The call failed"}.with_note({fault.what()});
    } catch (std::exception const& fault) {
        return error{errc::internal, "The call failed"}.with_note({fault.what()});
    }
}

background_runner::background_runner()
    : guard_(loop_.get_executor()), thread_([this] { loop_.run(); }) {}

background_runner::~background_runner() {
    stop();
}

void background_runner::wait() {
    guard_.reset();
    join();
}

void background_runner::stop() {
    loop_.stop();
    join();
}

void background_runner::join() {
    if (thread_.joinable()) thread_.join();
}

}  // namespace client
}  // namespace cxb::inline v1
