#pragma once
// One operation of a client: tries, waits and the deadline around the transport.

#include "cxb/client/client_options.hpp"
#include "cxb/client/response_error.hpp"
#include "cxb/client/retry_policy.hpp"
#include "cxb/wire/parse_options.hpp"

namespace cxb::inline v1 {
namespace client {

enum class credentials { none, core_secret, key_or_bearer };

// What is sent and how hard it is tried.
struct exchange_plan {
    std::string method = "GET";
    std::string url;  // absolute
    std::string body;
    wire::header_list headers;
    credentials who = credentials::none;
    repeat_rule rule = repeat_rule::never;
    std::chrono::milliseconds each{15000};
    std::chrono::milliseconds all{0};  // 0: full time for every try
    int most_tries = 0;                // 0: as many as the policy has
    bool stream = false;               // the answer's body is left to the caller
    std::size_t max_response_bytes = limits::mib;
};

class exchange_point {
  public:
    explicit exchange_point(client_options options);
    // The 2xx answer, or the error of the last try.
    [[nodiscard]] async<wire::http_response> send(exchange_plan plan, call_options how);
    [[nodiscard]] std::string url(std::string_view target) const;
    // `given`, or the client's own address of `target`.
    [[nodiscard]] std::string url_or(std::string given, std::string_view target) const;
    [[nodiscard]] retry_budget const& budget() const noexcept { return budget_; }
    [[nodiscard]] clock const& time() const noexcept { return *options_.time; }
    [[nodiscard]] random_source& random() const noexcept { return *options_.random; }

  private:
    [[nodiscard]] wire::header_list headers(exchange_plan const& plan,
                                            call_options const& how) const;
    [[nodiscard]] async<wire::http_response> try_once(outgoing_request request,
                                                      transport_options limits) const;
    client_options options_;
    retry_budget budget_;
};

// Reads a 2xx body; `corrupt_data` when it breaks the contract.
template <class T>
[[nodiscard]] result<T> read_answer(result<wire::http_response> const& answer,
                                    result<T> (*parse)(std::string_view, wire::parse_options)) {
    if (!answer) return answer.error();
    auto parsed = parse(answer->bytes(), {});
    if (parsed) return parsed;
    return unreadable_answer(parsed.error(), answer->status);
}

// "" = none. Errors: `invalid` for one over 255 characters.
[[nodiscard]] result<void> add_idempotency_key(exchange_plan& plan, std::string key);

// The whole of an operation that ends with one document.
template <class T>
[[nodiscard]] async<T> ask(exchange_point& point, exchange_plan plan, call_options how,
                           result<T> (*parse)(std::string_view, wire::parse_options)) {
    auto const answer = co_await point.send(std::move(plan), std::move(how));
    co_return read_answer<T>(answer, parse);
}

}  // namespace client
}  // namespace cxb::inline v1
