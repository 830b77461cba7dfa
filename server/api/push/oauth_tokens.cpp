#include "server/api/push/oauth_tokens.hpp"

#include <algorithm>
#include <charconv>
#include <limits>

#include "cxb/base/crypto.hpp"
#include "cxb/base/encoding.hpp"
#include "cxb/wire/json.hpp"
#include "server/api/config/crm_request.hpp"
#include "src/base/fail_point.hpp"

namespace cxb::api {
namespace {

using wire::json_object;

constexpr seconds longest_life{86'400};

error token_fault(errc code, std::string_view word, int status = 0) {
    std::string const reason = "oauth_token: " + std::string(word);
    return error{code, reason}.with_reason(reason).with_status(status);
}

// The secret itself must not lie around as a key.
std::string key_of(oauth_client const& who) {
    std::string whole;
    for (std::string const* part :
         {&who.token_url, &who.client_id, &who.client_secret.reveal(), &who.scope})
        whole.append(std::to_string(part->size())).append(":").append(*part);
    return sha256(whole);
}

client::outgoing_request request_of(oauth_client const& who) {
    client::outgoing_request out{who.token_url, {}};
    auto& message = out.message;
    message.method = "POST";
    std::string const name =
        percent_encode(who.client_id) + ":" + percent_encode(who.client_secret.reveal());
    message.headers = {{"Authorization", "Basic " + to_base64(name)},
                       {"Content-Type", "application/x-www-form-urlencoded"},
                       {"Accept", "application/json"},
                       {"User-Agent", std::string("cxb/") + version_string}};
    message.body = "grant_type=client_credentials";
    if (!who.scope.empty()) message.body += "&scope=" + percent_encode(who.scope);
    return out;
}

// Seconds as a number or, as some servers say them, as text.
std::optional<seconds> life_of(json_object const& answer) {
    auto const* const given = answer.if_contains("expires_in");
    if (given == nullptr || given->is_null()) return oauth_tokens::assumed_life;
    double value = -1;
    if (given->is_number()) {
        value = given->to_number<double>();
    } else if (auto const* text = given->if_string()) {
        auto const read = std::from_chars(text->data(), text->data() + text->size(), value);
        if (read.ec != std::errc{} || read.ptr != text->data() + text->size()) return std::nullopt;
    }
    if (!(value >= 0)) return std::nullopt;
    return seconds{
        static_cast<std::int64_t>(std::min(value, static_cast<double>(longest_life.count())))};
}

// It becomes part of a header.
bool is_token(std::string_view text) {
    return !text.empty() && text.size() <= oauth_tokens::max_token &&
           std::ranges::all_of(text, [](char c) { return c > ' ' && c < 127; });
}

struct granted {
    secret token;
    seconds life{0};
};

result<granted> read_grant(wire::http_response const& answer) {
    if (answer.status < 200 || answer.status >= 300)
        return token_fault(errc::upstream_failed, "status_" + std::to_string(answer.status),
                           answer.status);
    auto const parsed = wire::parse_json(answer.bytes());
    if (!parsed || !parsed->is_object()) return token_fault(errc::upstream_failed, "not_json");
    auto const& body = parsed->get_object();
    auto const token = wire::text_at(body, "access_token");
    auto const type = wire::text_at(body, "token_type");
    auto const life = life_of(body);
    bool const usable = is_token(token) && (type.empty() || iequals(type, "bearer")) && life;
    if (!usable) return token_fault(errc::upstream_failed, "shape");
    return granted{secret(std::string(token)), *life};
}

}  // namespace

std::optional<result<secret>> oauth_tokens::look_up(std::string const& key,
                                                    std::uint64_t asked) const {
    std::scoped_lock const lock(mutex_);
    auto const known = kept_.find(key);
    if (known == kept_.end()) return std::nullopt;
    auto const& one = known->second;
    // Learned since we asked: also what may not be kept is ours to use.
    bool const shared = one.ended > asked;
    if (one.fault) return shared ? std::optional(result<secret>(*one.fault)) : std::nullopt;
    if (one.token.empty() || (!shared && time_.steady() >= one.until)) return std::nullopt;
    return result<secret>(one.token);
}

void oauth_tokens::keep(std::string const& key, entry learned) {
    std::scoped_lock const lock(mutex_);
    learned.ended = ++count_;
    if (!kept_.contains(key) && kept_.size() >= max_kept) {
        auto const now = time_.steady();
        if (std::erase_if(kept_, [&](auto const& each) { return each.second.until <= now; }) == 0)
            kept_.erase(kept_.begin());
    }
    kept_[key] = std::move(learned);
}

store::async<oauth_tokens::entry> oauth_tokens::ask(oauth_client const& who, milliseconds at_most) {
    client::transport_options how;
    how.total = at_most;
    how.connect = std::min(how.connect, how.total);
    how.max_response_bytes = max_answer;
    auto const asked = time_.steady();
    auto const answer = co_await outbound_.send(request_of(who), how);
    CXB_FAIL_POINT("oauth.granted");
    entry out;
    if (!answer) {
        auto const& cause = answer.error();
        out.fault = token_fault(cause.code(), crm_fault_word(cause), cause.status());
        co_return out;
    }
    auto grant = read_grant(*answer);
    if (!grant) {
        out.fault = grant.error();
        co_return out;
    }
    out.token = std::move(grant->token);
    // Counted from before it was asked for: it cannot have begun earlier.
    out.until = asked + grant->life - margin;
    co_return out;
}

store::async<secret> oauth_tokens::get(oauth_client who, milliseconds at_most) {
    std::string const key = key_of(who);
    std::uint64_t asked = 0;
    {
        std::scoped_lock const lock(mutex_);
        asked = ++count_;
    }
    if (auto known = look_up(key, asked)) co_return *std::move(known);
    auto const turn = co_await turns_.take(key);
    if (auto known = look_up(key, asked)) co_return *std::move(known);
    CXB_CO_TRY(entry learned, co_await ask(who, at_most));
    auto out = learned.fault ? result<secret>(*learned.fault) : result<secret>(learned.token);
    keep(key, std::move(learned));
    co_return out;
}

std::optional<secret> oauth_tokens::known(oauth_client const& who) const {
    auto const found = look_up(key_of(who), std::numeric_limits<std::uint64_t>::max());
    return found && *found ? std::optional(**found) : std::nullopt;
}

void oauth_tokens::refuse(oauth_client const& who, secret const& token) {
    std::scoped_lock const lock(mutex_);
    auto const known = kept_.find(key_of(who));
    if (known != kept_.end() && known->second.token == token) kept_.erase(known);
}

std::size_t oauth_tokens::size() const {
    std::scoped_lock const lock(mutex_);
    return kept_.size();
}

}  // namespace cxb::api
