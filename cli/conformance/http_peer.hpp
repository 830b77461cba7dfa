#pragma once
/// @file
/// HTTP as the kit speaks it: blocking, every request and its answer kept for the report, secrets
/// in them replaced by `***`. An answer that did not come has status 0 and a reason.

#include <chrono>
#include <string>
#include <string_view>
#include <vector>

#include "cxb/client/blocking.hpp"
#include "cxb/client/transport.hpp"
#include "cxb/wire/http_message.hpp"
#include "cxb/wire/json.hpp"

namespace cxb::cli::conformance {

/// One request as it is printed.
struct exchange {
    std::string request;  ///< `POST http://…`
    std::vector<std::string> headers;
    std::string request_body;
    int status = 0;
    std::string answer;  ///< body, or why there is none
};

struct answer {
    int status = 0;
    wire::header_list headers;
    std::string text;
    wire::json_value body;  ///< null when the text is no JSON
    std::string failure;    ///< why there is no answer

    /// `{}` when the body is no object.
    [[nodiscard]] wire::json_object const& object() const noexcept;
    [[nodiscard]] std::string text_at(std::string_view path) const;
    /// `403 {"detail":…}` or `no answer: …`, for reasons.
    [[nodiscard]] std::string summary() const;
};

struct ask {
    std::string method = "GET";
    std::string url;
    wire::header_list headers;
    std::string body;
    std::chrono::milliseconds timeout{20000};
    bool typed = true;  ///< a body is sent as application/json unless `headers` say otherwise
};

class http_peer {
  public:
    explicit http_peer(client::transport& transport) : transport_(transport) {}

    answer send(ask what);
    /// All at once; answers in the order of the questions.
    std::vector<answer> send_all(std::vector<ask> all);
    /// What was said since the last call of this.
    [[nodiscard]] std::vector<exchange> take_exchanges();

  private:
    boost::asio::awaitable<answer> exchange_one(ask what);
    void keep(ask const& what, answer const& got);

    client::transport& transport_;
    client::blocking_runner runner_;
    std::vector<exchange> kept_;
};

/// Text of a body for people: values of members named like secrets are `***`, long ones are cut.
[[nodiscard]] std::string shown_body(std::string_view text);

}  // namespace cxb::cli::conformance
