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

// None when the bot does not sign; one that does and has no secret cannot send.
result<std::vector<secret>> secrets_of(bot_entry const& bot, time_point now) {
    auto const& block = bot.bot.post_call_push;
    if (!block || !block->sign) return std::vector<secret>{};
    auto const* push = bot.stored.if_contains("post_call_push");
    if (push == nullptr || !push->is_object())
        return error{errc::corrupt_data, "no signing secret"};
    auto found = signing_secrets(push->as_object(), now);
    if (found.empty()) return error{errc::corrupt_data, "no signing secret"};
    return found;
}

}  // namespace

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
                                              json_object const& call, time_point now,
                                              secret const& bearer) {
    CXB_TRY(auto const secrets, secrets_of(bot, now));
    wire::header_list credentials;
    if (auto const& block = bot.bot.post_call_push) {
        auto const variables = variables_of(call, bot, "", now);
        credentials = crm_headers(headers_of(*block, true), variables.view());
        add_credentials(credentials, block->auth, variables.view());
    }
    if (!bearer.empty()) credentials.set("Authorization", "Bearer " + bearer.reveal());
    return attempt_of(push, secrets, now, credentials);
}

std::optional<oauth_client> oauth_client_of(bot_entry const& bot) {
    auto const& block = bot.bot.post_call_push;
    if (!block || block->auth.type != oauth_auth) return std::nullopt;
    auto const& auth = block->auth;
    return oauth_client{auth.token_url, auth.client_id, auth.client_secret, auth.scope};
}

}  // namespace cxb::api
