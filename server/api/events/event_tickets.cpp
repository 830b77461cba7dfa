#include "server/api/events/event_tickets.hpp"

#include <array>

#include "cxb/base/crypto.hpp"
#include "cxb/base/encoding.hpp"
#include "server/common/model/collections.hpp"

namespace cxb::api {
namespace {

namespace model = server::model;
using wire::json_object;

constexpr std::size_t ticket_bytes = 32;

error refused() {
    return error{errc::unauthenticated, "Invalid or expired ticket"};
}

user_session session_in(json_object const& row) {
    return {std::string(wire::text_at(row, "user")), wire::int_at(row, "version"),
            time_point{milliseconds{wire::int_at(row, "session_ms")}}};
}

}  // namespace

store::async<std::string> event_tickets::issue(user_session session) {
    std::array<std::byte, ticket_bytes> bytes{};
    random_.fill(bytes);
    std::string ticket = to_base64url({reinterpret_cast<char const*>(bytes.data()), bytes.size()});
    CXB_CO_CHECK(co_await rows_.insert(
        model::event_tickets, json_object{{"_id", sha256_hex(ticket)},
                                          {"user", session.user_id},
                                          {"version", session.version},
                                          {"session_ms", to_epoch_ms(session.expires)},
                                          {"expires_at", format_timestamp(time_.now() + life)}}));
    co_return ticket;
}

store::async<user_session> event_tickets::take(std::string ticket) {
    auto const mine = store::by_id(sha256_hex(ticket));
    CXB_CO_TRY(auto const row, co_await rows_.find_one(model::event_tickets, mine));
    if (!row || wire::text_at(*row, "expires_at") <= format_timestamp(time_.now()))
        co_return refused();
    CXB_CO_TRY(auto const removed, co_await rows_.remove(model::event_tickets, mine, 1));
    if (removed != 1) co_return refused();
    co_return session_in(*row);
}

}  // namespace cxb::api
