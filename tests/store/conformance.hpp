#pragma once
/// @file
/// The conformance suite of `document_store`: every engine passes the same tests. An engine takes
/// part by a row in `engines()`.

#include <gtest/gtest.h>

#include <functional>
#include <memory>
#include <ostream>
#include <string>
#include <vector>

#include "cxb/store/document_store.hpp"
#include "store/run_awaitable.hpp"
#include "support/child_process.hpp"
#include "support/required.hpp"

namespace cxb::store {

/// How to open an engine; opening again with the same folder finds the same documents. `missing`
/// tells what the engine needs and this machine has not: its tests are then skipped, visibly.
struct engine_kind {
    std::string name;
    std::function<std::unique_ptr<document_store>(std::filesystem::path const& folder)> open;
    std::function<std::string()> missing = [] { return std::string(); };
};

inline void PrintTo(engine_kind const& shown, std::ostream* to) {
    *to << shown.name;
}

std::vector<engine_kind> const& engines();

class Conformance : public ::testing::TestWithParam<engine_kind> {
  protected:
    void SetUp() override {
        CXB_SKIP_IF_MISSING(GetParam().missing());
        reopen();
    }

    void reopen() {
        opened.reset();
        opened = GetParam().open(folder.path());
        ASSERT_NE(opened, nullptr);
        for (auto const* each : declared)
            ASSERT_TRUE(test::run(opened->ensure(*each)));
    }

    document_store& store() { return *opened; }

    /// Adds a collection to those of the test.
    void use(collection const& what) {
        if (IsSkipped()) return;
        declared.push_back(&what);
        ASSERT_TRUE(test::run(opened->ensure(what)));
    }

    void insert(collection const& into, std::string_view text) {
        ASSERT_TRUE(test::run(store().insert(into, wire::parse_json(text).value().get_object())));
    }

    /// Document of an id as text, "" when there is none.
    std::string text_of(collection const& from, std::string_view id) {
        auto const found = test::run(store().find_one(from, by_id(id))).value();
        return found ? wire::to_text(*found) : std::string();
    }

    /// Ids of a whole list in its order.
    std::vector<std::string> ids(collection const& from, filter where = {},
                                 std::vector<sort_key> sort = {}) {
        find_options options;
        options.sort = std::move(sort);
        options.limit = 0;
        return ids_of(test::run(store().find(from, std::move(where), options)).value());
    }

    static std::vector<std::string> ids_of(page const& from) {
        std::vector<std::string> made;
        for (auto const& each : from.items)
            made.emplace_back(wire::text_at(each, "_id"));
        return made;
    }

    test::scratch_dir folder;
    std::vector<collection const*> declared;
    std::unique_ptr<document_store> opened;
};

using words = std::vector<std::string>;

/// One collection with a field of every kind.
inline constexpr field_decl item_fields[] = {
    {"name", field_type::text},    {"n", field_type::integer},    {"r", field_type::real},
    {"flag", field_type::boolean}, {"at", field_type::timestamp}, {"kind", field_type::text},
    {"owner.id", field_type::text}};
inline constexpr std::string_view by_name[] = {"name"};
inline constexpr std::string_view by_n[] = {"n"};
inline constexpr std::string_view by_owner_kind[] = {"owner.id", "kind"};
inline constexpr index_decl item_indexes[] = {
    {by_name, true}, {by_n}, {by_owner_kind, true, "kind", "agent"}};
inline constexpr collection items{"items", item_fields, item_indexes};

inline constexpr collection others{"others", {}, {}};

}  // namespace cxb::store
