#include "server/api/secrets/key_rotation.hpp"

#include <gtest/gtest.h>

#include "cxb/base/encoding.hpp"
#include "cxb/testing/fake_clock.hpp"
#include "cxb/testing/fault_store.hpp"
#include "server/api/secrets/secret_fields.hpp"
#include "server/common/model/collections.hpp"
#include "server/common/secrets/sealed_document_store.hpp"
#include "src/store/sqlite/sqlite_document_store.hpp"
#include "store/run_awaitable.hpp"
#include "support/child_process.hpp"

namespace cxb::api {
namespace {

namespace model = server::model;
using cxb::test::run;
using testing::store_operation;
using wire::json_object;

secret const old_key(to_base64(std::string(32, 'o')));
secret const new_key(to_base64(std::string(32, 'n')));
constexpr int bot_count = 130;  // more than a page

class KeyRotation : public ::testing::Test {
  protected:
    KeyRotation() {
        store::sqlite_options options;
        options.path = (folder / "s.db").string();
        store = store::sqlite_document_store::open(options).value();
        for (auto const* each : model::all_collections())
            EXPECT_TRUE(run(store->ensure(*each)));
        auto const sealer = with(old_key, {});
        std::vector<json_object> bots;
        for (int i = 0; i < bot_count; ++i) {
            bots.push_back(document(i));
            EXPECT_TRUE(seal(sealer, bots.back()));
        }
        EXPECT_TRUE(run(store->bulk_insert(model::bots, std::move(bots))));
    }
    static json_object document(int i) {
        return {{"_id", "b" + std::to_string(1000 + i)},
                {"version", i},
                {"llm", {{"api_key", "key-" + std::to_string(i)}}}};
    }
    static server::document_sealer with(secret const& key, secret const& previous) {
        return {domain::secret_box::make(key, previous).value(), secret_collections(),
                system_random()};
    }
    static result<void> seal(server::document_sealer const& sealer, json_object& document) {
        auto const id = std::string(wire::text_at(document, "_id"));
        std::string_view const path[] = {"llm"};
        return sealer.seal(*sealer.find(model::bots), id, path, document["llm"]);
    }
    result<std::vector<rotated_collection>> rotate(store::document_store& through) {
        audit_trail audit(*store, time, system_random());
        auto const sealer = with(new_key, old_key);
        return run(rotate_secrets(through, sealer, audit));
    }
    static rotated_collection of_bots(std::vector<rotated_collection> const& all) {
        return *std::ranges::find(all, "bots", &rotated_collection::name);
    }
    // Every bot opens with both keys; how many are of the new one?
    std::size_t changed_over() {
        auto const both = with(new_key, old_key);
        store::find_options all;
        all.limit = 0;
        auto rows = run(store->find(model::bots, {}, all)).value().items;
        EXPECT_EQ(rows.size(), std::size_t{bot_count});
        std::size_t out = 0;
        for (auto& row : rows) {
            auto const text = std::string(wire::text_at(row, "llm.api_key"));
            out += both.box().is_current(text) ? 1 : 0;
            EXPECT_TRUE(both.open(*both.find(model::bots), row));
            EXPECT_EQ(row, document(static_cast<int>(wire::int_at(row, "version"))));
        }
        return out;
    }

    cxb::test::scratch_dir folder;
    testing::fake_clock time;
    std::unique_ptr<store::sqlite_document_store> store;
};

TEST_F(KeyRotation, SealsEachRowOnce) {
    auto const first = rotate(*store);
    ASSERT_TRUE(first) << first.error().to_log_text();
    EXPECT_EQ(of_bots(*first).rows, std::size_t{bot_count});
    EXPECT_EQ(of_bots(*first).changed, std::size_t{bot_count});
    EXPECT_EQ(of_bots(*first).secrets, std::size_t{bot_count});
    EXPECT_EQ(changed_over(), std::size_t{bot_count});
    auto const again = rotate(*store);
    ASSERT_TRUE(again);
    EXPECT_EQ(of_bots(*again).changed, 0U);
    EXPECT_EQ(of_bots(*again).current, std::size_t{bot_count});
}

// Wherever it ends, everything is readable, and repeating it does the rest.
TEST_F(KeyRotation, MayEndAnywhereAndBeRepeated) {
    std::size_t before = 0;
    for (std::size_t const step : {1U, 7U, 60U, 20U}) {
        testing::fault_store shaky(*store);
        shaky.add({.on = store_operation::update_one, .collection = "bots", .step = step});
        EXPECT_FALSE(rotate(shaky));
        EXPECT_EQ(changed_over(), before + step - 1);
        before += step - 1;
    }
    // Done, but the answer was lost.
    testing::fault_store late(*store);
    late.add({.on = store_operation::update_one, .collection = "bots", .carried_out = true});
    EXPECT_FALSE(rotate(late));
    EXPECT_EQ(changed_over(), before + 1);
    auto const rest = rotate(*store);
    ASSERT_TRUE(rest);
    EXPECT_EQ(of_bots(*rest).changed, bot_count - before - 1);
    EXPECT_EQ(changed_over(), std::size_t{bot_count});
}

TEST_F(KeyRotation, ARowThatNoKeyOpensIsToldAndLeftAlone) {
    auto lost = document(7);
    EXPECT_TRUE(seal(with(secret(to_base64(std::string(32, 'x'))), {}), lost));
    EXPECT_TRUE(run(store->update_one(model::bots, store::by_id("b1007"),
                                      store::update{}.set("llm", lost.at("llm"))))
                    .value());
    auto const done = rotate(*store);
    ASSERT_TRUE(done);
    ASSERT_EQ(of_bots(*done).faults.size(), 1U);
    EXPECT_NE(of_bots(*done).faults[0].find("bots/b1007/llm/api_key"), std::string::npos);
    EXPECT_EQ(of_bots(*done).changed, bot_count - 1U);
    auto const kept = run(store->find_one(model::bots, store::by_id("b1007"))).value().value();
    EXPECT_EQ(kept.at("llm"), lost.at("llm"));
}

TEST_F(KeyRotation, NeedsAKey) {
    audit_trail audit(*store, time, system_random());
    auto const sealer = with({}, old_key);
    auto const refused = run(rotate_secrets(*store, sealer, audit));
    ASSERT_FALSE(refused);
    EXPECT_EQ(refused.error().code(), errc::invalid);
    EXPECT_EQ(changed_over(), 0U);
}

TEST_F(KeyRotation, OneAuditRowNamesTheKeyByItsId) {
    ASSERT_TRUE(rotate(*store));
    auto const rows = run(store->find(model::audit_log, {})).value().items;
    ASSERT_EQ(rows.size(), 1U);
    EXPECT_EQ(wire::text_at(rows[0], "action"), "secrets.rotate_key");
    EXPECT_EQ(wire::text_at(rows[0], "actor.type"), "command");
    auto const& change = rows[0].at("changes").at(0).as_object();
    EXPECT_EQ(wire::text_at(change, "new"), with(new_key, {}).box().key_id());
}

TEST(SecretFields, EveryDeclaredCollectionIsAsTheSealerNeedsIt) {
    EXPECT_GE(secret_collections().size(), 3U);
    for (auto const& each : secret_collections()) {
        EXPECT_TRUE(std::ranges::any_of(each.rows->fields, [](auto const& field) {
            return field.name == "version" && field.type == store::field_type::integer;
        })) << each.rows->name;
        EXPECT_TRUE(std::ranges::find(model::all_collections(), each.rows) !=
                    model::all_collections().end())
            << each.rows->name;
    }
}

}  // namespace
}  // namespace cxb::api
