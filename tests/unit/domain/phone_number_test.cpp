#include "cxb/domain/phone_number.hpp"

#include <gtest/gtest.h>

namespace {

using namespace cxb;
using namespace cxb::domain;

// 21-33
TEST(PhoneNumber, Dialable) {
    EXPECT_EQ(dialable_number("98765 43210", "IN").value(), "+919876543210");
    EXPECT_EQ(dialable_number("+91 98765-43210", "IN").value(), "+919876543210");
    EXPECT_EQ(dialable_number("09876543210", "in").value(), "+919876543210");
    EXPECT_EQ(dialable_number("+1 650 253 0000", "IN").value(), "+16502530000");
    EXPECT_EQ(dialable_number("(650) 253-0000", "US").value(), "+16502530000");
    EXPECT_EQ(dialable_number("1001", "IN").value(), "1001");
    EXPECT_EQ(dialable_number("100", "IN").value(), "100");
    EXPECT_EQ(dialable_number("123456", "IN").value(), "123456");
    for (auto const* bad : {"12", "", "abc", "+", "+91", "98765432109876543", "+999123"}) {
        auto const out = dialable_number(bad, "IN");
        ASSERT_FALSE(out) << bad;
        EXPECT_EQ(out.error().code(), errc::invalid);
        EXPECT_EQ(out.error().faults().at(0).pointer, "/to_number");
        EXPECT_EQ(out.error().faults().at(0).reason, "not a dialable number");
    }
}

TEST(PhoneNumber, PossibleAndValid) {
    EXPECT_EQ(to_e164("+911234567890", "IN"), "+911234567890");
    EXPECT_EQ(to_e164("+919876543210;ext=5", "IN"), "+919876543210");
    EXPECT_EQ(to_e164("+919876543210", "IN", number_check::valid), "+919876543210");
    EXPECT_EQ(to_e164("+12530000000", "US", number_check::valid), std::nullopt);
    EXPECT_EQ(to_e164("sip-user", "IN"), std::nullopt);
    EXPECT_EQ(to_e164("9876543210", "ZZ"), std::nullopt);
    EXPECT_EQ(to_e164("+919876543210", "ZZ"), "+919876543210");
}

// The short way of Indian mobile numbers gives what the library gives; a dash takes the long way.
TEST(PhoneNumber, IndianMobilesInE164AreWhatTheyAre) {
    std::uint64_t digits = 1;
    for (int i = 0; i < 500; ++i) {
        digits = digits * 6364136223846793005ULL + 1442695040888963407ULL;
        auto const number = std::to_string(6000000000ULL + (digits >> 16U) % 4000000000ULL);
        for (std::string_view const region : {"IN", "US", "ZZ"})
            EXPECT_EQ(to_e164("+91" + number, region), to_e164("+91-" + number, region)) << number;
    }
    EXPECT_EQ(to_e164("+9159876543210", "IN"), to_e164("+91-59876543210", "IN"));
    EXPECT_EQ(to_e164("+91987654321x", "IN"), to_e164("+91-987654321x", "IN"));
}

TEST(PhoneNumber, Regions) {
    EXPECT_TRUE(is_phone_region("IN"));
    EXPECT_TRUE(is_phone_region("us"));
    EXPECT_FALSE(is_phone_region("ZZ"));
    EXPECT_FALSE(is_phone_region(""));
}

TEST(PhoneNumber, DialoutRuleOfWorkers) {
    EXPECT_EQ(normalise_dialout_number("919876543210"), "+919876543210");
    EXPECT_EQ(normalise_dialout_number("+91 98765-43210"), "+919876543210");
    EXPECT_EQ(normalise_dialout_number("09876543210"), "09876543210");
    EXPECT_EQ(normalise_dialout_number("9876543210"), "9876543210");
    EXPECT_EQ(normalise_dialout_number("(91) 98765.43210"), "+919876543210");
    EXPECT_EQ(normalise_dialout_number("91987654321a"), "91987654321a");
}

TEST(PhoneNumber, LastDigits) {
    EXPECT_EQ(last_digits("+919876543210"), "…3210");
    EXPECT_EQ(last_digits("1001"), "…");
    EXPECT_EQ(last_digits(""), "…");
}

TEST(PhoneNumber, BareNumber) {
    EXPECT_EQ(bare_number("sip:+91 (98765) 432.10@host:5060"), "+919876543210");
    EXPECT_EQ(bare_number("TEL:+91-98765-43210;phone-context=x"), "+919876543210");
    EXPECT_EQ(bare_number("sip:@host"), "");
    EXPECT_EQ(bare_number("  "), "");
}

TEST(PhoneNumber, PlainDigits) {
    for (auto const* form : {"+911140000001", "00911140000001", "911140000001"})
        EXPECT_EQ(plain_digits(form), "911140000001") << form;
    EXPECT_EQ(plain_digits("1001"), "1001");
    EXPECT_EQ(plain_digits(""), "");
}

// spec 21 §6
TEST(PhoneNumber, FindsOwnedNumbers) {
    std::vector<std::string> owned{"+911140000001", "+911140000002", "1001"};
    for (auto const* form : {"+911140000002", "00911140000002", "911140000002", "01140000002",
                             "1140000002", "sip:+911140000002@203.0.113.5", "+91 11-4000 0002"})
        EXPECT_EQ(find_number(owned, form, "IN"), 1U) << form;
    EXPECT_EQ(find_number(owned, "1001", "IN"), 2U);
    EXPECT_EQ(find_number(owned, "+911140000009", "IN"), std::nullopt);
    EXPECT_EQ(find_number(owned, "0002", "IN"), std::nullopt);
    EXPECT_EQ(find_number(owned, "", "IN"), std::nullopt);
    // last ten digits: one fits, then two do
    EXPECT_EQ(find_number(owned, "441140000001", "IN"), 0U);
    owned.emplace_back("+11140000001");
    EXPECT_EQ(find_number(owned, "441140000001", "IN"), std::nullopt);
}

}  // namespace
