#include "server/core/conversation/text_units.hpp"

namespace cxb::inline v1 {
namespace core {

code_point first_code_point(std::string_view text) noexcept {
    auto const lead = static_cast<unsigned char>(text.front());
    std::size_t const size = lead < 0x80   ? 1
                             : lead < 0xC0 ? 0
                             : lead < 0xE0 ? 2
                             : lead < 0xF0 ? 3
                                           : 4;
    if (size <= 1 || size > text.size()) return {lead, 1};
    char32_t value = lead & (0xFFU >> (size + 1));
    for (std::size_t i = 1; i < size; ++i) {
        auto const next = static_cast<unsigned char>(text[i]);
        if ((next & 0xC0U) != 0x80) return {lead, 1};
        value = (value << 6U) | (next & 0x3FU);
    }
    return {value, size};
}

std::size_t count_characters(std::string_view text) noexcept {
    std::size_t count = 0;
    for (; !text.empty(); ++count)
        text.remove_prefix(first_code_point(text).bytes);
    return count;
}

}  // namespace core
}  // namespace cxb::inline v1
