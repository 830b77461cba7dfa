#include "cxb/domain/secret_box.hpp"

#include <span>
#include <stdexcept>

#include "cxb/base/crypto.hpp"
#include "cxb/base/encoding.hpp"

namespace cxb::inline v1 {
namespace domain {
namespace {

constexpr std::size_t key_bytes = 32;
constexpr std::size_t nonce_bytes = 12;
constexpr std::size_t id_hex = 8;

// "" when the text is cut short.
std::string_view id_of(std::string_view sealed) noexcept {
    sealed.remove_prefix(sealed_prefix.size());
    bool const whole = sealed.size() > id_hex && sealed[id_hex] == ':';
    return whole ? sealed.substr(0, id_hex) : std::string_view{};
}

error unreadable(std::string_view reason, std::string_view place) {
    std::string const why = reason == secret_key_unknown
                                ? " is sealed with a key that is neither secrets.key nor "
                                  "secrets.key_previous"
                                : " is damaged or was sealed for another place";
    return error{errc::corrupt_data, "The stored secret " + std::string(place) + why}.with_reason(
        std::string(reason));
}

}  // namespace

bool looks_sealed(std::string_view text) noexcept {
    return text.starts_with(sealed_prefix);
}

result<secret_box> secret_box::make(secret const& current, secret const& previous) {
    secret_box out;
    auto const add = [&out](secret const& given, char const* name) -> result<void> {
        if (given.empty()) return {};
        auto bytes = from_base64(given.reveal());
        if (!bytes || bytes->size() != key_bytes)
            return error{errc::invalid, std::string(name) + ": must be base64 of 32 bytes"};
        auto id = sha256_hex(*bytes).substr(0, id_hex);
        out.keys_.push_back({std::move(id), secret(*std::move(bytes))});
        return {};
    };
    CXB_CHECK(add(current, "key"));
    out.sealing_ = !out.keys_.empty();
    CXB_CHECK(add(previous, "key_previous"));
    return out;
}

std::string_view secret_box::key_id() const noexcept {
    return sealing_ ? std::string_view(keys_.front().id) : std::string_view{};
}

bool secret_box::is_current(std::string_view text) const noexcept {
    return sealing_ && looks_sealed(text) && id_of(text) == key_id();
}

std::string secret_box::seal(std::string_view plain, std::string_view place,
                             random_source& random) const {
    if (!sealing_) throw std::logic_error("secret_box: sealing needs a key");
    if (plain.empty()) return {};
    std::string nonce(nonce_bytes, '\0');
    random.fill(std::as_writable_bytes(std::span(nonce)));
    auto const& key = keys_.front();
    std::string out(sealed_prefix);
    out.append(key.id).append(":");
    return out += to_base64(nonce + aes256_gcm_seal(key.bytes.reveal(), nonce, plain, place));
}

result<std::string> secret_box::open(std::string_view text, std::string_view place) const {
    if (!looks_sealed(text)) return std::string(text);
    auto const id = id_of(text);
    if (id.empty()) return unreadable(secret_damaged, place);
    auto const body = from_base64(text.substr(sealed_prefix.size() + id_hex + 1));
    bool known = false;
    for (auto const& key : keys_) {
        if (key.id != id) continue;
        known = true;
        if (!body || body->size() < nonce_bytes) continue;
        auto opened = aes256_gcm_open(key.bytes.reveal(), body->substr(0, nonce_bytes),
                                      std::string_view(*body).substr(nonce_bytes), place);
        if (opened) return opened;
    }
    return unreadable(known ? secret_damaged : secret_key_unknown, place);
}

}  // namespace domain
}  // namespace cxb::inline v1
