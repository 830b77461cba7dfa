#pragma once
/// @file
/// How the reasons of one subject are found (spec 21 §9.2). Each kind has a function that goes
/// through the rules in the order in which they are applied elsewhere, by the same functions, and
/// notes what holds the subject up. Nothing here writes.
///
/// Evidence holds facts: ids, times, counts, states; never secrets or texts of people, numbers only
/// by their last four digits. What is read is bounded, whatever the subject.
///
/// Errors: `not_found` for a subject that has no code for its absence (a call whose push or
/// recording is asked for); those of the store. Thread-safety: one coroutine per report.

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "cxb/store/document_store.hpp"
#include "server/api/services.hpp"
#include "server/common/http/principal.hpp"

namespace cxb::api {

struct why_kind;
struct why_code;

/// | member   | absent means | meaning                                     |
/// |----------|--------------|---------------------------------------------|
/// | evidence | {}           | what is known of it                         |
/// | since    | not known    | wire time since when it is so               |
/// | next_at  | not known    | wire time when it changes or is tried again |
struct why_facts {
    wire::json_object evidence;
    std::string since;
    std::string next_at;
};

/// What was found, in order. Belongs to one coroutine.
class why_report {
  public:
    why_report(why_kind const& kind, std::string id) : kind_(kind), id_(std::move(id)) {}

    /// A code that the kind does not have is a programming error (`std::logic_error`).
    void add(std::string_view code, why_facts facts = {});
    [[nodiscard]] bool empty() const noexcept { return reasons_.empty(); }
    /// The answer: what holds the subject up comes first, what only informs last, each in the order
    /// of the rules. Without reasons the verdict is `ok`.
    [[nodiscard]] wire::json_object finish(time_point now) const;

  private:
    struct reason {
        why_code const* what;
        why_facts facts;
    };
    [[nodiscard]] static wire::json_object shown_reason(reason const& each);

    why_kind const& kind_;
    std::string id_;
    std::vector<reason> reasons_;
};

/// What an asker works with; outlives the question.
struct why_ask {
    api_services& api;
    server::principal const& caller;
    std::string id;
};
using why_fn = store::async<void> (*)(why_ask const& ask, why_report& out);

store::async<void> why_bot(why_ask const& ask, why_report& out);
store::async<void> why_call(why_ask const& ask, why_report& out);
store::async<void> why_push(why_ask const& ask, why_report& out);
store::async<void> why_recording(why_ask const& ask, why_report& out);
store::async<void> why_worker(why_ask const& ask, why_report& out);
store::async<void> why_number(why_ask const& ask, why_report& out);

/// The hosts together, as a call of any bot finds them: `free` when one is, else what holds up
/// those that come nearest to it first.
store::async<void> why_fleet(api_services& api, why_report& out);

/// `…3210`; "" for less than four digits.
[[nodiscard]] std::string last_digits(std::string_view number);

}  // namespace cxb::api
