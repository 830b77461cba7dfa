#include "cxb/domain/auto_disposition.hpp"

#include <gtest/gtest.h>

#include "cxb/wire/json.hpp"

namespace {

using namespace cxb;
using namespace cxb::domain;
namespace rc = contract::runtime_config;

ended_call call(std::string_view word, bool spoke, double duration) {
    return {word, spoke, real_seconds{duration}};
}

std::string disposition_of(ended_call const& ended,
                           std::optional<rc::auto_dispositions> given = {}) {
    auto const out = auto_disposition(ended, given);
    return out ? out->DISPOSITION : "none";
}

// 10-16: analyse, skip without a disposition, RNR values.
TEST(AutoDisposition, ExamplesOfTheSpec) {
    EXPECT_FALSE(skip_analysis(call("timeout", true, 600)));
    EXPECT_EQ(disposition_of(call("timeout", true, 600)), "none");
    EXPECT_TRUE(skip_analysis(call("customer", true, 3)));
    EXPECT_EQ(disposition_of(call("customer", true, 3)), "none");
    EXPECT_TRUE(skip_analysis(call("customer", false, 40)));
    auto const silent = auto_disposition(call("customer", false, 40), {});
    ASSERT_TRUE(silent);
    EXPECT_EQ(wire::to_text(analysis_of(*silent)),
              R"({"DISPOSITION":"RNR","SUB_DISPOSITION":"RNR",)"
              R"("CALLING_REMARKS":"Customer picked up but did not respond."})");
}

TEST(AutoDisposition, WhichCallsAreSkipped) {
    EXPECT_TRUE(skip_analysis(call("error", true, 100)));
    EXPECT_TRUE(skip_analysis(call("voicemail", true, 100)));
    EXPECT_TRUE(skip_analysis(call("RNR", false, 100)));
    EXPECT_TRUE(skip_analysis(call("timeout", false, 600)));
    EXPECT_TRUE(skip_analysis(call("bot", true, 4.99)));
    EXPECT_FALSE(skip_analysis(call("bot", true, 5)));
    EXPECT_FALSE(skip_analysis(call("", true, 60)));
    EXPECT_FALSE(skip_analysis(call("martian", true, 60)));
}

TEST(AutoDisposition, Defaults) {
    EXPECT_EQ(disposition_of(call("error", true, 100)), "Failed");
    EXPECT_EQ(disposition_of(call("voicemail", false, 100)), "IVR");
    EXPECT_EQ(disposition_of(call("RNR", false, 30)), "RNR");
    EXPECT_EQ(disposition_of(call("timeout", false, 600)), "Not Connected");
    EXPECT_EQ(disposition_of(call("bot", false, 2)), "RNR");
    auto const voicemail = auto_disposition(call("voicemail", false, 1), {});
    EXPECT_EQ(voicemail->SUB_DISPOSITION, "MAIN_MESSAGE");
    EXPECT_EQ(voicemail->CALLING_REMARKS, "Voicemail or automated system detected.");
    EXPECT_EQ(auto_disposition(call("timeout", false, 600), {})->SUB_DISPOSITION, "DSCN_PARTIAL");
    EXPECT_EQ(auto_disposition(call("error", false, 0), {})->SUB_DISPOSITION, "fallback");
}

TEST(AutoDisposition, ConfiguredOnes) {
    rc::auto_dispositions given;
    given.voicemail = {"VM", std::nullopt, std::nullopt};
    given.rnr = {"SILENT", "S", std::nullopt};
    EXPECT_EQ(disposition_of(call("voicemail", true, 9), given), "VM");
    EXPECT_EQ(disposition_of(call("customer", false, 9), given), "SILENT")
        << "a missing no_customer_message has the values of rnr";
    EXPECT_EQ(disposition_of(call("error", true, 9), given), "Failed");
    given.no_customer_message = {"MUTE", std::nullopt, std::nullopt};
    EXPECT_EQ(disposition_of(call("customer", false, 9), given), "MUTE");
    EXPECT_EQ(disposition_of(call("RNR", false, 9), given), "SILENT");
    EXPECT_EQ(wire::to_text(analysis_of(*auto_disposition(call("voicemail", true, 9), given))),
              R"({"DISPOSITION":"VM"})")
        << "absent members are left out";
}

}  // namespace
