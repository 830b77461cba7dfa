#include "server/api/carriers/number_lookup.hpp"

#include <algorithm>

#include "cxb/domain/phone_number.hpp"
#include "server/api/carriers/carrier_wanted.hpp"
#include "server/common/model/collections.hpp"

namespace cxb::api {
namespace {

namespace model = server::model;
namespace lookup = contract::lookup;
using wire::json_object;
using wire::json_value;

// Of one number there is one row, and hardly a second one that ends with the same digits.
constexpr std::size_t most_alike = 20;

store::filter outbound_ones() {
    return store::all_of({store::in("direction", {json_value("outbound"), json_value("both")}),
                          store::eq("enabled", true)});
}

bool is_usable(json_object const& did, number_use use, bool with_bot) {
    auto const direction = wire::text_at(did, "direction");
    bool const fits =
        use == number_use::inbound ? serves_inbound(direction) : serves_outbound(direction);
    return fits && wire::bool_at(did, "enabled") &&
           (!with_bot || !wire::text_at(did, "bot_id").empty());
}

// Asked by the number alone, so that its index is the one that is used; the rest is looked at here.
store::async<std::vector<json_object>> usable_among(store::document_store& store,
                                                    store::filter alike, number_use use,
                                                    bool with_bot) {
    store::find_options options;
    options.limit = most_alike;
    CXB_CO_TRY(auto found, co_await store.find(model::dids, std::move(alike), std::move(options)));
    std::erase_if(found.items,
                  [&](json_object const& each) { return !is_usable(each, use, with_bot); });
    co_return std::move(found.items);
}

std::vector<std::string> numbers_of(std::vector<json_object> const& rows) {
    std::vector<std::string> out;
    for (auto const& row : rows)
        out.emplace_back(wire::text_at(row, "number"));
    return out;
}

error no_trunk() {
    return error{errc::not_found, "No outbound trunk available"};
}

lookup::outbound_trunk trunk_of(json_object const& carrier, std::string number) {
    lookup::outbound_trunk out;
    out.trunk_id = wire::text_at(carrier, outbound_trunk.member);
    out.number = std::move(number);
    out.carrier_id = wire::text_at(carrier, "_id");
    out.outbound_cps = wire::number_at(carrier, "outbound_cps", out.outbound_cps);
    out.outbound_burst =
        static_cast<int>(wire::int_at(carrier, "outbound_burst", out.outbound_burst));
    out.outbound_channels =
        static_cast<int>(wire::int_at(carrier, "outbound_channels", out.outbound_channels));
    return out;
}

std::string first_outbound_number(json_object const& carrier) {
    auto const* dids = carrier.if_contains("dids");
    if (dids == nullptr || !dids->is_array()) return {};
    for (auto const& each : dids->get_array())
        if (serves_outbound(wire::text_at(each.get_object(), "direction")))
            return std::string(wire::text_at(each.get_object(), "number"));
    return {};
}

}  // namespace

store::async<std::optional<json_object>> find_did(store::document_store& store, std::string text,
                                                  std::string region, number_use use,
                                                  bool with_bot) {
    std::string const bare = domain::bare_number(text);
    if (bare.empty()) co_return std::nullopt;
    std::string const digits = domain::plain_digits(bare);
    auto same = store::any_of({store::all_of({store::eq("digits", json_value(digits))})});
    if (auto const e164 = domain::to_e164(bare, region))
        same.any.push_back(store::all_of({store::eq("number", json_value(*e164))}));
    CXB_CO_TRY(auto equal, co_await usable_among(store, std::move(same), use, with_bot));
    if (auto const hit = domain::find_number(numbers_of(equal), text, region))
        co_return std::move(equal[*hit]);
    if (digits.size() < domain::subscriber_digits) co_return std::nullopt;
    auto tail = store::all_of({store::eq(
        "last10", json_value(digits.substr(digits.size() - domain::subscriber_digits)))});
    CXB_CO_TRY(auto same_tail, co_await usable_among(store, std::move(tail), use, with_bot));
    if (same_tail.size() != 1) co_return std::nullopt;
    co_return std::move(same_tail.front());
}

store::async<lookup::did_binding> bot_of_number(store::document_store& store, std::string text,
                                                std::string region) {
    CXB_CO_TRY(auto const did, co_await find_did(store, std::move(text), std::move(region),
                                                 number_use::inbound, true));
    if (!did) co_return error{errc::not_found, "No bot mapped to this number"};
    lookup::did_binding out;
    out.bot_id = wire::text_at(*did, "bot_id");
    out.carrier_id = wire::text_at(*did, "carrier_id");
    out.did_id = wire::text_at(*did, "_id");
    co_return out;
}

store::async<lookup::outbound_trunk> trunk_for_number(store::document_store& store,
                                                      std::string text, std::string region) {
    auto where = store::all_of({store::eq("enabled", true), store::exists(outbound_trunk.member)});
    std::string number;
    if (!text.empty()) {
        CXB_CO_TRY(auto const did, co_await find_did(store, std::move(text), std::move(region),
                                                     number_use::outbound, false));
        if (!did) co_return no_trunk();
        number = wire::text_at(*did, "number");
        where.all.push_back(store::eq("_id", json_value(wire::text_at(*did, "carrier_id"))));
    }
    CXB_CO_TRY(auto const carrier,
               co_await store.find_one(model::carriers, std::move(where), {{"created_at", false}}));
    if (!carrier) co_return no_trunk();
    if (number.empty()) number = first_outbound_number(*carrier);
    co_return trunk_of(*carrier, std::move(number));
}

store::async<void> check_from_number(store::document_store& store, std::string text,
                                     std::string region) {
    CXB_CO_TRY(auto const did, co_await find_did(store, std::move(text), std::move(region),
                                                 number_use::outbound, false));
    if (did) co_return result<void>{};
    CXB_CO_TRY(auto const some, co_await store.count(model::dids, outbound_ones(), 1));
    if (some > 0) co_return invalid_member("/from_number", "not an outbound number of a carrier");
    co_return result<void>{};
}

}  // namespace cxb::api
