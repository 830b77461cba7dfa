#include "server/common/secrets/sealed_document_store.hpp"

#include <gtest/gtest.h>

#include "cxb/base/encoding.hpp"
#include "src/store/sqlite/sqlite_document_store.hpp"
#include "store/run_awaitable.hpp"
#include "support/child_process.hpp"

namespace cxb::server {
namespace {

using test::run;
using wire::json_object;
using wire::json_value;

constexpr store::field_decl fields[] = {{"version", store::field_type::integer},
                                        {"name", store::field_type::text}};
constinit store::collection const things{"things", fields, {}};
constinit store::collection const others{"others", fields, {}};

bool is_secret(domain::member_path path) noexcept {
    return path.back() == "password" || (path.size() == 2 && path[0] == "keys");
}
constexpr secret_collection declared[] = {{&things, &is_secret}};

secret const first(to_base64(std::string(32, 'a')));
secret const second(to_base64(std::string(32, 'b')));

struct SealedStore : ::testing::Test {
    cxb::test::scratch_dir folder;

    std::unique_ptr<sealed_document_store> open(secret const& key, secret const& previous = {}) {
        store::sqlite_options options;
        options.path = (folder / "s.db").string();
        auto made = std::make_unique<sealed_document_store>(
            store::sqlite_document_store::open(options).value(),
            document_sealer(domain::secret_box::make(key, previous).value(), declared,
                            system_random()));
        EXPECT_TRUE(run(made->ensure(things)));
        EXPECT_TRUE(run(made->ensure(others)));
        return made;
    }
    static json_object document(std::string const& id = "t1") {
        return {{"_id", id},
                {"version", 1},
                {"name", "visible"},
                {"password", "hush-1"},
                {"keys", {{"one", "hush-2"}, {"none", ""}, {"number", 5}}},
                {"list", {{{"password", "hush-3"}}, {{"password", nullptr}}}}};
    }
    // As it lies there.
    static json_object below(sealed_document_store& store, std::string const& id = "t1") {
        return run(store.inner().find_one(things, store::by_id(id))).value().value();
    }
    static json_object seen(sealed_document_store& store, std::string const& id = "t1") {
        return run(store.find_one(things, store::by_id(id))).value().value();
    }
};

TEST_F(SealedStore, OnlySecretsAreSealedAndAllOpen) {
    auto const store = open(first);
    ASSERT_TRUE(run(store->insert(things, document())));
    auto const raw = below(*store);
    auto const text = wire::to_text(raw);
    EXPECT_EQ(text.find("hush"), std::string::npos) << text;
    EXPECT_EQ(wire::text_at(raw, "name"), "visible");
    EXPECT_TRUE(domain::looks_sealed(wire::text_at(raw, "password")));
    EXPECT_EQ(wire::text_at(raw, "keys.none"), "");
    EXPECT_EQ(wire::int_at(raw, "keys.number"), 5);
    EXPECT_TRUE(raw.at("list").at(1).at("password").is_null());
    EXPECT_EQ(seen(*store), document());
    EXPECT_EQ(run(store->find(things, {})).value().items.at(0), document());
}

TEST_F(SealedStore, EveryWayOfWritingSeals) {
    auto const store = open(first);
    ASSERT_TRUE(run(store->bulk_insert(things, {document("t1"), document("t2")})));
    store::batch writes;
    writes.insert(things, document("t3"));
    writes.update_one(things, store::by_id("t1"), store::update{}.set("password", "hush-4"));
    writes.upsert(things, store::by_id("t4"),
                  store::update{}
                      .set("keys", json_object{{"one", "hush-5"}})
                      .set_on_insert("password", "hush-6"));
    ASSERT_TRUE(run(store->commit(std::move(writes))).value().applied);
    EXPECT_TRUE(run(store->update_one(things, store::by_id("t2"),
                                      store::update{}
                                          .set("list.0.password", "x")
                                          .set("keys.one", "hush-7")
                                          .inc("version", 1)
                                          .unset("name")))
                    .value());
    auto const changed = run(store->find_one_and_update(things, store::by_id("t3"),
                                                        store::update{}.set("password", "hush-8")))
                             .value();
    EXPECT_EQ(wire::text_at(*changed, "password"), "hush-8");
    for (auto const* id : {"t1", "t2", "t3", "t4"})
        EXPECT_EQ(wire::to_text(below(*store, id)).find("hush"), std::string::npos) << id;
    EXPECT_EQ(wire::text_at(seen(*store, "t1"), "password"), "hush-4");
    EXPECT_EQ(wire::text_at(seen(*store, "t2"), "keys.one"), "hush-7");
    EXPECT_EQ(wire::int_at(seen(*store, "t2"), "version"), 2);
    EXPECT_EQ(wire::text_at(seen(*store, "t4"), "keys.one"), "hush-5");
    EXPECT_EQ(wire::text_at(seen(*store, "t4"), "password"), "hush-6");
}

TEST_F(SealedStore, OtherCollectionsPassAsTheyAre) {
    auto const store = open(first);
    ASSERT_TRUE(run(store->insert(others, document())));
    EXPECT_EQ(run(store->inner().find_one(others, store::by_id("t1"))).value().value(), document());
    EXPECT_EQ(run(store->update_many(others, {}, store::update{}.set("password", "p"))).value(), 1);
    EXPECT_EQ(run(store->count(others, {})).value(), 1);
    EXPECT_EQ(run(store->group(others, {}, {"name"})).value().size(), 1U);
    EXPECT_EQ(run(store->remove(others, {})).value(), 1);
    EXPECT_TRUE(run(store->ping()));
}

TEST_F(SealedStore, WhatWasPlainIsReadAndSealedWithItsNextWrite) {
    auto store = open({});
    ASSERT_TRUE(run(store->insert(things, document())));
    EXPECT_EQ(below(*store), document());
    store = nullptr;
    store = open(first);
    EXPECT_EQ(seen(*store), document());
    ASSERT_TRUE(run(store->update_one(things, store::by_id("t1"),
                                      store::update{}.set("password", "hush-1")))
                    .value());
    EXPECT_TRUE(domain::looks_sealed(wire::text_at(below(*store), "password")));
    EXPECT_EQ(wire::text_at(below(*store), "keys.one"), "hush-2") << "not saved yet";
    EXPECT_EQ(seen(*store), document());
}

TEST_F(SealedStore, TheFormerKeyStillOpens) {
    auto store = open(first);
    ASSERT_TRUE(run(store->insert(things, document())));
    store = nullptr;
    store = open(second, first);
    EXPECT_EQ(seen(*store), document());
}

TEST_F(SealedStore, AnUnknownKeyIsAFaultWithItsPlace) {
    auto store = open(first);
    ASSERT_TRUE(run(store->insert(things, document())));
    for (auto const& key : {second, secret()}) {
        store = nullptr;
        store = open(key);
        auto const one = run(store->find_one(things, store::by_id("t1")));
        ASSERT_FALSE(one);
        EXPECT_EQ(one.error().code(), errc::corrupt_data);
        EXPECT_EQ(one.error().reason(), domain::secret_key_unknown);
        EXPECT_NE(one.error().detail().find("things/t1/password"), std::string::npos);
        EXPECT_FALSE(run(store->find(things, {})));
        EXPECT_FALSE(run(store->find_one_and_update(things, store::by_id("t1"),
                                                    store::update{}.set("name", "x"))));
        store::find_options part;
        part.only = {"name"};
        EXPECT_TRUE(run(store->find(things, {}, part))) << "no secret is read";
    }
}

TEST_F(SealedStore, ASealedValueOpensOnlyInItsPlace) {
    auto const store = open(first);
    ASSERT_TRUE(run(store->bulk_insert(things, {document("t1"), document("t2")})));
    auto const stolen = std::string(wire::text_at(below(*store, "t1"), "password"));
    for (auto const* path : {"keys.one", "password"}) {
        ASSERT_TRUE(run(store->inner().update_one(things, store::by_id("t2"),
                                                  store::update{}.set(path, json_value(stolen)))));
        auto const got = run(store->find_one(things, store::by_id("t2")));
        ASSERT_FALSE(got) << path;
        EXPECT_EQ(got.error().reason(), domain::secret_damaged);
    }
}

// It could not be told from a sealed one when it is read.
TEST_F(SealedStore, WithoutAKeyASecretMustNotLookSealed) {
    auto store = open({});
    auto odd = document();
    odd["keys"].as_object()["one"] = "enc:v1:hello";
    auto const refused = run(store->insert(things, odd));
    ASSERT_FALSE(refused);
    EXPECT_EQ(refused.error().code(), errc::invalid);
    EXPECT_EQ(refused.error().faults().front().pointer, "/keys/one");
    EXPECT_EQ(run(store->count(things, {})).value(), 0);
    store = nullptr;
    store = open(first);
    ASSERT_TRUE(run(store->insert(things, odd)));
    EXPECT_EQ(seen(*store), odd);
}

TEST_F(SealedStore, WritesThatCannotBeSealedAreBugs) {
    auto const store = open(first);
    auto nameless = document();
    nameless.erase("_id");
    EXPECT_THROW((void)store->insert(things, nameless), std::logic_error);
    EXPECT_THROW((void)store->update_many(things, {}, store::update{}.set("password", "x")),
                 std::logic_error);
    EXPECT_THROW((void)store->update_one(things, store::all_of({store::eq("version", 1)}),
                                         store::update{}.set("password", "x")),
                 std::logic_error);
    EXPECT_THROW(
        (void)store->update_one(things, store::by_id("t1"),
                                store::update{}.push("list", json_object{{"password", "x"}})),
        std::logic_error);
    EXPECT_TRUE(run(store->update_many(things, {}, store::update{}.set("name", "x"))));
}

}  // namespace
}  // namespace cxb::server
