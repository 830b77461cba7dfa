#include "cxb/domain/call_status.hpp"

#include <gtest/gtest.h>

namespace {

using namespace cxb;
using namespace cxb::domain;

// 21-4, 21-13, 10-3: the table of spec 10 §4.3
TEST(CallStatus, EveryWord) {
    struct row {
        char const* word;
        call_status status;
        char const* label;
    };
    using enum call_status;
    for (auto const& r :
         {row{"error", failed, "Failed"}, row{"no_answer", failed, "Unknown"},
          row{"rejected", failed, "Unknown"}, row{"voicemail", voicemail, "Unknown"},
          row{"bot", completed, "Connected"}, row{"customer", completed, "Connected"},
          row{"timeout", completed, "Connected"}, row{"RNR", completed, "Unknown"},
          row{"outside_hours", completed, "Unknown"},
          row{"transfer_to_agent", completed, "Unknown"}, row{"no_agent", completed, "Unknown"},
          row{"agent", completed, "Unknown"}, row{"supervisor", completed, "Unknown"},
          row{"superseded", completed, "Unknown"}, row{"martian", completed, "Unknown"},
          row{"ERROR", completed, "Unknown"}, row{"", completed, "Unknown"}}) {
        EXPECT_EQ(status_of(r.word), r.status) << r.word;
        EXPECT_EQ(coarse_label(r.word), r.label) << r.word;
    }
}

TEST(CallStatus, Words) {
    EXPECT_EQ(word_of(call_status::voicemail), "voicemail");
    EXPECT_EQ(open_enum<call_status>::from_text("paused").text(), "paused");
}

TEST(CallStatus, SipFailures) {
    EXPECT_EQ(disconnect_word_of_sip(408), "no_answer");
    EXPECT_EQ(disconnect_word_of_sip(480), "no_answer");
    EXPECT_EQ(disconnect_word_of_sip(486), "rejected");
    EXPECT_EQ(disconnect_word_of_sip(603), "rejected");
    EXPECT_EQ(disconnect_word_of_sip(503), "error");
}

}  // namespace
