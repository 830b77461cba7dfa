#pragma once
/// @file
/// Texts with `{{ tokens }}`: read once, rendered for every call (spec 20 §6).
///
/// Token: any text of 1–128 characters without braces or line breaks, blanks around trimmed.
/// Rendering is one pass; values are never expanded again. Case counts.
/// | token begins                                          | read in                            |
/// |-------------------------------------------------------|------------------------------------|
/// | `call.` `crm.` `system.` `result.` `analysis.` `qc.`  | that namespace only                |
/// | `policy.`                                             | `policy` if given, else as flat    |
/// | `args.`                                               | nowhere: it belongs to tool calls  |
/// | anything else (flat)                                  | system, then crm, then call        |
///
/// In a namespace: exact key first, then dots as nesting. Flat: exact key; if it holds a dot, the
/// same again without its first segment. `args.*` always stays literal.
///
/// Unresolved tokens stay literally (prompts, messages) or become "" (CRM requests); present but
/// null or "" counts as resolved to "".
///
/// Example: with crm `{NAME:"Asha"}`, `Hello {{NAME}}` becomes `Hello Asha`.
/// Failures: none; every text is a template. Ownership: a `compiled_template` owns its text,
/// `template_variables` only borrows. Thread-safety: const use from any thread.

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "cxb/wire/json.hpp"

CXB_EXPORT_BEGIN
namespace cxb::inline v1 {
namespace domain {

/// The namespaces at hand; a null one knows nothing. The objects must outlive the rendering.
struct template_variables {
    wire::json_object const* call = nullptr;
    wire::json_object const* crm = nullptr;
    wire::json_object const* system = nullptr;
    wire::json_object const* result = nullptr;
    wire::json_object const* analysis = nullptr;
    wire::json_object const* qc = nullptr;
    wire::json_object const* policy = nullptr;  ///< only inside policy texts
};

enum class unresolved_policy {
    literal,  ///< the token stays as it was written
    empty,    ///< ""
};

enum class token_namespace { flat, call, crm, system, result, analysis, qc, args };

/// `flat`, `call`, … as shown by `GET /bots/{id}/variables`.
[[nodiscard]] std::string_view word_of(token_namespace space) noexcept;

/// One token as used by a text.
struct template_token {
    std::string name;  ///< trimmed, with its namespace: `crm.addr.city`
    token_namespace space = token_namespace::flat;
    friend bool operator==(template_token const&, template_token const&) = default;
};

/// Names of tokens that found no value, each once, in order of appearance.
using unresolved_list = std::vector<std::string>;

class compiled_template {
  public:
    compiled_template() = default;
    explicit compiled_template(std::string text);

    [[nodiscard]] std::string const& text() const noexcept { return text_; }
    [[nodiscard]] bool has_tokens() const noexcept { return !pieces_.empty(); }
    /// Tokens in order of appearance, each once; `args.*` included.
    [[nodiscard]] std::vector<template_token> tokens() const;

    [[nodiscard]] std::string render(template_variables const& variables, unresolved_policy policy,
                                     unresolved_list* unresolved = nullptr) const;
    /// For URLs: values are percent-encoded, except those before `://`, which name the base.
    [[nodiscard]] std::string render_url(template_variables const& variables,
                                         unresolved_policy policy,
                                         unresolved_list* unresolved = nullptr) const;

  private:
    struct piece {
        std::size_t begin;  ///< of `{{`
        std::size_t end;    ///< after `}}`
        template_token token;
    };
    template <class Write>
    void walk(template_variables const&, unresolved_policy, unresolved_list*, Write) const;

    std::string text_;
    std::vector<piece> pieces_;
};

/// Compile and render at once, for texts used a single time.
[[nodiscard]] std::string render_template(std::string_view text,
                                          template_variables const& variables,
                                          unresolved_policy policy,
                                          unresolved_list* unresolved = nullptr);

/// Renders every string inside `value`, at any depth; member names stay as they are.
[[nodiscard]] wire::json_value render_json(wire::json_value const& value,
                                           template_variables const& variables,
                                           unresolved_policy policy,
                                           unresolved_list* unresolved = nullptr);

/// Value of one token name; null pointer when unresolved (`args.*` always is).
[[nodiscard]] wire::json_value const* find_variable(std::string_view name,
                                                    template_variables const& variables) noexcept;

/// String as is; null ""; integer without point; other number shortest round-trip; `true`/`false`;
/// arrays and objects compact JSON, non-ASCII unescaped: the same texts that
/// `contract::runtime_config::stringify_variables` puts on the wire.
[[nodiscard]] std::string value_as_text(wire::json_value const& value);

/// A `{{` that no `}}` follows before the next `{{`: refused where a template is saved.
[[nodiscard]] bool has_unclosed_token(std::string_view text) noexcept;

}  // namespace domain
}  // namespace cxb::inline v1
CXB_EXPORT_END
