#include "cxb/domain/auto_disposition.hpp"

#include "cxb/wire/json.hpp"

namespace cxb::inline v1 {
namespace domain {
namespace {

namespace rc = contract::runtime_config;

rc::auto_disposition rnr_default() {
    return {"RNR", "RNR", "Customer picked up but did not respond."};
}
rc::auto_disposition voicemail_default() {
    return {"IVR", "MAIN_MESSAGE", "Voicemail or automated system detected."};
}
rc::auto_disposition timeout_default() {
    return {"Not Connected", "DSCN_PARTIAL", "Call exceeded maximum duration."};
}
rc::auto_disposition error_default() {
    return {"Failed", "fallback", "Call ended due to a system error."};
}

}  // namespace

bool skip_analysis(ended_call const& call) noexcept {
    return call.disconnected_by == "error" || call.disconnected_by == "voicemail" ||
           !call.has_customer_message || call.duration < min_analysed_duration;
}

std::optional<rc::auto_disposition> auto_disposition(
    ended_call const& call, std::optional<rc::auto_dispositions> const& configured) {
    rc::auto_dispositions const given = configured.value_or(rc::auto_dispositions{});
    if (call.disconnected_by == "error") return given.error.value_or(error_default());
    if (call.disconnected_by == "voicemail") return given.voicemail.value_or(voicemail_default());
    if (call.has_customer_message) return std::nullopt;
    auto rnr = given.rnr.value_or(rnr_default());
    if (call.disconnected_by == "RNR") return rnr;
    if (call.disconnected_by == "timeout") return given.timeout.value_or(timeout_default());
    return given.no_customer_message.value_or(rnr);
}

wire::json_object analysis_of(rc::auto_disposition const& disposition) {
    wire::json_object out{{"DISPOSITION", disposition.DISPOSITION}};
    if (disposition.SUB_DISPOSITION) out["SUB_DISPOSITION"] = *disposition.SUB_DISPOSITION;
    if (disposition.CALLING_REMARKS) out["CALLING_REMARKS"] = *disposition.CALLING_REMARKS;
    return out;
}

}  // namespace domain
}  // namespace cxb::inline v1
