#pragma once
// Variables of a call and a moment, for the tests of policy facts and prompts.

#include <string>

#include "cxb/contract/runtime_config/conversation_policy.hpp"
#include "cxb/domain/template_text.hpp"
#include "cxb/domain/time_zone.hpp"
#include "cxb/wire/json.hpp"

namespace cxb_test {

struct policy_call {
    cxb::wire::json_object call;
    cxb::wire::json_object crm;
    cxb::wire::json_object system{{"timezone", "Asia/Kolkata"}};
    cxb::time_point now = *cxb::parse_timestamp("2026-06-05T10:15:00Z");
    cxb::domain::time_zone zone = cxb::domain::find_time_zone("Asia/Kolkata").value();

    [[nodiscard]] cxb::domain::template_variables view() const {
        return {.call = &call, .crm = &crm, .system = &system};
    }
};

}  // namespace cxb_test
