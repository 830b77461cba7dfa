#include "server/api/config/crm_prefetch.hpp"

#include <algorithm>
#include <boost/asio/as_tuple.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/this_coro.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <variant>

#include "cxb/base/crypto.hpp"
#include "cxb/base/encoding.hpp"
#include "server/api/config/crm_request.hpp"
#include "server/common/cut_texts.hpp"

namespace cxb::api {
namespace {

namespace asio = boost::asio;
using wire::json_object;
using wire::json_value;

constexpr std::size_t max_members = 500;
constexpr std::size_t max_text = 8 * limits::kib;
constexpr std::size_t max_cached = 10000;
constexpr std::size_t max_cached_bytes = 64 * limits::mib;

json_value const* at_pointer(json_value const& value, std::string_view pointer) {
    boost::system::error_code failed;
    return value.find_pointer(pointer, failed);
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
        server::cut_texts(value, max_text);
    return members;
}

void describe(integration_entry& entry, client::outgoing_request const& request) {
    entry.kind = "pre_fetch";
    entry.method = request.message.method;
    entry.url = request.url;
    entry.request = request.message.body;
}

}  // namespace

client::outgoing_request prefetch_request(pre_call_fetch_block const& block,
                                          call_namespaces const& names, prefetch_ids const& ids) {
    domain::template_variables variables;
    variables.call = &names.call;
    variables.crm = &names.crm;
    variables.system = &names.system;
    client::outgoing_request out;
    auto& message = out.message;
    message.method = block.method;
    message.headers = crm_headers(block.headers, variables);
    add_credentials(message.headers, block.auth, variables);
    if (!message.headers.has("Accept")) message.headers.set("Accept", "application/json");
    message.headers.set("User-Agent", std::string("cxb/") + version_string);
    out.url = crm_url(block.url, block.query, variables);
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
    return out;
}

std::string prefetch_fault(pre_call_fetch_block const& block, std::string_view body) {
    auto const shaped = shape_answer(block, body);
    auto const* word = std::get_if<std::string>(&shaped);
    return word == nullptr ? std::string() : *word;
}

struct crm_prefetch::prepared {
    client::outgoing_request request;
    std::string key;
};

struct crm_prefetch::fetched {
    std::variant<json_object, std::string> outcome;
    integration_entry entry;
};

// One exchange and those who wait for it. Guarded by the mutex of the cache.
struct crm_prefetch::flight {
    std::optional<fetched> outcome;
    std::vector<std::shared_ptr<asio::steady_timer>> waiting;
};

// How a caller takes part: the cache answers, or it leads a flight, or it waits for one.
struct crm_prefetch::joined {
    std::shared_ptr<json_object const> hit;
    std::shared_ptr<crm_prefetch::flight> flight;
    std::shared_ptr<asio::steady_timer> timer;  ///< of those who wait
};

// Wakes the others whatever becomes of the one that leads.
struct crm_prefetch::landing {
    crm_prefetch& owner;
    std::string const& key;
    flight& mine;
    bool keep_answer;
    std::optional<fetched> outcome;
    ~landing() { owner.land(key, mine, std::move(outcome), keep_answer); }
};

crm_prefetch::prepared crm_prefetch::prepare(pre_call_fetch_block const& block,
                                             call_namespaces const& names,
                                             prefetch_ids const& ids) const {
    prepared out;
    out.request = prefetch_request(block, names, ids);
    auto const& message = out.request.message;
    std::string whole = message.method + "\n" + out.request.url + "\n" + message.body;
    for (auto const& [name, value] : message.headers.items())
        whole.append("\n").append(name).append(": ").append(value);
    // What is shared is shaped already.
    whole.append("\n").append(block.response_path);
    for (auto const& [name, pointer] : block.mapping)
        whole.append("\n").append(name).append("=").append(pointer);
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
    describe(entry, request.request);
    for (int attempt = 0; attempt <= block.retries && left() > milliseconds{0}; ++attempt) {
        entry.attempt = attempt + 1;
        client::transport_options how;
        how.total = left();
        how.connect = how.total;
        how.max_response_bytes = max_prefetch_answer;
        auto const answer = co_await outbound_.send(request.request, how);
        if (!answer) {
            out.outcome = crm_fault_word(answer.error());
            entry.status = answer.error().status();
            if (std::get<std::string>(out.outcome) == "connect" || entry.status >= 500) continue;
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

// The caller holds the mutex.
std::shared_ptr<json_object const> crm_prefetch::look_up(std::string const& key,
                                                         seconds younger_than) const {
    auto const at = cache_.find(key);
    if (at == cache_.end() || time_.steady() - at->second.at >= younger_than) return nullptr;
    return at->second.members;
}

// The caller holds the mutex.
void crm_prefetch::keep(std::string const& key, json_object const& members, std::size_t bytes) {
    auto const drop = [&](auto at) {
        cached_bytes_ -= at->second.bytes;
        cache_.erase(at);
    };
    if (auto const old = cache_.find(key); old != cache_.end()) drop(old);
    while (!cache_.empty() &&
           (cache_.size() >= max_cached || cached_bytes_ + bytes > max_cached_bytes))
        drop(cache_.begin());
    cache_[key] = {std::make_shared<json_object const>(members), bytes, time_.steady()};
    cached_bytes_ += bytes;
}

crm_prefetch::joined crm_prefetch::join(pre_call_fetch_block const& block, std::string const& key,
                                        asio::any_io_executor const& executor) {
    std::scoped_lock const lock(mutex_);
    joined out;
    out.hit = look_up(key, block.cache_ttl_seconds);
    if (out.hit) return out;
    auto& open = flights_[key];
    if (open) {
        out.timer = std::make_shared<asio::steady_timer>(executor);
        open->waiting.push_back(out.timer);
    } else {
        open = std::make_shared<flight>();
    }
    out.flight = open;
    return out;
}

void crm_prefetch::land(std::string const& key, flight& done, std::optional<fetched> outcome,
                        bool keep_answer) {
    std::scoped_lock const lock(mutex_);
    auto const* members = outcome ? std::get_if<json_object>(&outcome->outcome) : nullptr;
    if (members != nullptr && keep_answer) keep(key, *members, outcome->entry.response.size());
    done.outcome = std::move(outcome);
    flights_.erase(key);
    for (auto const& timer : done.waiting)
        asio::post(timer->get_executor(), [timer] { timer->cancel(); });
}

asio::awaitable<crm_prefetch::fetched> crm_prefetch::fly(joined const& with,
                                                         pre_call_fetch_block const& block,
                                                         prepared const& request,
                                                         milliseconds at_most) {
    if (!with.timer) {
        bool const caching =
            block.cache_ttl_seconds.count() > 0 || block.stale_if_error_seconds.count() > 0;
        landing end{*this, request.key, *with.flight, caching, {}};
        end.outcome = co_await exchange(block, request, at_most);
        co_return *end.outcome;
    }
    auto const began = time_.steady();
    with.timer->expires_after(std::min(block.timeout_ms, at_most));
    co_await with.timer->async_wait(asio::as_tuple(asio::use_awaitable));
    std::scoped_lock const lock(mutex_);
    if (with.flight->outcome) co_return *with.flight->outcome;
    fetched late{std::string("timeout"), {}};
    describe(late.entry, request.request);
    late.entry.at = time_.now();
    late.entry.took = std::chrono::duration_cast<milliseconds>(time_.steady() - began);
    late.entry.error = "timeout";
    co_return late;
}

asio::awaitable<prefetch_outcome> crm_prefetch::run(pre_call_fetch_block block,
                                                    call_namespaces const& names, prefetch_ids ids,
                                                    milliseconds at_most) {
    auto const executor = co_await asio::this_coro::executor;
    prepared const request = prepare(block, names, ids);
    joined const with = join(block, request.key, executor);
    if (with.hit) co_return prefetch_outcome{*with.hit, "", true, false, {}};
    fetched got = co_await fly(with, block, request, at_most);
    prefetch_outcome out;
    out.entry = std::move(got.entry);
    if (auto* members = std::get_if<json_object>(&got.outcome)) {
        out.members = std::move(*members);
        co_return out;
    }
    out.reason = std::get<std::string>(got.outcome);
    std::shared_ptr<json_object const> old;
    if (block.stale_if_error_seconds.count() > 0) {
        std::scoped_lock const lock(mutex_);
        old = look_up(request.key, block.cache_ttl_seconds + block.stale_if_error_seconds);
    }
    if (old) {
        out.members = *old;
        out.stale = true;
    } else if (auto defaults = block.defaults.to_object(); !defaults.empty()) {
        out.members = std::move(defaults);
    }
    co_return out;
}

}  // namespace cxb::api
