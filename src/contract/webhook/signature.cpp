#include "cxb/contract/webhook/signature.hpp"

#include <algorithm>
#include <array>
#include <charconv>
#include <optional>

#include "cxb/base/crypto.hpp"
#include "cxb/base/encoding.hpp"
#include "cxb/base/ids.hpp"

namespace cxb::inline v1 {
namespace contract::webhook {
namespace {

constexpr std::string_view secret_prefix = "whsec_";
constexpr std::string_view version_prefix = "v1,";
constexpr std::size_t new_key_bytes = 32;
constexpr std::size_t min_key_bytes = 24;
constexpr std::size_t max_key_bytes = 64;

std::string signed_text(std::string_view id, std::string_view timestamp, std::string_view body) {
    std::string text;
    text.reserve(id.size() + timestamp.size() + body.size() + 2);
    return text.append(id).append(".").append(timestamp).append(".").append(body);
}

std::string entry_of(secret const& key, std::string_view text) {
    return std::string(version_prefix) + to_base64(hmac_sha256(key.reveal(), text));
}

std::optional<std::int64_t> whole_number(std::string_view text) {
    std::int64_t value = 0;
    auto const [end, fault] = std::from_chars(text.data(), text.data() + text.size(), value);
    if (fault != std::errc{} || end != text.data() + text.size()) return std::nullopt;
    return value;
}

bool within(std::int64_t timestamp, time_point now, seconds tolerance) {
    auto const present = std::chrono::floor<seconds>(now).time_since_epoch().count();
    return timestamp >= present - tolerance.count() && timestamp <= present + tolerance.count();
}

// Every entry is compared with `wanted`, so time does not tell which one fitted.
bool any_entry_is(std::string_view list, std::string_view wanted) {
    bool found = false;
    while (!list.empty()) {
        auto const entry = list.substr(0, list.find(' '));
        if (entry.starts_with(version_prefix)) found |= equal_constant_time(entry, wanted);
        list.remove_prefix(std::min(list.size(), entry.size() + 1));
    }
    return found;
}

error refused(char const* detail) {
    return error{errc::unauthenticated, detail};
}

}  // namespace

secret generate_secret(random_source& random) {
    std::array<char, new_key_bytes> bytes{};
    random.fill(std::as_writable_bytes(std::span{bytes}));
    return secret{std::string(secret_prefix) + to_base64({bytes.data(), bytes.size()})};
}

result<secret> key_of(secret const& text) {
    std::string_view const all = text.reveal();
    error bad{errc::invalid, "not a webhook signing secret"};
    if (!all.starts_with(secret_prefix)) return bad;
    auto key = from_base64(all.substr(secret_prefix.size()));
    if (!key || key->size() < min_key_bytes || key->size() > max_key_bytes) return bad;
    return secret{*std::move(key)};
}

std::string make_id(time_point now, random_source& random) {
    return "msg_" + make_ulid(now, random);
}

result<std::string> sign(std::span<secret const> secrets, std::string_view id,
                         std::int64_t timestamp, std::string_view body) {
    std::string const text = signed_text(id, std::to_string(timestamp), body);
    std::string out;
    for (auto const& one : secrets) {
        CXB_TRY(auto const key, key_of(one));
        if (!out.empty()) out.append(" ");
        out.append(entry_of(key, text));
    }
    return out;
}

result<void> add_headers(wire::header_list& headers, std::span<secret const> secrets,
                         std::string_view id, time_point now, std::string_view body) {
    auto const timestamp = std::chrono::floor<seconds>(now).time_since_epoch().count();
    CXB_TRY(auto signature, sign(secrets, id, timestamp, body));
    headers.set(id_header, std::string(id));
    headers.set(timestamp_header, std::to_string(timestamp));
    headers.set(signature_header, std::move(signature));
    return {};
}

result<void> verify(wire::header_list const& headers, std::string_view body,
                    std::span<secret const> secrets, time_point now, seconds tolerance) {
    auto const id = headers.get(id_header);
    auto const timestamp = headers.get(timestamp_header);
    auto const signatures = headers.get(signature_header);
    if (id.empty() || timestamp.empty() || signatures.empty())
        return refused("Missing webhook headers");
    auto const at = whole_number(timestamp);
    if (!at) return refused("Invalid webhook timestamp");
    if (!within(*at, now, tolerance)) return refused("Webhook timestamp is too old or too new");
    std::string const text = signed_text(id, timestamp, body);
    bool good = false;
    for (auto const& one : secrets) {
        if (auto const key = key_of(one)) good |= any_entry_is(signatures, entry_of(*key, text));
    }
    if (!good) return refused("Invalid webhook signature");
    return {};
}

}  // namespace contract::webhook
}  // namespace cxb::inline v1
