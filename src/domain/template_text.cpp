#include "cxb/domain/template_text.hpp"

#include <algorithm>
#include <array>
#include <optional>
#include <utility>

#include "cxb/base/encoding.hpp"
#include "cxb/contract/runtime_config/request.hpp"

namespace cxb::inline v1 {
namespace domain {
namespace {

constexpr std::size_t max_token_characters = 128;
constexpr std::string_view policy_prefix = "policy.";

constexpr std::array<std::pair<token_namespace, std::string_view>, 8> namespace_words{{
    {token_namespace::flat, "flat"},
    {token_namespace::call, "call"},
    {token_namespace::crm, "crm"},
    {token_namespace::system, "system"},
    {token_namespace::result, "result"},
    {token_namespace::analysis, "analysis"},
    {token_namespace::qc, "qc"},
    {token_namespace::args, "args"},
}};

std::size_t characters_in(std::string_view text) {
    return static_cast<std::size_t>(std::ranges::count_if(
        text, [](char c) { return (static_cast<unsigned char>(c) & 0xC0U) != 0x80U; }));
}

token_namespace namespace_of(std::string_view name) {
    auto const dot = name.find('.');
    if (dot == std::string_view::npos) return token_namespace::flat;
    auto const head = name.substr(0, dot);
    for (auto const& [space, word] : namespace_words) {
        if (word == head && space != token_namespace::flat) return space;
    }
    return token_namespace::flat;
}

std::string_view without_first_segment(std::string_view name) {
    return name.substr(name.find('.') + 1);
}

wire::json_object const* object_of(token_namespace space, template_variables const& variables) {
    switch (space) {
        case token_namespace::call:
            return variables.call;
        case token_namespace::crm:
            return variables.crm;
        case token_namespace::system:
            return variables.system;
        case token_namespace::result:
            return variables.result;
        case token_namespace::analysis:
            return variables.analysis;
        case token_namespace::qc:
            return variables.qc;
        default:
            return nullptr;
    }
}

wire::json_value const* find_in(wire::json_object const* space, std::string_view name) noexcept {
    if (space == nullptr) return nullptr;
    if (auto const* exact = space->if_contains(name)) return exact;
    return name.find('.') == std::string_view::npos ? nullptr : wire::find_path(*space, name);
}

wire::json_value const* find_flat(std::string_view name, template_variables const& v) noexcept {
    for (auto const* space : {v.system, v.crm, v.call}) {
        if (space == nullptr) continue;
        if (auto const* found = space->if_contains(name)) return found;
    }
    return nullptr;
}

void note_unresolved(unresolved_list* list, std::string const& name) {
    if (list != nullptr && std::ranges::find(*list, name) == list->end()) list->push_back(name);
}

wire::json_value const* find_token(template_token const& token,
                                   template_variables const& variables) noexcept {
    std::string_view const name = token.name;
    if (token.space == token_namespace::args) return nullptr;
    if (token.space != token_namespace::flat)
        return find_in(object_of(token.space, variables), without_first_segment(name));
    if (variables.policy != nullptr && name.starts_with(policy_prefix))
        return find_in(variables.policy, name.substr(policy_prefix.size()));
    if (auto const* found = find_flat(name, variables)) return found;
    if (name.find('.') == std::string_view::npos) return nullptr;
    return find_flat(without_first_segment(name), variables);
}

// The token that begins at `open` (a "{{"), if it is one: its trimmed name and where it ends.
std::optional<std::pair<std::string_view, std::size_t>> token_at(std::string_view text,
                                                                 std::size_t open) {
    auto const stop = text.find_first_of("{}\r\n", open + 2);
    if (stop == std::string_view::npos || text.substr(stop, 2) != "}}") return std::nullopt;
    auto const name = trim(text.substr(open + 2, stop - open - 2));
    if (name.empty() || characters_in(name) > max_token_characters) return std::nullopt;
    return std::pair{name, stop + 2};
}

}  // namespace

std::string_view word_of(token_namespace space) noexcept {
    return namespace_words[static_cast<std::size_t>(space)].second;
}

compiled_template::compiled_template(std::string text) : text_(std::move(text)) {
    std::string_view const all = text_;
    std::size_t at = all.find("{{");
    while (at != std::string_view::npos) {
        if (auto const token = token_at(all, at)) {
            auto const& [name, end] = *token;
            pieces_.push_back({at, end, {std::string(name), namespace_of(name)}});
            at = all.find("{{", end);
        } else {
            at = all.find("{{", at + 1);
        }
    }
}

std::vector<template_token> compiled_template::tokens() const {
    std::vector<template_token> out;
    for (auto const& piece : pieces_) {
        if (std::ranges::find(out, piece.token) == out.end()) out.push_back(piece.token);
    }
    return out;
}

// Gives `write` the literal parts and the values in order.
template <class Write>
void compiled_template::walk(template_variables const& variables, unresolved_policy policy,
                             unresolved_list* unresolved, Write write) const {
    std::string_view const all = text_;
    std::size_t done = 0;
    for (auto const& piece : pieces_) {
        write(all.substr(done, piece.begin - done), false);
        done = piece.end;
        auto const original = all.substr(piece.begin, piece.end - piece.begin);
        if (auto const* value = find_token(piece.token, variables)) {
            write(value_as_text(*value), true);
        } else if (piece.token.space == token_namespace::args) {
            write(original, false);
        } else {
            note_unresolved(unresolved, piece.token.name);
            if (policy == unresolved_policy::literal) write(original, false);
        }
    }
    write(all.substr(done), false);
}

std::string compiled_template::render(template_variables const& variables, unresolved_policy policy,
                                      unresolved_list* unresolved) const {
    std::string out;
    out.reserve(text_.size());
    walk(variables, policy, unresolved, [&](std::string_view part, bool) { out.append(part); });
    return out;
}

std::string compiled_template::render_url(template_variables const& variables,
                                          unresolved_policy policy,
                                          unresolved_list* unresolved) const {
    std::string out;
    walk(variables, policy, unresolved, [&](std::string_view part, bool is_value) {
        bool const names_base = out.find("://") == std::string::npos;
        out.append(is_value && !names_base ? percent_encode(part) : std::string(part));
    });
    return out;
}

std::string render_template(std::string_view text, template_variables const& variables,
                            unresolved_policy policy, unresolved_list* unresolved) {
    if (text.find("{{") == std::string_view::npos) return std::string(text);
    return compiled_template{std::string(text)}.render(variables, policy, unresolved);
}

wire::json_value render_json(wire::json_value const& value, template_variables const& variables,
                             unresolved_policy policy, unresolved_list* unresolved) {
    if (auto const* text = value.if_string())
        return wire::json_value(render_template(*text, variables, policy, unresolved));
    if (auto const* list = value.if_array()) {
        wire::json_array out;
        out.reserve(list->size());
        for (auto const& item : *list)
            out.push_back(render_json(item, variables, policy, unresolved));
        return out;
    }
    if (auto const* object = value.if_object()) {
        wire::json_object out;
        out.reserve(object->size());
        for (auto const& member : *object)
            out.emplace(member.key(), render_json(member.value(), variables, policy, unresolved));
        return out;
    }
    return value;
}

wire::json_value const* find_variable(std::string_view name,
                                      template_variables const& variables) noexcept {
    return find_token({std::string(name), namespace_of(name)}, variables);
}

std::string value_as_text(wire::json_value const& value) {
    return contract::runtime_config::stringify_value(value);
}

bool has_unclosed_token(std::string_view text) noexcept {
    std::size_t at = 0;
    while ((at = text.find("{{", at)) != std::string_view::npos) {
        auto const close = text.find("}}", at + 2);
        if (close == std::string_view::npos || text.find("{{", at + 2) < close) return true;
        at = close + 2;
    }
    return false;
}

}  // namespace domain
}  // namespace cxb::inline v1
