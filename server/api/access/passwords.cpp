#include "server/api/access/passwords.hpp"

#include <argon2.h>

#include <array>
#include <stdexcept>

namespace cxb::api {
namespace {

constexpr std::uint32_t time_cost = 2;
constexpr std::uint32_t memory_kib = 19 * 1024;
constexpr std::uint32_t lanes = 1;
constexpr std::size_t salt_size = 16;
constexpr std::size_t hash_size = 32;
constexpr std::string_view current_prefix = "$argon2id$v=19$m=19456,t=2,p=1$";

}  // namespace

std::string hash_password(secret const& password, random_source& random) {
    std::array<std::byte, salt_size> salt{};
    random.fill(salt);
    std::string out(
        argon2_encodedlen(time_cost, memory_kib, lanes, salt_size, hash_size, Argon2_id), '\0');
    int const failed = argon2id_hash_encoded(time_cost, memory_kib, lanes, password.reveal().data(),
                                             password.size(), salt.data(), salt_size, hash_size,
                                             out.data(), out.size());
    if (failed != ARGON2_OK) throw std::runtime_error(argon2_error_message(failed));
    out.resize(out.find('\0'));
    return out;
}

bool verify_password(std::string const& phc, secret const& password) {
    return argon2id_verify(phc.c_str(), password.reveal().data(), password.size()) == ARGON2_OK;
}

bool needs_rehash(std::string_view phc) noexcept {
    return !phc.starts_with(current_prefix);
}

std::string const& dummy_hash() {
    static std::string const hash = [] {
        std::string password(salt_size, '\0');
        system_random().fill(std::as_writable_bytes(std::span(password)));
        return hash_password(secret(std::move(password)), system_random());
    }();
    return hash;
}

}  // namespace cxb::api
