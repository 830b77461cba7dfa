#include "cli/app/context.hpp"

#include <fstream>
#include <iostream>
#include <iterator>
#include <optional>

#include "cxb/base/encoding.hpp"
#include "cxb/client/api_client.hpp"
#include "cxb/client/blocking.hpp"
#include "cxb/domain/http_url.hpp"

namespace cxb::cli {
namespace {

// How a request showed who asks.
enum class access { none, secret, key, token };

std::string advice(error const& failure, std::string const& url, access by, bool anonymous) {
    if (failure.reason() == "tls")
        return "The certificate there is not valid for this address, or nobody here knows who "
               "issued it: CXB_HTTP_CA_FILE names a file of further roots.";
    switch (exit_code_of(failure)) {
        case exit_code::not_allowed:
            if (by == access::secret)
                return "Set CXB_CORE_SECRET to the secret of the installation.";
            if (anonymous)
                return "A new password: cxb users reset-password, or on the server "
                       "cxb-api reset-password --email YOU.";
            if (by == access::key && failure.code() == errc::unauthenticated)
                return "The API key in CXB_API_KEY is not known, or keys may not do this. People "
                       "sign in: cxb login --email YOU";
            return failure.code() == errc::unauthenticated
                       ? "Sign in: cxb login --email YOU, or set CXB_TOKEN or CXB_API_KEY."
                       : "Your role or key does not allow this.";
        case exit_code::unreachable:
            if (failure.status() != 0)
                return failure.retry_after()
                           ? "Try again in " + std::to_string(failure.retry_after()->count()) +
                                 " s."
                           : std::string();
            return "Is cxb-api running at " + url +
                   "? Set --url or CXB_URL; cxb doctor tells more.";
        default:
            return {};
    }
}

// cxb-api says in words why it refuses; what refuses without stands before it or in its place.
bool is_foreign(error const& failure) {
    return failure.status() != 0 && failure.faults().empty() && failure.members().empty() &&
           failure.detail() == error{failure.code()}.detail();
}

std::string advice_on_foreign(int status) {
    constexpr int redirects = 300;
    constexpr int refusals = 400;
    if (status >= redirects && status < refusals)
        return "It sends elsewhere: give --url or CXB_URL the address that it sends to.";
    switch (status) {
        case refusals:
            return "A port that wants https:// answers so to http://. Check --url or CXB_URL.";
        case 413:
            return "A proxy takes no body of this size (client_max_body_size of nginx).";
        case 502:
        case 503:
        case 504:
            return "A proxy there does not reach cxb-api. Is it running? Its /ready tells.";
        default:
            return "Is it a CX Bridge API? A proxy may have answered in its place. Check --url or "
                   "CXB_URL.";
    }
}

error foreign_refusal(error const& failure, std::string const& url) {
    int const status = failure.status();
    auto code = failure.code();
    // Of a gateway: nobody is behind it. And what another service lacks says nothing of ours.
    if (status == 502) code = errc::unavailable;
    if (status == 404) code = errc::corrupt_data;
    return error{code, url + " answered " + std::to_string(status) + " and does not say why"}
        .with_status(status)
        .with_request_sent(sent_state::yes)
        .with_request_id(failure.request_id())
        .with_member("advice", wire::to_text(wire::json_value(advice_on_foreign(status))));
}

result<void> check_url(std::string const& url) {
    auto const parsed = domain::parse_http_url(url);
    if (parsed) return {};
    return usage_error("'" + url + "' is no address of a cxb-api: " + parsed.error().detail())
        .with_member("advice",
                     R"("Set --url or CXB_URL to something like https://cxb.example.com")");
}

}  // namespace

struct command_context::wiring {
    client::blocking_runner runner;
};

command_context::command_context(surroundings around, global_options global, arguments given)
    : around_(std::move(around)),
      global_(std::move(global)),
      args_(std::move(given)),
      wiring_(std::make_unique<wiring>()) {
    while (global_.url.ends_with('/'))
        global_.url.pop_back();
}
command_context::~command_context() = default;

result<credentials_file> command_context::credentials() const {
    return credentials_file::locate(environment("XDG_CONFIG_HOME"), environment("HOME"));
}

result<secret> command_context::core_secret() const {
    constexpr char const* names[] = {"CXB_CORE_SECRET", "CXBCORE_SECRET", "VOXCORE_SECRET"};
    for (std::string const name : names)
        if (auto text = environment(name); !text.empty()) return secret(std::move(text));
    for (std::string const name : names) {
        auto const file = environment(name + "_FILE");
        if (file.empty()) continue;
        CXB_TRY(auto const text, read_input(file));
        return secret(std::string(trim(text)));
    }
    return secret(std::string(contract::shared_secret::development_secret));
}

result<wire::http_response> command_context::send(remote_call call) {
    CXB_CHECK(check_url(global_.url));
    bool const anonymous = call.anonymous;
    client::client_options options;
    options.base_url = global_.url;
    std::optional<streaming_transport> streaming;
    options.transport = around_.transport;
    if (call.sink) options.transport = &streaming.emplace(*around_.transport, std::move(call.sink));
    options.time = around_.time;
    if (call.use_secret) {
        CXB_TRY(options.keys.current, core_secret());
    } else if (!call.anonymous) {
        options.api_key = secret(environment("CXB_API_KEY"));
        options.bearer = secret(environment("CXB_TOKEN"));
        if (!options.bearer.empty()) options.api_key = {};
        if (options.bearer.empty() && options.api_key.empty()) {
            if (auto const file = credentials()) {
                CXB_TRY(auto const kept, file->find(global_.url));
                if (kept && kept->expires_at > now()) options.bearer = kept->token;
            }
        }
    }
    auto const by = call.use_secret            ? access::secret
                    : !options.api_key.empty() ? access::key
                    : !options.bearer.empty()  ? access::token
                                               : access::none;
    client::api_client api(std::move(options));
    client::send_params params;
    params.method = std::move(call.method);
    params.target = std::move(call.target);
    params.body = std::move(call.body);
    params.headers = std::move(call.headers);
    params.timeout = call.timeout;
    params.use_secret = call.use_secret;
    params.repeatable = call.repeatable;
    auto answer = wiring_->runner.run(api.send(std::move(params)));
    if (answer) return answer;
    error failure = std::move(answer).error();
    if (is_foreign(failure)) return foreign_refusal(failure, global_.url);
    if (auto text = advice(failure, global_.url, by, anonymous); !text.empty())
        return std::move(failure).with_member("advice", wire::to_text(wire::json_value(text)));
    return failure;
}

result<wire::json_value> command_context::ask(remote_call call) {
    bool const reads = call.method == "GET";
    CXB_TRY(auto const answer, send(std::move(call)));
    if (answer.bytes().empty() && !reads) return wire::json_value(wire::json_object{});
    auto parsed = wire::parse_json(answer.bytes());
    if (!parsed)
        return error{errc::corrupt_data, global_.url +
                                             " answered something that is not JSON; is it "
                                             "a CX Bridge API?"};
    return parsed;
}

result<wire::json_object> command_context::ask_object(remote_call call) {
    CXB_TRY(auto value, ask(std::move(call)));
    if (!value.is_object()) return error{errc::corrupt_data, "The answer is not a JSON object"};
    return std::move(value.as_object());
}

result<wire::json_value> command_context::get(std::string target) {
    remote_call call;
    call.target = std::move(target);
    return ask(std::move(call));
}

result<exit_code> command_context::print_export(std::string target, std::string start) {
    remote_call call;
    call.target = std::move(target);
    call.sink = [this, start = std::move(start),
                 first = true](std::string_view piece) mutable -> result<void> {
        auto const seen = std::min(piece.size(), start.size());
        if (std::exchange(first, false) && piece.substr(0, seen) != start.substr(0, seen))
            return error{errc::corrupt_data, global_.url +
                                                 " answered something that is no export; is it "
                                                 "a CX Bridge API?"};
        out() << piece;
        if (out()) return {};
        return error{errc::internal, "Cannot write to standard output"};
    };
    CXB_CHECK(send(std::move(call)));
    out().flush();
    return out() ? exit_code::done : exit_code::failed;
}

result<std::string> command_context::read_input(std::string const& file) const {
    if (file == "-") return std::string{std::istreambuf_iterator<char>(*around_.in), {}};
    std::ifstream in(file, std::ios::binary);
    if (!in) return usage_error("Cannot read " + file);
    return std::string{std::istreambuf_iterator<char>(in), {}};
}

result<wire::json_object> command_context::read_object(std::string const& file) const {
    CXB_TRY(auto const text, read_input(file));
    auto parsed = wire::parse_json(text);
    if (!parsed) return usage_error(file + " is not JSON: " + parsed.error().detail());
    if (!parsed->is_object()) return usage_error(file + " must hold one JSON object");
    return std::move(parsed->as_object());
}

exit_code command_context::print(wire::json_value const& document, std::string const& text) const {
    if (json())
        out() << wire::to_text(document) << '\n';
    else
        out() << text;
    out().flush();
    return exit_code::done;
}

std::string target_of(std::string_view prefix, std::string_view id, std::string_view suffix) {
    return std::string(prefix) + percent_encode(id) + std::string(suffix);
}

wire::json_array items_of(wire::json_value const& list) {
    if (list.is_array()) return list.get_array();
    if (!list.is_object()) return {};
    auto const* items = list.get_object().if_contains("items");
    return items != nullptr && items->is_array() ? items->get_array() : wire::json_array{};
}

void print_error(command_context const& context, error const& failure) {
    std::string advice;
    for (auto const& [name, text] : failure.members())
        if (auto value = wire::parse_json(text); name == "advice" && value && value->is_string())
            advice = value->get_string();
    if (context.json()) {
        wire::json_object shown{{"error", failure.detail()}, {"code", failure.reason()}};
        if (failure.status() != 0) shown["status"] = failure.status();
        if (!failure.request_id().empty()) shown["request_id"] = failure.request_id();
        wire::json_array faults;
        for (auto const& one : failure.faults())
            faults.push_back(wire::json_object{{"pointer", one.pointer}, {"reason", one.reason}});
        if (!faults.empty()) shown["errors"] = std::move(faults);
        if (!advice.empty()) shown["advice"] = advice;
        context.err() << wire::to_text(shown) << '\n';
        return;
    }
    context.err() << "cxb: " << failure.detail() << '\n';
    auto const& faults = failure.faults();
    bool const told =
        faults.size() == 1 && failure.detail() == faults[0].pointer + ": " + faults[0].reason;
    for (auto const& one : told ? std::vector<fault>{} : faults)
        context.err() << "  " << (one.pointer.empty() ? "/" : one.pointer) << ": " << one.reason
                      << '\n';
    if (!failure.request_id().empty())
        context.err() << "  request " << failure.request_id() << '\n';
    if (!advice.empty()) context.err() << "  " << advice << '\n';
}

result<wire::json_object> parse_variables(std::vector<std::string> const& pairs) {
    wire::json_object out;
    for (auto const& pair : pairs) {
        auto const split = pair.find('=');
        if (split == std::string::npos || split == 0)
            return usage_error("'" + pair + "' must have the form NAME=VALUE");
        out[pair.substr(0, split)] = wire::json_value(pair.substr(split + 1));
    }
    return out;
}

}  // namespace cxb::cli
