#include "server/api/config/crm_prefetch.hpp"

#include <algorithm>
#include <variant>

#include "cxb/base/crypto.hpp"
#include "cxb/base/encoding.hpp"
#include "server/api/config/crm_request.hpp"

namespace cxb::api {
namespace {

namespace asio = boost::asio;
using wire::json_object;
using wire::json_value;

constexpr std::size_t max_answer = 256 * limits::kib;
constexpr std::size_t max_members = 500;
constexpr std::size_t max_text = 8 * limits::kib;
constexpr std::size_t max_cached = 10000;

std::string reason_of(error const& cause) {
    switch (cause.code()) {
        case errc::deadline_exceeded:
            return "timeout";
        case errc::blocked:
            return "blocked";
        case errc::too_large:
            return "too_large";
        case errc::upstream_failed:
            return cause.reason() == "tls" ? "tls" : "connect";
        default:
            return "connect";
    }
}

json_value const* at_pointer(json_value const& value, std::string_view pointer) {
    boost::system::error_code failed;
    return value.find_pointer(pointer, failed);
}

void cut_texts(json_value& value) {
    if (value.is_string() && value.as_string().size() > max_text)
        value = json_value(std::string(utf8_prefix(value.as_string(), max_text)));
    else if (value.is_object())
        for (auto& [name, item] : value.as_object())
            cut_texts(item);
    else if (value.is_array())
        for (auto& item : value.as_array())
            cut_texts(item);
}

// The object of the answer and its mapped names, or the word for what is wrong with it.
std::variant<json_object, std::string> shape_answer(pre_call_fetch_block const& block,
                                                    std::string_view body) {
    auto const parsed = wire::parse_json(body);
    if (!parsed) return std::string("not_json");
    auto const* found = at_pointer(*parsed, block.response_path);
    if (found != nullptr && found->is_array() && !found->as_array().empty())
        found = &found->as_array().front();
    if (found == nullptr || !found->is_object()) return std::string("shape");
    if (found->as_object().size() > max_members) return std::string("too_large");
    json_object members = found->as_object();
    for (auto const& [name, pointer] : block.mapping)
        if (auto const* mapped = at_pointer(*found, pointer)) members[name] = *mapped;
    for (auto& [name, value] : members)
        cut_texts(value);
    return members;
}

}  // namespace

struct crm_prefetch::prepared {
    client::outgoing_request request;
    std::string key;
};

struct crm_prefetch::fetched {
    std::variant<json_object, std::string> outcome;
    integration_entry entry;
};

crm_prefetch::prepared crm_prefetch::prepare(pre_call_fetch_block const& block,
                                             call_namespaces const& names,
                                             prefetch_ids const& ids) const {
    domain::template_variables variables;
    variables.call = &names.call;
    variables.crm = &names.crm;
    variables.system = &names.system;
    prepared out;
    auto& message = out.request.message;
    message.method = block.method;
    message.headers = crm_headers(block.headers, variables);
    add_credentials(message.headers, block.auth, variables);
    message.headers.set("Accept", "application/json");
    message.headers.set("User-Agent", std::string("cxb/") + version_string);
    out.request.url = crm_url(block.url, block.query, variables);
    if (block.method != "GET") {
        message.headers.set("Content-Type", "application/json");
        if (block.body)
            message.body = wire::to_text(domain::render_json(block.body->to_value(), variables,
                                                             domain::unresolved_policy::empty));
        else
            message.body = wire::to_text(json_object{{"caller_id", ids.caller_id},
                                                     {"bot_id", ids.bot_id},
                                                     {"session_id", ids.session_id},
                                                     {"variables", names.call}});
    }
    std::string whole = message.method + "\n" + out.request.url + "\n" + message.body;
    for (auto const& [name, value] : message.headers.items())
        whole += "\n" + name + ": " + value;
    out.key = sha256(whole);
    return out;
}

asio::awaitable<crm_prefetch::fetched> crm_prefetch::exchange(pre_call_fetch_block const& block,
                                                              prepared const& request,
                                                              milliseconds at_most) {
    auto const began = time_.steady();
    auto const left = [&] {
        return std::min(block.timeout_ms, at_most) -
               std::chrono::duration_cast<milliseconds>(time_.steady() - began);
    };
    fetched out{std::string("timeout"), {}};
    auto& entry = out.entry;
    entry.at = time_.now();
    entry.kind = "pre_fetch";
    entry.method = request.request.message.method;
    entry.url = request.request.url;
    entry.request = request.request.message.body;
    for (int attempt = 0; attempt <= block.retries && left() > milliseconds{0}; ++attempt) {
        entry.attempt = attempt + 1;
        client::transport_options how;
        how.total = left();
        how.connect = how.total;
        how.max_response_bytes = max_answer;
        auto const answer = co_await outbound_.send(request.request, how);
        if (!answer) {
            out.outcome = reason_of(answer.error());
            if (std::get<std::string>(out.outcome) == "connect") continue;
            break;
        }
        entry.status = answer->status;
        entry.response = std::string(answer->bytes());
        bool const success = answer->status >= 200 && answer->status < 300;
        if (success)
            out.outcome = shape_answer(block, answer->bytes());
        else
            out.outcome = "status_" + std::to_string(answer->status);
        if (answer->status < 500) break;
    }
    entry.took = std::chrono::duration_cast<milliseconds>(time_.steady() - began);
    entry.ok = std::holds_alternative<json_object>(out.outcome);
    if (!entry.ok) entry.error = std::get<std::string>(out.outcome);
    co_return out;
}

std::optional<crm_prefetch::cached> crm_prefetch::look_up(std::string const& key) const {
    std::scoped_lock const lock(mutex_);
    auto const at = cache_.find(key);
    if (at == cache_.end()) return std::nullopt;
    return at->second;
}

void crm_prefetch::keep(std::string const& key, json_object const& members) {
    std::scoped_lock const lock(mutex_);
    if (cache_.size() >= max_cached) cache_.erase(cache_.begin());
    cache_[key] = {members, time_.now()};
}

asio::awaitable<prefetch_outcome> crm_prefetch::run(pre_call_fetch_block block,
                                                    call_namespaces const& names, prefetch_ids ids,
                                                    milliseconds at_most) {
    prepared const request = prepare(block, names, ids);
    bool const caching =
        block.cache_ttl_seconds.count() > 0 || block.stale_if_error_seconds.count() > 0;
    auto const age = [&](cached const& one) { return time_.now() - one.at; };
    auto const fresh = [&]() -> std::optional<prefetch_outcome> {
        auto const kept = caching ? look_up(request.key) : std::nullopt;
        if (!kept || age(*kept) >= block.cache_ttl_seconds) return std::nullopt;
        return prefetch_outcome{kept->members, "", true, false, {}};
    };
    if (auto hit = fresh()) co_return *hit;
    // Others that ask the same meanwhile wait here and are served from what this one keeps.
    std::optional<server::keyed_turn::hold> turn;
    if (block.cache_ttl_seconds.count() > 0) {
        turn.emplace(co_await turns_.take(request.key));
        if (auto hit = fresh()) co_return *hit;
    }
    fetched got = co_await exchange(block, request, at_most);
    prefetch_outcome out;
    out.entry = got.entry;
    if (auto* members = std::get_if<json_object>(&got.outcome)) {
        if (caching) keep(request.key, *members);
        out.members = std::move(*members);
        co_return out;
    }
    out.reason = std::get<std::string>(got.outcome);
    auto const old = caching ? look_up(request.key) : std::nullopt;
    if (old && age(*old) < block.cache_ttl_seconds + block.stale_if_error_seconds) {
        out.members = old->members;
        out.stale = true;
    } else if (auto defaults = block.defaults.to_object(); !defaults.empty()) {
        out.members = std::move(defaults);
    }
    co_return out;
}

}  // namespace cxb::api
