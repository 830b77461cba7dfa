#include "server/core/conversation/voicemail.hpp"

#include <regex>
#include <string>

namespace cxb::inline v1 {
namespace core {

namespace {
constexpr std::size_t looked_at = 2000;
}

bool sounds_like_voicemail(std::string_view caller_text) {
    static std::regex const phrases(
        "leave .{0,12}message|after the (tone|beep)|voice ?mail|mailbox|record your "
        "message|sandesh",
        std::regex::icase | std::regex::optimize);
    std::string const text(caller_text.substr(0, looked_at));
    return std::regex_search(text, phrases);
}

bool is_answering_beep(double hertz, milliseconds length) noexcept {
    return hertz >= 850 && hertz <= 1500 && length >= milliseconds(250);
}

}  // namespace core
}  // namespace cxb::inline v1
