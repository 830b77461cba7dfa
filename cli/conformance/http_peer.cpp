#include "cli/conformance/http_peer.hpp"

#include <boost/asio/as_tuple.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/this_coro.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <memory>

#include "cxb/base/encoding.hpp"
#include "cxb/base/limits.hpp"
#include "cxb/contract/call_results/privacy.hpp"
#include "cxb/wire/retry_after.hpp"

namespace cxb::cli::conformance {

namespace asio = boost::asio;

namespace {

constexpr std::size_t most_shown = 2000;
constexpr std::size_t most_kept = 40;
constexpr int most_patience = 20;
constexpr std::string_view hidden = "***";

bool is_secret_header(std::string_view name) {
    for (std::string_view const one : {"X-CXBCore-Secret", "X-CXB-Core-Secret", "X-VoxCore-Secret",
                                       "X-CXB-Edge-Secret", "Authorization", "X-API-Key"})
        if (iequals(name, one)) return true;
    return false;
}

void hide_secrets(wire::json_value& value) {
    if (value.is_array())
        for (auto& item : value.get_array())
            hide_secrets(item);
    if (!value.is_object()) return;
    for (auto& member : value.get_object()) {
        bool const is_text = member.value().is_string() && !member.value().get_string().empty();
        if (is_text && contract::call_results::is_secret_name(member.key()))
            member.value() = hidden;
        else
            hide_secrets(member.value());
    }
}

answer answer_of(result<wire::http_response> got) {
    answer out;
    if (!got) {
        out.failure =
            got.error().detail().empty() ? std::string(got.error().reason()) : got.error().detail();
        return out;
    }
    out.status = got->status;
    out.text = std::string(got->bytes());
    out.headers = std::move(got->headers);
    if (auto parsed = wire::parse_json(out.text)) out.body = *std::move(parsed);
    return out;
}

}  // namespace

std::string shown_body(std::string_view text) {
    std::string out(text);
    if (auto parsed = wire::parse_json(text)) {
        hide_secrets(*parsed);
        out = wire::to_text(*parsed);
    }
    if (out.size() <= most_shown) return out;
    return std::string(utf8_prefix(out, most_shown)) + "… (" + std::to_string(text.size()) +
           " bytes)";
}

wire::json_object const& answer::object() const noexcept {
    static wire::json_object const none;
    return body.is_object() ? body.get_object() : none;
}

std::string answer::text_at(std::string_view path) const {
    return std::string(wire::text_at(object(), path));
}

std::string answer::summary() const {
    if (status == 0) return "no answer: " + failure;
    return std::to_string(status) + " " + std::string(utf8_prefix(shown_body(text), 300));
}

void http_peer::keep(ask const& what, answer const& got) {
    if (kept_.size() == most_kept) kept_.erase(kept_.begin());
    exchange one;
    one.request = what.method + " " + what.url;
    for (auto const& [name, value] : what.headers.items())
        one.headers.push_back(name + ": " + (is_secret_header(name) ? std::string(hidden) : value));
    one.request_body = shown_body(what.body);
    one.status = got.status;
    one.answer = got.status == 0 ? got.failure : shown_body(got.text);
    kept_.push_back(std::move(one));
}

std::vector<exchange> http_peer::take_exchanges() {
    return std::exchange(kept_, {});
}

// A peer that counts requests says when to go on; that is no verdict on the check at hand. A busy
// worker's 429 has no such time.
asio::awaitable<answer> http_peer::exchange_one(ask what) {
    asio::steady_timer timer(co_await asio::this_coro::executor);
    if (what.typed && !what.body.empty() && !what.headers.has("Content-Type"))
        what.headers.set("Content-Type", "application/json");
    answer out;
    for (int tries = 0; tries < most_patience; ++tries) {
        client::outgoing_request request;
        request.url = what.url;
        request.message.method = what.method;
        request.message.headers = what.headers;
        request.message.body = what.body;
        client::transport_options how;
        how.total = what.timeout;
        how.max_response_bytes = limits::results_body;
        out = answer_of(co_await transport_.send(std::move(request), how));
        auto const wait = wire::retry_after(out.headers, real_clock().now());
        if (out.status != 429 || !wait) break;
        timer.expires_after(*wait);
        co_await timer.async_wait(asio::as_tuple(asio::use_awaitable));
    }
    keep(what, out);
    co_return out;
}

answer http_peer::send(ask what) {
    return runner_.run(exchange_one(std::move(what)));
}

std::vector<answer> http_peer::send_all(std::vector<ask> all) {
    struct gathering {
        std::vector<answer> found;
        std::size_t open = 0;
        std::unique_ptr<asio::steady_timer> done;
    };
    gathering into;
    into.found.resize(all.size());
    auto one = [](http_peer& self, ask what, std::size_t at,
                  gathering& where) -> asio::awaitable<void> {
        where.found[at] = co_await self.exchange_one(std::move(what));
        if (--where.open == 0) where.done->cancel();
    };
    auto together = [](http_peer& self, std::vector<ask> what, gathering& where,
                       auto ask_one) -> asio::awaitable<bool> {
        auto const executor = co_await asio::this_coro::executor;
        where.done =
            std::make_unique<asio::steady_timer>(executor, asio::steady_timer::time_point::max());
        where.open = what.size();
        for (std::size_t at = 0; at < what.size(); ++at)
            asio::co_spawn(executor, ask_one(self, std::move(what[at]), at, where), asio::detached);
        while (where.open > 0)
            co_await where.done->async_wait(asio::as_tuple(asio::use_awaitable));
        where.done.reset();
        co_return true;
    };
    (void)runner_.run(together(*this, std::move(all), into, one));
    return std::move(into.found);
}

}  // namespace cxb::cli::conformance
