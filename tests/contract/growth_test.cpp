// Every allowed growth of a contract must be survived by today's parsers (spec 10 §1.4): an
// unknown member at every object level, an unknown word in every open enumeration.

#include <gtest/gtest.h>

#include <functional>

#include "case_files.hpp"

namespace {

using namespace cxb;
using namespace contract_cases;
using wire::detail::value_kind;
using wire::detail::value_ops;

constexpr std::string_view new_member = "zz_added_later";
constexpr std::string_view new_word = "zz_word_of_a_newer_peer";

/// A change to one place of a document, and where.
struct change {
    std::string pointer;
    std::function<void(wire::json_value& document)> apply;
};

wire::json_value& at(wire::json_value& document, std::string const& pointer) {
    return document.at_pointer(pointer);
}

/// Walks the document along the tables and lists what may grow in it.
class growth {
  public:
    explicit growth(document_type const& type, wire::json_value const& document) {
        walk_object(type.table(), document, "");
    }
    [[nodiscard]] std::vector<change> const& members() const { return members_; }
    [[nodiscard]] std::vector<change> const& words() const { return words_; }

  private:
    void walk_object(wire::object_table const& table, wire::json_value const& value,
                     std::string const& pointer) {
        if (!value.is_object()) return;
        members_.push_back({pointer, [pointer](wire::json_value& document) {
                                at(document, pointer).as_object()[new_member] = {{"deep", {1, 2}}};
                            }});
        for (auto const& row : table.rows()) {
            auto const& data = row.data();
            auto const* member = value.get_object().if_contains(data.name);
            if (member == nullptr || data.ops->value == nullptr) continue;
            walk(*data.ops->value, *member, wire::append_pointer(pointer, data.name));
        }
    }

    void walk(value_ops const& ops, wire::json_value const& value, std::string const& pointer) {
        if (ops.kind == value_kind::record) walk_object(ops.table(), value, pointer);
        if (ops.kind == value_kind::word && ops.open && value.is_string())
            words_.push_back({pointer, [pointer](wire::json_value& document) {
                                  at(document, pointer) = new_word;
                              }});
        if (ops.kind != value_kind::list || !value.is_array()) return;
        auto const& items = value.get_array();
        for (std::size_t i = 0; i < items.size(); ++i)
            walk(*ops.item, items[i], wire::append_pointer(pointer, std::to_string(i)));
    }

    std::vector<change> members_;
    std::vector<change> words_;
};

class ContractGrowth : public testing::TestWithParam<document_type> {};

TEST_P(ContractGrowth, UnknownMembersAtEveryLevel) {
    for (auto const& file : accepted_documents(GetParam())) {
        auto const document = *wire::parse_json(read_file(file));
        auto const before = normalised_value(GetParam(), wire::to_text(document));
        growth const found(GetParam(), document);
        for (auto const& one : found.members()) {
            SCOPED_TRACE(file.string() + " at " + one.pointer);
            auto grown = document;
            one.apply(grown);
            auto const after = normalised_value(GetParam(), wire::to_text(grown));
            EXPECT_EQ(missing_in(before, after), "");
        }
    }
}

// 10-3 for every open word, not only disconnected_by.
TEST_P(ContractGrowth, UnknownWordsSurviveInEveryOpenEnum) {
    for (auto const& file : accepted_documents(GetParam())) {
        auto const document = *wire::parse_json(read_file(file));
        growth const found(GetParam(), document);
        for (auto const& one : found.words()) {
            SCOPED_TRACE(file.string() + " at " + one.pointer);
            auto grown = document;
            one.apply(grown);
            auto after = normalised_value(GetParam(), wire::to_text(grown));
            ASSERT_TRUE(after.is_object());
            EXPECT_EQ(at(after, one.pointer).as_string(), new_word);
        }
    }
}

INSTANTIATE_TEST_SUITE_P(All, ContractGrowth,
                         testing::ValuesIn(contract::document_types().begin(),
                                           contract::document_types().end()),
                         [](auto const& param) { return std::string(param.param.name); });

TEST(Growth, FindsTheLevelsAndWordsOfACallResult) {
    auto const* type = contract::find_document_type("call_results");
    ASSERT_NE(type, nullptr);
    auto const document = *wire::parse_json(
        R"({"session_id":"s","disconnected_by":"bot","transcript":[{"role":"user",)"
        R"("content":"x"}]})");
    growth const found(*type, document);
    EXPECT_EQ(found.members().size(), 2U);
    EXPECT_EQ(found.words().size(), 2U);
}

}  // namespace
