#include "server/api/events/event_tickets.hpp"

#include <array>

#include "cxb/base/crypto.hpp"
#include "cxb/base/encoding.hpp"

namespace cxb::api {
namespace {

constexpr std::size_t ticket_bytes = 32;

std::string key_of(std::string_view ticket) {
    return "ticket:" + sha256_hex(ticket);
}

std::string text_of(user_session const& session) {
    return wire::to_text(wire::json_object{{"user", session.user_id},
                                           {"version", session.version},
                                           {"expires", to_epoch_ms(session.expires)}});
}

result<user_session> parse_session(std::string_view text) {
    CXB_TRY(auto const read, wire::parse_json(text));
    if (!read.is_object()) return error{errc::corrupt_data, "ticket cannot be read"};
    auto const& object = read.get_object();
    return user_session{std::string(wire::text_at(object, "user")), wire::int_at(object, "version"),
                        time_point{milliseconds{wire::int_at(object, "expires")}}};
}

// Of several who bring the same ticket one removes it.
store::async<std::optional<user_session>> take_from(store::ephemeral_store& store,
                                                    std::string key) {
    CXB_CO_TRY(auto const found, co_await store.get(key));
    if (!found) co_return std::optional<user_session>{};
    CXB_CO_TRY(bool const mine, co_await store.compare_and_remove(key, *found));
    if (!mine) co_return std::optional<user_session>{};
    CXB_CO_TRY(auto session, parse_session(*found));
    co_return std::optional(std::move(session));
}

}  // namespace

store::async<std::string> event_tickets::issue(user_session session) {
    std::array<std::byte, ticket_bytes> bytes{};
    auto const fresh = [&] {
        random_.fill(bytes);
        return to_base64url({reinterpret_cast<char const*>(bytes.data()), bytes.size()});
    };
    if (shared_ != nullptr) {
        std::string ticket = fresh();
        if (co_await shared_->put(key_of(ticket), text_of(session), life)) co_return ticket;
    }
    // Another one: the shared store may have taken the first although it did not say so, and what
    // lies in two places could be used twice.
    std::string ticket = fresh();
    CXB_CO_CHECK(co_await own_.put(key_of(ticket), text_of(session), life));
    co_return ticket;
}

store::async<user_session> event_tickets::take(std::string ticket) {
    std::string const key = key_of(ticket);
    CXB_CO_TRY(auto found, co_await take_from(own_, key));
    if (!found && shared_ != nullptr) {
        CXB_CO_TRY(found, co_await take_from(*shared_, key));
    }
    if (!found) co_return error{errc::unauthenticated, "Invalid or expired ticket"};
    co_return *std::move(found);
}

}  // namespace cxb::api
