// 10-40: damaged documents give a result or an error, never a crash, and in bounded time.

#include <gtest/gtest.h>

#include <algorithm>

#include "case_files.hpp"

namespace {

using namespace cxb;
using namespace contract_cases;

constexpr std::size_t longest_cut = 64;
constexpr std::size_t flips_per_document = 400;

void expect_answer(document_type const& type, std::string const& text) {
    auto const out = normalise(type, text);
    if (out) {
        EXPECT_TRUE(wire::parse_json(*out)) << *out;
    } else {
        auto const code = out.error().code();
        EXPECT_TRUE(code == errc::malformed || code == errc::invalid) << name_of(code);
    }
}

class DamagedDocuments : public testing::TestWithParam<document_type> {};

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
                         testing::ValuesIn(contract::document_types().begin(),
                                           contract::document_types().end()),
                         [](auto const& param) { return std::string(param.param.name); });

}  // namespace
