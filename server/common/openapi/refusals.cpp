#include "server/common/openapi/refusals.hpp"

#include <algorithm>
#include <tuple>

#include "cxb/wire/json.hpp"
#include "server/common/http/problem.hpp"

namespace cxb::server {
namespace {

constexpr std::string_view example_id = "01a2022d-3478-7608-aece-b233ef11f3a4";

class refusal_list {
  public:
    // The first one said of a status and code stays.
    void add(errc code, std::string_view when) {
        add({problem_of(code).status, name_of(code), when});
    }
    void add(errc code, std::string_view reason, std::string_view when) {
        add({problem_of(code).status, reason, when});
    }
    void add(route_error const& one) {
        auto const same = [&](route_error const& known) {
            return known.status == one.status && known.code == one.code;
        };
        if (std::ranges::none_of(all_, same)) all_.push_back(one);
    }
    std::vector<route_error> sorted() && {
        std::ranges::sort(all_, [](route_error const& a, route_error const& b) {
            return std::tie(a.status, a.code) < std::tie(b.status, b.code);
        });
        return std::move(all_);
    }

  private:
    std::vector<route_error> all_;
};

void add_access(access who, refusal_list& out) {
    switch (who) {
        case access::unset:
        case access::public_:
        case access::signed_link:
            return;
        case access::core_secret:
        case access::loopback_or_core:
            out.add(errc::forbidden, "The core secret is missing or wrong");
            return;
        case access::api_key_or_admin:
            out.add(errc::unauthenticated, "There is no key and no token, or it is not valid");
            out.add(errc::forbidden, "The key lacks the scope or the bot, or the role is no admin");
            break;
        default:
            out.add(errc::unauthenticated, "There is no token, or it is not valid any more");
            out.add(errc::forbidden, "The role may not do this");
    }
    out.add(errc::forbidden, "password_change_required",
            "The own password was set by somebody else and must be changed first");
}

void add_input(route const& row, refusal_list& out) {
    out.add(errc::malformed, "The request cannot be read: bad JSON, or a bad escape in the URL");
    if (row.pattern.find('{') != std::string_view::npos)
        out.add(errc::not_found, "What the path names does not exist");
    if (has_body(row.method)) {
        out.add(errc::too_large, "The body is longer than the route takes");
        out.add(errc::unsupported_type, "The Content-Type is none that the route takes");
    }
    if (has_body(row.method) || !row.query.empty())
        out.add(errc::invalid, "A member or parameter is wrong; errors[] names each");
}

}  // namespace

std::vector<route_error> refusals_of(route const& row) {
    refusal_list out;
    for (auto const& one : row.doc.errors)
        out.add(one);
    add_access(row.who, out);
    add_input(row, out);
    if (row.idempotent) {
        out.add(errc::conflict, "idempotency_in_flight",
                "A request with this Idempotency-Key is being carried out");
        out.add(errc::conflict, "outcome_unknown",
                "An earlier request with this Idempotency-Key did not come to an end");
        out.add(errc::invalid, "idempotency_key_reused",
                "The Idempotency-Key came with another body before");
    }
    bool const by_secret = row.who == access::core_secret || row.who == access::loopback_or_core;
    if (row.rate != rate_class::none && !by_secret)
        out.add(errc::rate_limited, "Too many requests; Retry-After says when to come again");
    out.add(errc::internal, "A fault of the server; its log has the request id");
    out.add(errc::unavailable, "The store or a queue is busy or away; Retry-After says how long");
    if (row.deadline.count() >= 0)
        out.add(errc::deadline_exceeded, "The request took longer than it may");
    return std::move(out).sorted();
}

std::string example_problem(route_error const& refusal) {
    wire::json_object body{{"type", "about:blank"},    {"title", phrase_of(refusal.status)},
                           {"status", refusal.status}, {"detail", refusal.when},
                           {"code", refusal.code},     {"request_id", example_id}};
    if (refusal.code == name_of(errc::invalid))
        body["errors"] = wire::json_array{
            wire::json_object{{"pointer", "/name"}, {"reason", "required member is missing"}}};
    return wire::to_text(body);
}

std::string_view sentence_for(access who) noexcept {
    switch (who) {
        case access::unset:
            return "";
        case access::public_:
            return "Anybody may call it.";
        case access::core_secret:
            return "Our runtime processes may call it, with the core secret.";
        case access::api_key_or_admin:
            return "An API key with the scope may call it, or an admin or super_admin.";
        case access::user:
            return "Everybody who is signed in may call it.";
        case access::admin:
            return "An admin or super_admin may call it.";
        case access::super_admin:
            return "Only a super_admin may call it.";
        case access::agent_or_supervisor:
            return "An agent or a supervisor may call it.";
        case access::supervisor:
        case access::agent_assist_manager:
            return "A supervisor, admin or super_admin may call it.";
        case access::signed_link:
            return "Whoever holds a signed link or message may call it.";
        case access::loopback_or_core:
            return "Clients of the same machine may call it; others with the core secret.";
    }
    return "";
}

}  // namespace cxb::server
