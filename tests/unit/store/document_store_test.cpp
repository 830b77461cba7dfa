#include "cxb/store/document_store.hpp"

#include <gtest/gtest.h>

#include <boost/json/monotonic_resource.hpp>

namespace cxb::store {
namespace {

constexpr collection things{"things", {}, {}};

TEST(Batch, KeepsDocumentsAndValuesInTheMemoryTheyCameIn) {
    boost::json::monotonic_resource memory;
    auto document = wire::parse_json(R"({"_id":"1","list":[1,2]})", 0, &memory).value();
    auto const* const list = document.at("list").as_array().data();
    batch all;
    all.insert(things, std::move(document.as_object()));
    all.update_one(things, by_id("2"), {});  // the list of writes grows
    EXPECT_EQ(all.writes()[0].document.at("list").as_array().data(), list);
    update changes;
    changes.set("list", std::move(all.writes()[0].document.at("list"))).unset("other");
    EXPECT_EQ(changes.changes()[0].value.as_array().data(), list);
}

TEST(Batch, RemembersItsWritesInOrder) {
    batch all;
    EXPECT_TRUE(all.empty());
    all.insert(things, {{"_id", "1"}}, "new")
        .update_one(things, by_id("2"), update{}.set("a", 1), "old")
        .upsert(things, by_id("3"), update{}.inc("n", 1))
        .remove_one(things, by_id("4"), "gone")
        .update_if_any(things, by_id("5"), update{}.unset("a"));
    ASSERT_EQ(all.writes().size(), 5U);
    auto const& writes = all.writes();
    EXPECT_EQ(writes[0].kind, write_kind::insert);
    EXPECT_EQ(wire::text_at(writes[0].document, "_id"), "1");
    EXPECT_EQ(writes[0].label, "new");
    EXPECT_EQ(writes[1].kind, write_kind::update);
    EXPECT_EQ(writes[1].label, "old");
    EXPECT_TRUE(writes[1].must_match);
    EXPECT_EQ(writes[2].kind, write_kind::upsert);
    EXPECT_EQ(writes[3].kind, write_kind::remove);
    EXPECT_TRUE(writes[3].must_match);
    EXPECT_EQ(writes[4].kind, write_kind::update);
    EXPECT_FALSE(writes[4].must_match);
    for (auto const& each : writes)
        EXPECT_EQ(each.into, &things);
}

TEST(Collection, FindsDeclaredFields) {
    static constexpr field_decl fields[] = {{"a", field_type::text}, {"b.c", field_type::integer}};
    static constexpr collection what{"what", fields, {}};
    EXPECT_EQ(what.find("b.c")->type, field_type::integer);
    EXPECT_EQ(what.find("b"), nullptr);
}

}  // namespace
}  // namespace cxb::store
