#pragma once
/// @file
/// Valid documents to begin a test with: a runtime config and a call result that every reader
/// takes, changed member by member, rightly or wrongly.
///
/// ```cpp
/// auto const config = testing::make_config().set(&runtime_config::timezone, "Asia/Kolkata");
/// net.reply(200, config.text());
/// // What a fake control plane fills in is left out:
/// plane.serve_config("bot-1",
///                    config.without("session_id", "bot_id", "webhook_url").object());
///
/// auto const result = testing::make_result("s-7");
/// call_results const typed = result.set(&call_results::caller_id, "+919876543210");
/// auto const wrong = result.member("transcript", 7).text();   // no reader takes it
/// ```
/// | change          | acts on            | meaning                                              |
/// |-----------------|--------------------|------------------------------------------------------|
/// | set, with       | the typed value    | what the compiler allows                             |
/// | member, without | the JSON text only | a member of the top level as any value, or gone;     |
/// |                 |                    | stands whatever `set` says, in the order of calls    |
///
/// Every change gives a changed copy: one builder may be the base of many cases. The same call
/// gives the same document, always; nothing is drawn or read from a clock.
/// Thread-safety: plain values.

#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "cxb/contract/call_results/call_results.hpp"
#include "cxb/contract/runtime_config/runtime_config.hpp"
#include "cxb/wire/json.hpp"

CXB_EXPORT_BEGIN
namespace cxb::inline v1 {
namespace testing {

/// A document of a contract under construction. `Document` has the functions of `CXB_WIRE_DECLARE`.
template <class Document>
class document_builder {
  public:
    explicit document_builder(Document value) : value_(std::move(value)) {}

    /// One member of the struct: `.set(&call_results::bot_id, "b")`.
    template <class Owner, class Member, class Value>
    [[nodiscard]] document_builder set(Member Owner::* member, Value&& value) const {
        return with([&](Document& into) { into.*member = std::forward<Value>(value); });
    }
    /// Anything: `.with([](call_results& one) { one.transcript->clear(); })`.
    template <class Change>
    [[nodiscard]] document_builder with(Change&& change) const {
        auto out = *this;
        std::forward<Change>(change)(out.value_);
        return out;
    }
    /// A member of the JSON document, also one that breaks the contract or that nobody knows.
    [[nodiscard]] document_builder member(std::string name, wire::json_value value) const {
        auto out = *this;
        out.members_.emplace_back(std::move(name), std::move(value));
        return out;
    }
    /// The JSON document without these members.
    template <class... Names>
    [[nodiscard]] document_builder without(Names const&... names) const {
        auto out = *this;
        (out.members_.emplace_back(names, std::nullopt), ...);
        return out;
    }

    /// The struct, without what `member` and `without` did.
    [[nodiscard]] Document const& value() const noexcept { return value_; }
    operator Document() const { return value_; }  // NOLINT: a builder stands for its document
    /// The document as JSON.
    [[nodiscard]] wire::json_object object() const {
        auto out = wire::parse_json(serialize(value_)).value().as_object();
        for (auto const& [name, value] : members_) {
            out.erase(name);
            if (value) out.emplace(name, *value);
        }
        return out;
    }
    [[nodiscard]] std::string text() const { return wire::to_text(object()); }

  private:
    Document value_;
    std::vector<std::pair<std::string, std::optional<wire::json_value>>> members_;
};

using config_builder = document_builder<contract::runtime_config::runtime_config>;
using result_builder = document_builder<contract::call_results::call_results>;

/// A small config: bot `65f000000000000000000001`, "Hello" as opening message, UTC, no providers.
/// Results go to `http://control-plane.test/api/v1/call-results`.
[[nodiscard]] config_builder make_config(std::string session_id = "session-1");

/// A call of 42 s that the customer ended, with one turn of each side. `result_id` follows from
/// `session_id`: the same session is the same result.
[[nodiscard]] result_builder make_result(std::string session_id = "session-1");

}  // namespace testing
}  // namespace cxb::inline v1
CXB_EXPORT_END
