#include "server/api/push/frozen_push.hpp"

#include "cxb/contract/webhook/signature.hpp"

namespace cxb::api {

namespace webhook = contract::webhook;
using wire::json_object;

json_object to_json(frozen_push const& push) {
    wire::json_array headers;
    for (auto const& [name, value] : push.headers.items())
        headers.push_back(wire::json_array{wire::json_value(name), wire::json_value(value)});
    return {{"webhook_id", push.webhook_id},
            {"method", push.method},
            {"url", push.url},
            {"headers", std::move(headers)},
            {"body", push.body}};
}

result<frozen_push> parse_frozen_push(json_object const& stored) {
    frozen_push out;
    out.webhook_id = wire::text_at(stored, "webhook_id");
    out.method = wire::text_at(stored, "method");
    out.url = wire::text_at(stored, "url");
    out.body = wire::text_at(stored, "body");
    auto const* headers = stored.if_contains("headers");
    if (out.webhook_id.empty() || headers == nullptr || !headers->is_array())
        return error{errc::corrupt_data, "frozen request cannot be read"};
    for (auto const& pair : headers->as_array())
        if (pair.is_array() && pair.as_array().size() == 2)
            out.headers.add(std::string(pair.as_array()[0].as_string()),
                            std::string(pair.as_array()[1].as_string()));
    return out;
}

result<client::outgoing_request> attempt_of(frozen_push const& push,
                                            std::span<secret const> secrets, time_point now,
                                            wire::header_list const& credentials) {
    client::outgoing_request out{push.url, {}};
    out.message.method = push.method;
    out.message.headers = push.headers;
    out.message.body = push.body;
    auto& headers = out.message.headers;
    for (auto const& [name, value] : credentials.items())
        headers.set(name, value);
    headers.set("Idempotency-Key", push.webhook_id);
    if (secrets.empty()) {
        headers.set("webhook-id", push.webhook_id);
        headers.set("webhook-timestamp", std::to_string(to_epoch_ms(now) / 1000));
    } else {
        CXB_CHECK(webhook::add_headers(headers, secrets, push.webhook_id, now, push.body));
    }
    return out;
}

std::vector<secret> signing_secrets(json_object const& document, time_point now) {
    std::vector<secret> out;
    if (auto const current = wire::text_at(document, "signing_secret"); !current.empty())
        out.emplace_back(std::string(current));
    auto const old = wire::text_at(document, "signing_secret_old");
    if (!old.empty() && wire::text_at(document, "signing_old_until") > format_timestamp(now))
        out.emplace_back(std::string(old));
    return out;
}

void replace_signing_secret(json_object& document, secret const& fresh, time_point old_until) {
    if (auto const current = wire::text_at(document, "signing_secret"); !current.empty()) {
        document["signing_secret_old"] = wire::json_value(std::string(current));
        document["signing_old_until"] = format_timestamp(old_until);
    }
    document["signing_secret"] = fresh.reveal();
}

}  // namespace cxb::api
