#include "cxb/contract/shared_secret/shared_secret.hpp"

#include <gtest/gtest.h>

namespace {

using namespace cxb;
using namespace cxb::contract::shared_secret;
using wire::header_list;

keyring keys(char const* current, char const* previous = "") {
    return {secret{current}, secret{previous}};
}

constexpr char const* spellings[] = {"X-CXBCore-Secret", "X-CXB-Core-Secret", "X-VoxCore-Secret",
                                     "x-cxbcore-secret"};

// 10-5, 20-4, 20-5
TEST(SharedSecret, EverySpellingAndBothSecrets) {
    auto const ring = keys("B", "A");
    for (auto const* header : spellings) {
        EXPECT_TRUE(verify({{header, "A"}}, ring)) << header;
        EXPECT_TRUE(verify({{header, "B"}}, ring)) << header;
        for (auto const* wrong : {"C", "", "AB", "b"}) {
            auto const out = verify({{header, wrong}}, ring);
            ASSERT_FALSE(out) << header << wrong;
            EXPECT_EQ(out.error().code(), errc::forbidden);
            EXPECT_EQ(out.error().detail(), "Invalid core secret");
        }
    }
    EXPECT_FALSE(verify({}, ring));
    EXPECT_FALSE(verify({{"Authorization", "Bearer B"}}, ring));
}

TEST(SharedSecret, AnyPresentValueMayFit) {
    EXPECT_TRUE(verify({{"X-VoxCore-Secret", "wrong"}, {"X-CXB-Core-Secret", "B"}}, keys("B")));
}

TEST(SharedSecret, UnsetSecretNeverFits) {
    EXPECT_FALSE(verify({{"X-CXBCore-Secret", ""}}, keys("")));
    EXPECT_FALSE(verify({{"X-CXBCore-Secret", ""}}, keys("B")));
    EXPECT_FALSE(verify({{"X-CXBCore-Secret", "x"}}, keys("")));
}

TEST(SharedSecret, OnlyEightLinesOf512Bytes) {
    header_list many;
    for (int i = 0; i < 8; ++i)
        many.add("X-CXBCore-Secret", "wrong");
    many.add("X-CXBCore-Secret", "B");
    EXPECT_FALSE(verify(many, keys("B")));
    std::string const longest(512, 'k');
    EXPECT_TRUE(verify({{"X-CXBCore-Secret", longest}}, keys(longest.c_str())));
    std::string const longer(513, 'k');
    EXPECT_FALSE(verify({{"X-CXBCore-Secret", longer}}, keys(longer.c_str())));
    header_list mixed;
    for (int i = 0; i < 50; ++i)
        mixed.add("Accept", "x");
    mixed.add("X-CXBCore-Secret", "B");
    EXPECT_TRUE(verify(mixed, keys("B"))) << "other lines do not count";
}

TEST(SharedSecret, EdgeHasItsOwnHeader) {
    EXPECT_TRUE(verify({{"X-CXB-Edge-Secret", "E"}}, keys("E"), edge_surface()));
    EXPECT_FALSE(verify({{"X-CXBCore-Secret", "E"}}, keys("E"), edge_surface()));
    EXPECT_FALSE(verify({{"X-CXB-Edge-Secret", "E"}}, keys("E")));
}

TEST(SharedSecret, ClientsSendOnlyTheCurrentOne) {
    header_list headers;
    add_headers(headers, keys("B", "A"));
    EXPECT_EQ(headers.items(), (std::vector<header_list::item>{{"X-CXBCore-Secret", "B"},
                                                               {"X-CXB-Core-Secret", "B"}}));
    header_list edge;
    add_headers(edge, keys("E"), edge_surface());
    EXPECT_EQ(edge.items(), (std::vector<header_list::item>{{"X-CXB-Edge-Secret", "E"}}));
    header_list none;
    add_headers(none, keys("", "A"));
    EXPECT_TRUE(none.items().empty());
}

// 10-6, 20-1
TEST(SharedSecret, ProductionStrength) {
    auto const faults = [](std::string text) {
        std::string out;
        for (auto const fault : weaknesses_of(secret{std::move(text)}))
            out.append(out.empty() ? "" : ",").append(word_of(fault));
        return out;
    };
    EXPECT_EQ(faults("0123456789abcdef0123456789abcdef"), "");
    EXPECT_EQ(faults(""), "missing_secret");
    EXPECT_EQ(faults("0123456789abcdef0123456789abcde"), "short_secret");
    EXPECT_EQ(faults(std::string(40, 'x')), "default_secret");
    for (auto const* word :
         {"dev-secret", "secret", "changeme", "change-me", "password", "test", "cxb", "aaaa"})
        EXPECT_EQ(faults(word), "short_secret,default_secret") << word;
}

}  // namespace
