#include "cxb/domain/call_variables.hpp"

#include <algorithm>

#include "cxb/base/encoding.hpp"
#include "cxb/domain/template_text.hpp"

namespace cxb::inline v1 {
namespace domain {
namespace {

bool is_control(char c) {
    return static_cast<unsigned char>(c) < 0x20 || c == '\x7f';
}

std::string without_controls(std::string text) {
    std::erase_if(text, is_control);
    return text;
}

std::string_view without_prefix(std::string_view name) {
    constexpr std::string_view prefix = "sip.h.";
    return iequals(name.substr(0, prefix.size()), prefix) ? name.substr(prefix.size()) : name;
}

wire::json_value const* find_header(wire::json_object const& headers, std::string_view name) {
    auto const found = std::ranges::find_if(
        headers, [&](auto const& member) { return iequals(member.key(), name); });
    return found == headers.end() ? nullptr : &found->value();
}

void add_if_absent(wire::json_object& into, std::string_view name, std::string const& value) {
    if (!into.contains(name)) into.emplace(name, value);
}

}  // namespace

std::string sip_variable_name(std::string_view header) {
    std::string name = to_lower(header);
    std::ranges::replace_if(
        name, [](char c) { return !(c >= 'a' && c <= 'z') && !(c >= '0' && c <= '9'); }, '_');
    return name;
}

std::vector<sip_header_rule> sip_header_rules(wire::json_value const& config) {
    std::vector<sip_header_rule> out;
    auto const* object = config.if_object();
    if (object == nullptr || !wire::bool_at(*object, "enabled")) return out;
    auto const* list = wire::find_path(*object, "headers");
    if (list == nullptr || !list->is_array()) return out;
    for (auto const& item : list->get_array()) {
        auto const* line = item.if_object();
        if (line == nullptr) continue;
        auto const header = trim(wire::text_at(*line, "header"));
        if (header.empty()) continue;
        auto const name = trim(wire::text_at(*line, "name"));
        out.push_back(
            {std::string(header), name.empty() ? sip_variable_name(header) : std::string(name)});
    }
    return out;
}

wire::json_object kept_sip_headers(wire::json_object const& candidates) {
    wire::json_object kept;
    for (auto const& member : candidates) {
        if (kept.size() == max_sip_headers) break;
        if (member.value().is_structured() || member.value().is_null()) continue;
        auto const name = without_controls(std::string(without_prefix(member.key())));
        if (name.size() <= 2 || name.size() > max_sip_header_name) continue;
        if (!iequals(std::string_view(name).substr(0, 2), "x-")) continue;
        if (find_header(kept, name) != nullptr) continue;
        auto const value = without_controls(value_as_text(member.value()));
        kept.emplace(name, utf8_prefix(value, max_sip_header_value));
    }
    return kept;
}

sip_variables select_sip_headers(wire::json_object const& kept,
                                 std::vector<sip_header_rule> const& rules) {
    sip_variables out;
    for (auto const& rule : rules) {
        auto const* value = find_header(kept, without_prefix(rule.header));
        if (value == nullptr) continue;
        out.headers.insert_or_assign(to_lower(without_prefix(rule.header)), *value);
        out.variables.insert_or_assign("sip_header_" + rule.name, *value);
    }
    return out;
}

wire::json_object call_namespace(wire::json_object const& connected_event,
                                 wire::json_object const& sip_header_variables,
                                 call_ids const& ids) {
    wire::json_object call = connected_event;
    overlay(call, sip_header_variables);
    add_if_absent(call, "caller_id", ids.caller_id);
    add_if_absent(call, "stream_id", ids.stream_id);
    add_if_absent(call, "session_id", ids.session_id);
    return call;
}

void overlay(wire::json_object& base, wire::json_object const& over) {
    for (auto const& member : over)
        base.insert_or_assign(member.key(), member.value());
}

wire::json_object effective_crm(wire::json_object const& connected_event,
                                wire::json_object const* mock_crm,
                                wire::json_object const* prefetched) {
    wire::json_object crm = connected_event;
    if (mock_crm != nullptr) overlay(crm, *mock_crm);
    if (prefetched != nullptr) overlay(crm, *prefetched);
    return crm;
}

}  // namespace domain
}  // namespace cxb::inline v1
