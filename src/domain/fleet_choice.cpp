#include "cxb/domain/fleet_choice.hpp"

#include <algorithm>

namespace cxb::inline v1 {
namespace domain {
namespace {

fleet_hold* find_hold(fleet_holds& holds, std::string_view id) {
    auto const found = std::ranges::find(holds, id, &fleet_hold::id);
    return found == holds.end() ? nullptr : &*found;
}

bool is_over(fleet_hold const& hold, time_point now) {
    return hold.until <= now || hold.until > now + longest_hold;
}

std::optional<time_point> time_at(wire::json_object const& object, std::string_view name) {
    auto const read = parse_timestamp(wire::text_at(object, name));
    return read ? std::optional{*read} : std::nullopt;
}

}  // namespace

int counted_holds(fleet_holds const& holds, time_point now, time_point probe_sent_at) {
    return static_cast<int>(std::ranges::count_if(holds, [&](fleet_hold const& hold) {
        if (is_over(hold, now)) return false;
        return !hold.accepted_at || probe_sent_at < *hold.accepted_at + probe_blindness;
    }));
}

fleet_holds drop_expired(fleet_holds holds, time_point now) {
    std::erase_if(holds, [&](fleet_hold const& hold) { return is_over(hold, now); });
    return holds;
}

std::optional<fleet_holds> reserve(fleet_holds holds, int fleet_available, std::string id,
                                   time_point now, time_point probe_sent_at, seconds lifetime) {
    holds = drop_expired(std::move(holds), now);
    if (counted_holds(holds, now, probe_sent_at) >= fleet_available) return std::nullopt;
    holds.push_back({std::move(id), now + lifetime, std::nullopt});
    return holds;
}

std::optional<fleet_holds> renew(fleet_holds holds, std::string_view id, time_point now,
                                 seconds lifetime) {
    auto* const hold = find_hold(holds, id);
    if (hold == nullptr) return std::nullopt;
    hold->until = now + lifetime;
    return drop_expired(std::move(holds), now);
}

fleet_holds release(fleet_holds holds, std::string_view id, time_point now) {
    std::erase_if(holds, [&](fleet_hold const& hold) { return hold.id == id; });
    return drop_expired(std::move(holds), now);
}

fleet_holds accept(fleet_holds holds, std::string_view id, time_point now) {
    fleet_hold accepted{std::string(id), now + accepted_hold_lifetime, now};
    if (auto* const hold = find_hold(holds, id)) {
        *hold = std::move(accepted);
    } else {
        holds.push_back(std::move(accepted));
    }
    return drop_expired(std::move(holds), now);
}

wire::json_array to_json(fleet_holds const& holds) {
    wire::json_array out;
    for (auto const& hold : holds) {
        wire::json_object item{{"id", hold.id}, {"until", format_timestamp(hold.until)}};
        if (hold.accepted_at) item["accepted_at"] = format_timestamp(*hold.accepted_at);
        out.push_back(std::move(item));
    }
    return out;
}

fleet_holds parse_fleet_holds(wire::json_value const& value) {
    fleet_holds out;
    auto const* list = value.if_array();
    if (list == nullptr) return out;
    for (auto const& item : *list) {
        auto const* object = item.if_object();
        auto const until = object != nullptr ? time_at(*object, "until") : std::nullopt;
        if (!until) continue;
        out.push_back(
            {std::string(wire::text_at(*object, "id")), *until, time_at(*object, "accepted_at")});
    }
    return out;
}

std::optional<std::size_t> choose_host(std::span<fleet_candidate const> hosts,
                                       random_source& random) {
    std::optional<std::size_t> best;
    std::uint64_t ties = 0;
    for (std::size_t i = 0; i < hosts.size(); ++i) {
        int const available = hosts[i].total_available();
        if (!hosts[i].healthy || available <= 0) continue;
        if (!best || available > hosts[*best].total_available()) {
            best = i;
            ties = 1;
        } else if (available == hosts[*best].total_available() && random.below(++ties) == 0) {
            best = i;  // reservoir of size one: each of n equal hosts has chance 1/n
        }
    }
    return best;
}

std::vector<std::size_t> rank_hosts(std::span<fleet_candidate const> hosts, random_source& random) {
    std::vector<fleet_candidate> left(hosts.begin(), hosts.end());
    std::vector<std::size_t> order;
    while (auto const next = choose_host(left, random)) {
        order.push_back(*next);
        left[*next].healthy = false;
    }
    return order;
}

}  // namespace domain
}  // namespace cxb::inline v1
