#include "server/api/events/event_stream.hpp"

#include "server/api/access/gate.hpp"

namespace cxb::api {
namespace {

using steady = std::chrono::steady_clock;

constexpr char const* beat = ": hb\n\n";

// Refused by what is stored; a store that is away says nothing about the user.
bool is_refusal(error const& cause) {
    return cause.code() == errc::unauthenticated || cause.code() == errc::forbidden;
}

}  // namespace

store::async<server::principal> admit_listener(user_directory& users, user_session session) {
    CXB_CO_TRY(auto who, co_await users.authenticate(std::move(session)));
    co_return check_role(server::access::admin, std::move(who));
}

server::stream_end write_events(std::shared_ptr<event_listener> listener, listener_check check,
                                milliseconds heartbeat, server::stream_writer out) {
    out.when_gone([weak = std::weak_ptr(listener)] {
        if (auto const left = weak.lock()) left->end();
    });
    CXB_CO_CHECK(co_await out.write(listener->greeting()));
    auto next_beat = steady::now() + heartbeat;
    for (;;) {
        auto const left = std::chrono::ceil<milliseconds>(next_beat - steady::now());
        auto const heard = co_await listener->next(std::max(left, milliseconds{0}));
        for (auto const& text : heard.texts)
            CXB_CO_CHECK(co_await out.write(*text));
        if (heard.how == listening::over) co_return result<void>{};
        if (heard.how == listening::too_slow)
            co_return error{errc::at_capacity, "The reader of an event stream is too slow"};
        if (steady::now() < next_beat) continue;
        auto const admitted = co_await check();
        if (!admitted && is_refusal(admitted.error())) co_return result<void>{};
        CXB_CO_CHECK(co_await out.write(beat));
        next_beat = steady::now() + heartbeat;
    }
}

}  // namespace cxb::api
