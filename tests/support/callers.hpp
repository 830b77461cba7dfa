#pragma once
// Who calls in tests of media WebSockets.

#include <string>

#include "cxb/testing/fake_media_dialler.hpp"

namespace cxb_test {

// A dialler's customer, with a flag that no stranger may set.
inline cxb::testing::media_caller dialler_caller() {
    return {.stream_id = "st-1",
            .caller_id = "+919876543210",
            .did = "+9111",
            .direction = cxb::contract::media_ws::dialler::direction::outgoing,
            .variables = {{"CUSTOMER", "Ravi"}, {"_campaign_session_id", "not-yours"}}};
}
// Likewise for Exotel.
inline cxb::testing::media_caller exotel_caller() {
    cxb::testing::media_caller out;
    out.stream_id = "ss";
    out.caller_id = "0987";
    out.did = "0111";
    out.variables = {{"plan", "gold"}, {"_skip_prefetch", true}};
    return out;
}
// One of the two, as the path wants it.
inline cxb::testing::fake_media_dialler_options caller_at(std::string url) {
    cxb::testing::fake_media_dialler_options out;
    bool const by_exotel = url.find("/exotel/") != std::string::npos;
    out.url = std::move(url);
    if (by_exotel) out.kind = cxb::testing::media_kind::exotel;
    out.caller = by_exotel ? exotel_caller() : dialler_caller();
    return out;
}

}  // namespace cxb_test
