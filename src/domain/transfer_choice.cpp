#include "cxb/domain/transfer_choice.hpp"

#include <algorithm>
#include <optional>

#include "cxb/base/encoding.hpp"

namespace cxb::inline v1 {
namespace domain {
namespace {

using contract::runtime_config::transfer_method;
using contract::runtime_config::transfer_target;
using contract::runtime_config::transfer_type;

std::optional<transfer_method> native_method(std::string_view transport) noexcept {
    if (transport == "websocket") return transfer_method::websocket_reverse_transfer;
    for (std::string_view const word : {"livekit_inbound", "livekit_outbound", "attach", "sip"})
        if (transport == word) return transfer_method::livekit_sip_refer;
    return std::nullopt;
}

bool has_desk(std::string_view transport) noexcept {
    return transport != "sip" && native_method(transport) == transfer_method::livekit_sip_refer;
}

bool takes(transfer_method method, transfer_type type) noexcept {
    switch (method) {
        case transfer_method::websocket_reverse_transfer:
            return type != transfer_type::agent_queue;
        case transfer_method::livekit_sip_refer:
            return type != transfer_type::agent_queue && type != transfer_type::extension;
        case transfer_method::agent_desk:
            return type == transfer_type::agent_queue;
    }
    return false;
}

bool same_label(std::string_view label, std::string_view requested) noexcept {
    return iequals(trim(label), trim(requested));
}

bool same_id(transfer_target const& target, std::string_view requested) noexcept {
    return target.id && *target.id == requested;
}

transfer_target legacy_target(transfer_method method, std::string const& label,
                              std::string const& number) {
    transfer_target out;
    out.label = label;
    out.method = method;
    out.type = transfer_type::phone_number;
    if (number.starts_with("sip:")) out.type = transfer_type::sip_uri;
    if (number.starts_with("tel:")) out.type = transfer_type::tel_uri;
    out.value = number;
    return out;
}

error unknown_target(std::string_view transport, std::string_view requested,
                     std::span<transfer_target const> targets) {
    std::string detail = "No transfer target \"" + std::string(requested) + "\" for ";
    detail += transport;
    for (auto const& target : targets) {
        if (!same_id(target, requested) && !same_label(target.label, requested)) continue;
        detail += target.enabled ? ": not usable on " + std::string(transport) : ": disabled";
        break;
    }
    return error{errc::invalid, std::move(detail)}.with_reason("no_transfer_target");
}

}  // namespace

bool is_usable_on(std::string_view transport, transfer_target const& target) noexcept {
    auto const method = target.method.known();
    auto const type = target.type.known();
    if (!method || !type || !takes(*method, *type)) return false;
    return method == transfer_method::agent_desk ? has_desk(transport)
                                                 : method == native_method(transport);
}

result<transfer_target> choose_target(std::string_view transport, std::string_view requested,
                                      std::span<transfer_target const> targets,
                                      transfer_numbers const& numbers) {
    auto const native = native_method(transport);
    auto const candidate = [&](auto const& wanted) -> transfer_target const* {
        auto const found = std::ranges::find_if(targets, [&](transfer_target const& target) {
            return target.enabled && is_usable_on(transport, target) && wanted(target);
        });
        return found == targets.end() ? nullptr : &*found;
    };
    if (!trim(requested).empty()) {
        if (auto const* hit = candidate([&](auto const& t) { return same_id(t, requested); }))
            return *hit;
        if (auto const* hit =
                candidate([&](auto const& t) { return same_label(t.label, requested); }))
            return *hit;
        for (auto const& [label, number] : numbers)
            if (native && same_label(label, requested))
                return legacy_target(*native, label, number);
        return unknown_target(transport, requested, targets);
    }
    if (auto const* hit = candidate([](auto const& t) { return t.is_default; })) return *hit;
    if (auto const* hit = candidate([](auto const&) { return true; })) return *hit;
    if (native && !numbers.empty())
        return legacy_target(*native, numbers.begin()->first, numbers.begin()->second);
    return error{errc::invalid, "No transfer target"}.with_reason("no_transfer_target");
}

std::string refer_uri(transfer_target const& target) {
    return target.type.is(transfer_type::phone_number) ? "tel:" + target.value : target.value;
}

}  // namespace domain
}  // namespace cxb::inline v1
