#include "server/api/push/push_request.hpp"

#include "cxb/contract/webhook/signature.hpp"
#include "cxb/domain/masking.hpp"
#include "cxb/domain/push_variables.hpp"
#include "server/api/config/crm_request.hpp"

namespace cxb::api {
namespace {

namespace webhook = contract::webhook;
using wire::json_object;

domain::push_variables variables_of(json_object const& call, bot_entry const& bot,
                                    std::string const& base, time_point now) {
    domain::push_context context;
    context.zone = domain::time_zone_or_utc(bot.bot.timezone);
    context.base_url = base;
    context.now = now;
    if (auto const* config = bot.stored.if_contains("sip_header_config"))
        context.sip_header_config = *config;
    return domain::build_push_variables(call, context);
}

// Those that hold secrets by their name, or the others.
std::map<std::string, std::string> headers_of(post_call_push_block const& push, bool secret) {
    auto out = push.headers;
    std::erase_if(out, [secret](auto const& header) {
        return domain::is_secret_header(header.first) != secret;
    });
    return out;
}

// Newest first; the old secret signs along until its time is over.
std::vector<secret> signing_secrets(bot_entry const& bot, time_point now) {
    std::vector<secret> out;
    auto const* push = bot.stored.if_contains("post_call_push");
    if (push == nullptr || !push->is_object()) return out;
    auto const& stored = push->as_object();
    if (auto const current = wire::text_at(stored, "signing_secret"); !current.empty())
        out.emplace_back(std::string(current));
    auto const old = wire::text_at(stored, "signing_secret_old");
    if (!old.empty() && wire::text_at(stored, "signing_old_until") > format_timestamp(now))
        out.emplace_back(std::string(old));
    return out;
}

}  // namespace

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

result<frozen_push> render_push(post_call_push_block const& push, json_object const& call,
                                bot_entry const& bot, std::string const& base, time_point now,
                                random_source& random) {
    auto const variables = variables_of(call, bot, base, now);
    auto const view = variables.view();
    json_object const fields =
        domain::render_push_body(push.key_mapper.to_object(), variables, call);
    frozen_push out;
    out.webhook_id = webhook::make_id(now, random);
    out.method = push.method;
    out.url = crm_url(push.url, {}, view);
    out.headers = crm_headers(headers_of(push, false), view);
    out.headers.set("User-Agent", std::string("cxb/") + version_string);
    if (push.method == "GET") {
        std::string const query = domain::push_fields_text(fields);
        if (!query.empty()) out.url += (out.url.find('?') == std::string::npos ? "?" : "&") + query;
    } else if (push.format == "form") {
        out.headers.set("Content-Type", push_form_type);
        out.body = domain::push_fields_text(fields);
    } else {
        out.headers.set("Content-Type", "application/json");
        out.body = wire::to_text(fields);
    }
    if (out.body.size() + out.url.size() > limits::results_body)
        return error{errc::too_large, "too_large"}.with_reason("too_large");
    return out;
}

result<client::outgoing_request> push_attempt(frozen_push const& push, bot_entry const& bot,
                                              json_object const& call, time_point now) {
    client::outgoing_request out{push.url, {}};
    out.message.method = push.method;
    out.message.headers = push.headers;
    out.message.body = push.body;
    auto& headers = out.message.headers;
    auto const& block = bot.bot.post_call_push;
    if (block) {
        auto const variables = variables_of(call, bot, "", now);
        auto const secrets = crm_headers(headers_of(*block, true), variables.view());
        for (auto const& [name, value] : secrets.items())
            headers.set(name, value);
        add_credentials(headers, block->auth, variables.view());
    }
    headers.set("Idempotency-Key", push.webhook_id);
    if (block && block->sign) {
        auto const secrets = signing_secrets(bot, now);
        CXB_CHECK(webhook::add_headers(headers, secrets, push.webhook_id, now, push.body));
    } else {
        headers.set("webhook-id", push.webhook_id);
        headers.set("webhook-timestamp", std::to_string(to_epoch_ms(now) / 1000));
    }
    return out;
}

}  // namespace cxb::api
