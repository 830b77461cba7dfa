#include "cxb/base/ids.hpp"

#include <array>

#include "cxb/base/encoding.hpp"

namespace cxb::inline v1 {
namespace {

template <std::size_t Size>
std::string random_bytes(random_source& random) {
    std::array<std::byte, Size> bytes{};
    random.fill(bytes);
    return {reinterpret_cast<char const*>(bytes.data()), Size};
}

// The lowest `count` bytes of a number, most significant first.
std::string big_endian(std::uint64_t value, int count) {
    std::string out;
    for (int shift = (count - 1) * 8; shift >= 0; shift -= 8)
        out.push_back(static_cast<char>((value >> static_cast<unsigned>(shift)) & 0xFFU));
    return out;
}

bool is_hex_digit(char c) noexcept {
    return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'f') || (c >= 'A' && c <= 'F');
}

}  // namespace

std::string make_uuid7(time_point now, random_source& random) {
    std::string bytes = big_endian(static_cast<std::uint64_t>(to_epoch_ms(now)), 6);
    bytes += random_bytes<10>(random);
    bytes[6] = static_cast<char>((static_cast<unsigned char>(bytes[6]) & 0x0FU) | 0x70U);
    bytes[8] = static_cast<char>((static_cast<unsigned char>(bytes[8]) & 0x3FU) | 0x80U);
    std::string out = to_hex(bytes);
    for (std::size_t const at : {8U, 13U, 18U, 23U})
        out.insert(at, 1, '-');
    return out;
}

// Ten bits of milliseconds stand before the random ones: ids that follow one another in time then
// lie side by side in an index, and a commit changes fewer of its pages.
std::string make_hex24(time_point now, random_source& random) {
    auto const ms = static_cast<std::uint64_t>(to_epoch_ms(now));
    auto noise = random_bytes<8>(random);
    auto const part = (ms % 1000) << 6U | (static_cast<unsigned char>(noise[1]) & 0x3FU);
    noise.replace(0, 2, big_endian(part, 2));
    return to_hex(big_endian(ms / 1000, 4) + noise);
}

std::string make_ulid(time_point now, random_source& random) {
    constexpr std::string_view digits = "0123456789abcdefghjkmnpqrstvwxyz";
    std::string out;
    auto const ms = static_cast<std::uint64_t>(to_epoch_ms(now));
    for (int shift = 45; shift >= 0; shift -= 5)
        out.push_back(digits[(ms >> static_cast<unsigned>(shift)) & 31U]);
    // 80 random bits are exactly 16 digits of 5 bits.
    std::string const noise = random_bytes<10>(random);
    unsigned buffer = 0;
    unsigned bits = 0;
    for (char const c : noise) {
        buffer = (buffer << 8U) | static_cast<unsigned char>(c);
        bits += 8;
        while (bits >= 5) {
            bits -= 5;
            out.push_back(digits[(buffer >> bits) & 31U]);
        }
        buffer &= (1U << bits) - 1U;
    }
    return out;
}

bool is_uuid(std::string_view text) noexcept {
    if (text.size() != 36) return false;
    for (std::size_t i = 0; i < text.size(); ++i) {
        bool const dash = i == 8 || i == 13 || i == 18 || i == 23;
        if (dash ? text[i] != '-' : !is_hex_digit(text[i])) return false;
    }
    return true;
}

bool is_hex24(std::string_view text) noexcept {
    if (text.size() != 24) return false;
    for (char const c : text)
        if (!is_hex_digit(c)) return false;
    return true;
}

std::string new_uuid7() {
    return make_uuid7(real_clock().now(), system_random());
}
std::string new_hex24() {
    return make_hex24(real_clock().now(), system_random());
}

}  // namespace cxb::inline v1
