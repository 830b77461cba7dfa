#pragma once
/// @file
/// What `GET /why/{kind}/{id}` can say (spec 21 §9.2), declared once: the kinds of subjects and,
/// for each, its codes with verdict, words and remedy. The answers, the OpenAPI document and the
/// test that every code can be produced are made of these rows.
///
/// | verdict | means                                                           |
/// |---------|-----------------------------------------------------------------|
/// | ok      | nothing stands in the way; also of codes that only inform        |
/// | waiting | goes on by itself; `next_at` says when, where that is known      |
/// | blocked | stays as it is until somebody does what `fix` says               |
/// | failed  | was tried and went wrong                                         |
///
/// Thread-safety: constant data and pure functions.

#include <span>
#include <string_view>

#include "server/api/why/why_reasons.hpp"

namespace cxb::api {

enum class why_verdict { ok, waiting, blocked, failed };
[[nodiscard]] std::string_view word_of(why_verdict verdict) noexcept;

struct why_code {
    std::string_view kind;
    std::string_view code;
    why_verdict verdict;
    std::string_view text;
    std::string_view fix;
};

/// | member | meaning                                                                        |
/// |--------|--------------------------------------------------------------------------------|
/// | name   | word in the path                                                               |
/// | id     | what its id is, for readers                                                    |
/// | also   | kind whose codes may follow in its answers; "" = none. That one's may follow too |
/// | ask    | finds the reasons                                                              |
struct why_kind {
    std::string_view name;
    std::string_view id;
    std::string_view also;
    why_fn ask;
};

[[nodiscard]] std::span<why_code const> why_codes() noexcept;
[[nodiscard]] std::span<why_kind const> why_kinds() noexcept;

/// Null for a kind that is not known.
[[nodiscard]] why_kind const* find_why_kind(std::string_view name) noexcept;
/// Among the codes of the kind and of those that may follow; null when it is none.
[[nodiscard]] why_code const* find_why_code(why_kind const& kind, std::string_view code) noexcept;

/// JSON Schema of the answer, with every code.
[[nodiscard]] std::string_view why_schema();

}  // namespace cxb::api
