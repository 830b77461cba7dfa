#include "cxb/domain/call_status.hpp"

namespace cxb::inline v1 {
namespace domain {

call_status status_of(std::string_view disconnected_by) noexcept {
    if (disconnected_by == "error" || disconnected_by == "no_answer" ||
        disconnected_by == "rejected")
        return call_status::failed;
    return disconnected_by == "voicemail" ? call_status::voicemail : call_status::completed;
}

std::string_view coarse_label(std::string_view disconnected_by) noexcept {
    if (disconnected_by == "customer" || disconnected_by == "bot" || disconnected_by == "timeout")
        return "Connected";
    return disconnected_by == "error" ? "Failed" : "Unknown";
}

std::string_view disconnect_word_of_sip(int sip_status) noexcept {
    switch (sip_status) {
        case 408:
        case 480:
            return "no_answer";
        case 486:
        case 603:
            return "rejected";
        default:
            return "error";
    }
}

}  // namespace domain
}  // namespace cxb::inline v1
