// 10-40: damaged and hostile documents give a result or an error, never a crash, in bounded time.

#include <gtest/gtest.h>

#include <algorithm>
#include <ctime>

#include "case_files.hpp"

namespace {

using namespace cxb;
using namespace contract_cases;

constexpr std::size_t longest_cut = 64;
constexpr std::size_t flips_per_document = 400;
constexpr std::size_t hostile_bytes = 256 * limits::kib;

void expect_answer(document_type const& type, std::string const& text) {
    auto const out = normalise(type, text);
    if (out) {
        EXPECT_TRUE(wire::parse_json(*out)) << *out;
    } else {
        auto const code = out.error().code();
        EXPECT_TRUE(code == errc::malformed || code == errc::invalid) << name_of(code);
    }
}

class DamagedDocuments : public ::testing::TestWithParam<document_type> {};

TEST_P(DamagedDocuments, StartCutOff) {
    for (auto const& file : accepted_documents(GetParam())) {
        auto const text = read_file(file);
        for (std::size_t cut = 1; cut <= std::min(longest_cut, text.size()); ++cut)
            expect_answer(GetParam(), text.substr(cut));
    }
}

TEST_P(DamagedDocuments, EndCutOff) {
    for (auto const& file : accepted_documents(GetParam())) {
        auto const text = read_file(file);
        for (std::size_t cut = 1; cut <= std::min(longest_cut, text.size()); ++cut)
            expect_answer(GetParam(), text.substr(0, text.size() - cut));
    }
}

TEST_P(DamagedDocuments, BytesFlipped) {
    for (auto const& file : accepted_documents(GetParam())) {
        auto const text = read_file(file);
        auto const step = std::max<std::size_t>(1, text.size() / flips_per_document);
        for (std::size_t i = 0; i < text.size(); i += step) {
            for (char const mask : {'\x01', '\x20', '\x80', '\xff'}) {
                auto flipped = text;
                flipped[i] = static_cast<char>(flipped[i] ^ mask);
                expect_answer(GetParam(), flipped);
            }
        }
    }
}

INSTANTIATE_TEST_SUITE_P(All, DamagedDocuments,
                         ::testing::ValuesIn(contract::document_types().begin(),
                                             contract::document_types().end()),
                         [](auto const& param) { return std::string(param.param.name); });

/// Documents of about 256 KiB that cost a careless reader the square of their size.
std::vector<std::pair<std::string, std::string>> hostile_documents() {
    auto const filled = [](std::string_view start, auto const& piece, std::string_view end) {
        std::string out(start);
        for (std::size_t i = 0; out.size() < hostile_bytes; ++i)
            out += (i == 0 ? "" : ",") + piece(i);
        return out.append(end);
    };
    auto const number = [](std::size_t i) { return std::to_string(i); };
    return {
        {"one member, repeated",
         filled(
             "{", [&](std::size_t i) { return "\"session_id\":" + number(i); }, "}")},
        {"a list, repeated",
         filled(
             "{", [](std::size_t) { return std::string(R"("events":[1,2,{"type":3}])"); }, "}")},
        {"unknown members",
         filled(
             "{", [&](std::size_t i) { return "\"zz" + number(i) + "\":{}"; }, "}")},
        {"one unknown member, repeated",
         filled(
             "{", [](std::size_t) { return std::string("\"zz\":[]"); }, "}")},
        {"bad items", filled(R"({"events":[)", number, "]}")},
        {"empty items",
         filled(
             R"({"transcript":[)", [](std::size_t) { return std::string("{}"); }, "]}")},
        {"escapes", filled(
                        R"({"session_id":")",
                        [](std::size_t) { return std::string(R"(\u00e9\n\ud83d\ude00)"); }, "\"}")},
        {"digits", "{\"call_duration_seconds\":" + std::string(hostile_bytes, '9') + "}"},
        {"lists in lists", std::string(hostile_bytes, '[')},
        {"no end", R"({"session_id":")" + std::string(hostile_bytes, 'x')},
    };
}

// The bound of the spec is 50 ms per MiB. Builds without optimisation, or with sanitizers, take
// many times that; this finds readers whose time grows by the square, which take minutes. Time is
// that of this process, so others on the machine do not count.
TEST(HostileDocuments, TakeBoundedTime) {
    constexpr double most_seconds = 1;
    for (auto const& [what, text] : hostile_documents()) {
        for (auto const* name : {"call_results", "runtime_config", "cdr", "desk_events"}) {
            auto const* type = contract::find_document_type(name);
            ASSERT_NE(type, nullptr) << name;
            auto const start = std::clock();
            (void)type->normalise(text, {});
            auto const took = static_cast<double>(std::clock() - start) / CLOCKS_PER_SEC;
            EXPECT_LT(took, most_seconds) << name << ": " << what;
        }
    }
}

}  // namespace
