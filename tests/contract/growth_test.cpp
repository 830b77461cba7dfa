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

/// A change to one place of a document, and where that place is in what is written of it.
struct change {
    std::string pointer;
    std::string written;
    std::function<void(wire::json_value& document)> apply;
};

wire::json_value& at(wire::json_value& document, std::string const& pointer) {
    return document.at_pointer(pointer);
}

/// A place on the way in and, where a member came under another name, on the way out.
struct place {
    std::string pointer;
    std::string written;
    [[nodiscard]] place below(std::string_view name, std::string_view canonical) const {
        return {wire::append_pointer(pointer, name), wire::append_pointer(written, canonical)};
    }
    [[nodiscard]] place below(std::string_view name) const { return below(name, name); }
};

/// Walks the document along the tables and lists what may grow in it.
class growth {
  public:
    explicit growth(document_type const& type, wire::json_value const& document) {
        walk_object(type.table(), document, {});
    }
    [[nodiscard]] std::vector<change> const& members() const { return members_; }
    [[nodiscard]] std::vector<change> const& words() const { return words_; }

  private:
    /// A new member of the object there.
    void grow(place const& where, wire::json_value const& value) {
        members_.push_back({where.pointer, where.written,
                            [pointer = where.pointer, value](wire::json_value& document) {
                                at(document, pointer).as_object()[new_member] = value;
                            }});
    }

    void walk_object(wire::object_table const& table, wire::json_value const& value,
                     place const& where) {
        if (!value.is_object()) return;
        grow(where, wire::json_object{{"deep", wire::json_array{1, 2}}});
        for (auto const& row : table.rows())
            walk_row(row.data(), value.get_object(), where);
    }

    /// The member under its own name, else under the first alias that is there.
    void walk_row(wire::detail::row_data const& row, wire::json_object const& object,
                  place const& where) {
        if (auto const* member = object.if_contains(row.name))
            return walk_member(row, *member, where.below(row.name));
        for (std::size_t i = 0; i < row.alias_count; ++i)
            if (auto const* member = object.if_contains(row.aliases.at(i)))
                return walk_member(row, *member, where.below(row.aliases.at(i), row.name));
    }

    void walk_member(wire::detail::row_data const& row, wire::json_value const& value,
                     place const& where) {
        if (row.ops->value == nullptr || row.ops->value->kind == value_kind::raw)
            return walk_free(value, where);
        walk(*row.ops->value, value, where);
    }

    /// Values of free shape may hold anything anywhere, up to the members of a connected_event.
    void walk_free(wire::json_value const& value, place const& where) {
        if (value.is_object()) {
            if (value.get_object().size() < limits::connected_event_members) grow(where, 1);
            for (auto const& [name, inner] : value.get_object())
                walk_free(inner, where.below(name));
        }
        if (!value.is_array()) return;
        for (std::size_t i = 0; i < value.get_array().size(); ++i)
            walk_free(value.get_array()[i], where.below(std::to_string(i)));
    }

    void walk(value_ops const& ops, wire::json_value const& value, place const& where) {
        if (ops.kind == value_kind::map && value.is_object()) {
            auto const& map = value.get_object();
            grow(where, map.empty() ? wire::json_value("text") : map.begin()->value());
        }
        if (ops.kind == value_kind::record) walk_object(ops.table(), value, where);
        if (ops.kind == value_kind::word && ops.open && value.is_string())
            words_.push_back({where.pointer, where.written,
                              [pointer = where.pointer](wire::json_value& document) {
                                  at(document, pointer) = new_word;
                              }});
        if (ops.kind != value_kind::list || !value.is_array()) return;
        auto const& items = value.get_array();
        for (std::size_t i = 0; i < items.size(); ++i)
            walk(*ops.item, items[i], where.below(std::to_string(i)));
    }

    std::vector<change> members_;
    std::vector<change> words_;
};

class ContractGrowth : public ::testing::TestWithParam<document_type> {};

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
            EXPECT_EQ(at(after, one.written).as_string(), new_word);
        }
    }
}

INSTANTIATE_TEST_SUITE_P(All, ContractGrowth,
                         ::testing::ValuesIn(contract::document_types().begin(),
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

TEST(Growth, FindsMapsAliasesAndValuesOfFreeShape) {
    auto const levels = [](std::string_view name, std::string_view text) {
        auto const* type = contract::find_document_type(name);
        EXPECT_NE(type, nullptr) << name;
        std::string out;
        growth const found(*type, *wire::parse_json(text));
        for (auto const& one : found.members())
            out += one.pointer + ";";
        return out;
    };
    EXPECT_EQ(levels("token_request", R"({"identity":"a","attributes":{}})"), ";/attributes;");
    EXPECT_EQ(levels("enqueue_request", R"({"caller_id":{"number":""},"context":{"a":[{}]}})"),
              ";/caller_id;/context;/context/a/0;");
    EXPECT_EQ(levels("config_request", R"({"connected_event":{"a":{}}})"),
              ";/connected_event;/connected_event/a;");
}

}  // namespace
