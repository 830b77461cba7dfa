#include "e2e/http_caller.hpp"

namespace cxb::e2e {

http_caller::http_caller(std::chrono::milliseconds patience)
    : patience_(patience), client_(net::http_client::create().value()) {}

answer http_caller::call(std::string method, std::string url, wire::header_list headers,
                         std::string body) {
    client::outgoing_request request;
    request.url = std::move(url);
    request.message.method = std::move(method);
    request.message.headers = std::move(headers);
    if (!body.empty() && !request.message.headers.has("Content-Type"))
        request.message.headers.set("Content-Type", "application/json");
    request.message.body = std::move(body);
    client::transport_options options;
    options.total = patience_;
    options.max_response_bytes = 16 * limits::mib;
    auto got = runner_.run(client_->send(std::move(request), options));
    answer out;
    if (!got) return out;
    out.status = got->status;
    out.text = std::string(got->bytes());
    out.headers = got->headers;
    if (auto const json = wire::parse_json(out.text); json && json->is_object())
        out.body = json->as_object();
    return out;
}

}  // namespace cxb::e2e
