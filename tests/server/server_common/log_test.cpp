#include "server/common/log.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <thread>
#include <type_traits>
#include <vector>

#include "cxb/base/error.hpp"
#include "cxb/testing/fake_clock.hpp"
#include "cxb/wire/json.hpp"

namespace cxb::server {
namespace {

using ::testing::HasSubstr;
using ::testing::Not;
using namespace std::chrono_literals;

// What may be logged is decided by the compiler.
template <class T>
constexpr bool loggable = std::is_constructible_v<log_value, T>;
static_assert(!loggable<secret>);
static_assert(!loggable<secret const&>);
static_assert(!loggable<std::string>);
static_assert(!loggable<std::string_view>);
static_assert(!loggable<char const*>);
static_assert(!loggable<char*>);
static_assert(!loggable<wire::json_value>);
static_assert(!loggable<void*>);
static_assert(!std::is_invocable_v<
              decltype([](auto const& x) -> decltype(plain(x)) { return plain(x); }), secret>);
static_assert(!std::is_invocable_v<
              decltype([](auto const& x) -> decltype(last4(x)) { return last4(x); }), secret>);
static_assert(loggable<plain_text> && loggable<last4_text> && loggable<int> && loggable<bool>);
static_assert(loggable<double> && loggable<time_point> && loggable<std::chrono::seconds>);

class Log : public ::testing::Test {
  protected:
    logger make(log_options options = {}) {
        return {options, [this](std::string_view line) { lines.emplace_back(line); }, time};
    }
    wire::json_object line() { return wire::parse_json(lines.back()).value().as_object(); }
    testing::fake_clock time;
    std::vector<std::string> lines;
};

TEST_F(Log, OneObjectALine) {
    auto log = make();
    std::string const kind = "crm_push";
    log.info("job finished", {{"kind", plain(kind)},
                              {"n", 7},
                              {"ok", true},
                              {"ms", 1500us},
                              {"ratio", 0.5},
                              {"at", time.now()},
                              {"phone", last4("+919876543210")},
                              {"word", "literal"}});
    EXPECT_EQ(lines.back(),
              R"({"ts":"2026-01-01T00:00:00.000Z","level":"info","msg":"job finished",)"
              R"("kind":"crm_push","n":7,"ok":true,"ms":1.5,"ratio":0.5,)"
              R"("at":"2026-01-01T00:00:00.000Z","phone":"…3210","word":"literal"})");
}

TEST_F(Log, NumbersAreNeverWhole) {
    auto log = make();
    log.info("x", {{"a", last4("1234")}, {"b", last4("")}, {"c", last4("12345")}});
    EXPECT_EQ(wire::text_at(line(), "a"), "…");
    EXPECT_EQ(wire::text_at(line(), "b"), "…");
    EXPECT_EQ(wire::text_at(line(), "c"), "…2345");
}

TEST_F(Log, ALineCannotBeForged) {
    auto log = make();
    std::string const nasty = "a\"b\\c\n{\"level\":\"error\"}\x01\xff";
    log.warn("m\n2", {{"v", plain(nasty)}});
    EXPECT_EQ(lines.back().find('\n'), std::string::npos);
    EXPECT_EQ(wire::text_at(line(), "v"), "a\"b\\c\n{\"level\":\"error\"}\x01\xEF\xBF\xBD");
    EXPECT_EQ(wire::text_at(line(), "level"), "warn");
    std::string const longer(5000, 'x');
    log.warn("m", {{"v", plain(longer)}});
    EXPECT_EQ(wire::text_at(line(), "v").size(), 1024U);
}

TEST_F(Log, ErrorsBringTheirPrivateNote) {
    auto log = make();
    log.error("store", {{"cause", error{errc::unavailable, "Store"}.with_note({"disk full"})}});
    EXPECT_THAT(lines.back(), HasSubstr("disk full"));
    EXPECT_THAT(lines.back(), HasSubstr("unavailable"));
}

TEST_F(Log, LevelDecides) {
    auto log = make({.level = log_level::warn});
    log.debug("a");
    log.info("b");
    EXPECT_TRUE(lines.empty());
    EXPECT_FALSE(log.would_write(log_level::info));
    log.warn("c");
    log.set_level(log_level::off);
    log.error("d");
    EXPECT_EQ(lines.size(), 1U);
    log.set_level(log_level::debug);
    log.debug("e");
    EXPECT_EQ(lines.size(), 2U);
}

TEST_F(Log, TextForPeople) {
    auto log = make({.format = log_format::text});
    std::string const spaced = "a b";
    std::string const empty;
    log.info("hello", {{"n", 1}, {"word", "x"}, {"s", plain(spaced)}, {"e", plain(empty)}});
    EXPECT_EQ(lines.back(), "2026-01-01T00:00:00.000Z info hello n=1 word=x s=\"a b\" e=\"\"");
}

TEST_F(Log, WordsOfTheSettings) {
    EXPECT_EQ(log_level_of("debug"), log_level::debug);
    EXPECT_EQ(log_level_of("off"), log_level::off);
    EXPECT_EQ(log_level_of("nonsense"), log_level::info);
    EXPECT_EQ(log_format_of("text"), log_format::text);
    EXPECT_EQ(log_format_of("json"), log_format::json);
}

TEST(LogQueue, WritesEverythingThatFitsBeforeItEnds) {
    ::testing::internal::CaptureStderr();
    {
        logger log({.queue = 1024});
        std::vector<std::thread> writers;
        for (int t = 0; t < 4; ++t)
            writers.emplace_back([&log] {
                for (int i = 0; i < 50; ++i)
                    log.info("line", {{"i", i}});
            });
        for (auto& writer : writers)
            writer.join();
        EXPECT_EQ(log.dropped(), 0U);
    }
    auto const text = ::testing::internal::GetCapturedStderr();
    EXPECT_EQ(std::count(text.begin(), text.end(), '\n'), 200);
}

TEST(LogQueue, DropsTheOldestLinesBeyondItsBoundAndCountsThem) {
    constexpr int sent = 2000;
    ::testing::internal::CaptureStderr();
    logger log({.queue = 4});
    for (int i = 0; i < sent; ++i)
        log.info("line", {{"i", i}});
    log.flush();
    auto const text = ::testing::internal::GetCapturedStderr();
    auto const written = std::count(text.begin(), text.end(), '\n');
    EXPECT_EQ(static_cast<std::uint64_t>(written) + log.dropped(), std::uint64_t{sent});
    EXPECT_NE(text.find("\"i\":1999}"), std::string::npos);
}

TEST(LogQueue, WritesAWarningWhileTheServerIsQuiet) {
    ::testing::internal::CaptureStderr();
    logger log;
    log.info("first");
    log.warn("second");
    log.flush();
    auto const text = ::testing::internal::GetCapturedStderr();
    EXPECT_LT(text.find("first"), text.find("second"));
    EXPECT_NE(text.find("second"), std::string::npos);
}

}  // namespace
}  // namespace cxb::server
