// Every member of every block of the settings, by the tables: what is just within its bounds is
// kept, what is just outside or of another type is refused where it stands.
#include <gtest/gtest.h>

#include <algorithm>

#include "server/api/settings/settings_blocks.hpp"
#include "server/api/settings/settings_document.hpp"

namespace cxb::api {
namespace {

using wire::json_object;
using wire::json_value;
using wire::detail::row_data;
using wire::detail::value_kind;

// One value of one member, wrapped as the body of its block.
struct trial {
    settings_block block;
    std::string pointer;  // into the body
    json_object body;
    bool fits = false;
};

std::string name_of(trial const& one) {
    auto body = wire::to_text(one.body);
    return std::string(one.block.name) + one.pointer + " <- " + body.substr(0, 80);
}

// The trials of one member; `put` makes the body of a value.
class trials_of {
  public:
    template <class Wrap>
    trials_of(settings_block const& block, std::string pointer, row_data const& row, Wrap wrap,
              std::vector<trial>& out)
        : add_([&block, pointer, wrap, &out](json_value value, bool fits) {
              out.push_back({block, pointer, wrap(std::move(value)), fits});
          }),
          row_(row) {}

    void all() {
        add_(json_object{{"no", "such"}}, false);
        switch (row_.ops->value->kind) {
            case value_kind::text:
            case value_kind::secret:
                return texts();
            case value_kind::boolean:
                add_("true", false);
                add_(1, false);
                add_(true, true);
                return;
            case value_kind::integer:
                return numbers();
            default:
                ADD_FAILURE() << "no trials for " << row_.name;
        }
    }

  private:
    void texts() {
        add_(5, false);
        add_(json_value(wire::json_array{}), false);
        for (auto const word : row_.words)
            add_(json_value(word), true);
        if (!row_.words.empty()) return add_("nonsense", false);
        add_(json_value(std::string(row_.max_bytes + 1, 'a')), false);
        if (row_.min_bytes > 0) add_("", false);
        if (row_.pattern == nullptr) add_(json_value(std::string(row_.max_bytes, 'a')), true);
        if (row_.pattern == nullptr) return;
        add_("no \n such", false);
    }
    void numbers() {
        add_("5", false);
        add_(1.5, false);
        add_(true, false);
        add_(row_.min - 1, false);
        add_(row_.max + 1, false);
        add_(row_.min, true);
        add_(row_.max, true);
    }

    std::function<void(json_value, bool)> add_;
    row_data const& row_;
};

void add_block(settings_block const& block, std::string const& at, wire::object_table const& table,
               std::function<json_object(json_object)> const& wrap, std::vector<trial>& out) {
    for (auto const& each : table.rows()) {
        auto const& row = each.data();
        auto const pointer = at + "/" + std::string(row.name);
        auto const here = [wrap, name = row.name](json_value value) {
            return wrap(json_object{{name, std::move(value)}});
        };
        if (row.ops->value->kind != value_kind::record) {
            trials_of(block, pointer, row, here, out).all();
            continue;
        }
        for (json_value const& bad :
             {json_value(5), json_value("x"), json_value(wire::json_array{})})
            out.push_back({block, pointer, here(bad), false});
        // Blocks of voices are the contract's; its own tests know their bounds.
        if (!row.ops->may_be_absent) add_block(block, pointer, row.ops->value->table(), here, out);
    }
}

row_data const& root_row(std::string_view member) {
    auto const rows = wire_table(wire::tag<settings_document>{}).rows();
    return std::ranges::find_if(rows, [&](auto const& row) { return row.data().name == member; })
        ->data();
}

std::vector<trial> all_trials() {
    std::vector<trial> out;
    for (auto const& block : settings_blocks) {
        auto const& row = root_row(block.member);
        if (row.ops->value->kind == value_kind::record)
            add_block(
                block, "", row.ops->value->table(), [](json_object body) { return body; }, out);
    }
    // Numbers of this one are brought within its bounds.
    for (auto& one : out)
        if (one.pointer == "/amd/total_analysis_ms")
            one.fits = one.body.at("amd").at("total_analysis_ms").is_number();
    return out;
}

std::string first_pointer(result<void> const& refused) {
    auto const cause = refused.error();
    return cause.faults().empty() ? "none" : cause.faults().front().pointer;
}

json_object fresh() {
    return wire::to_object(settings_document{});
}

TEST(SettingsBounds, EveryMemberOfEveryBlock) {
    std::size_t refused = 0;
    std::size_t kept = 0;
    for (auto const& one : all_trials()) {
        auto document = fresh();
        // Half of a small size would refuse an overlap that its own bounds allow.
        if (one.pointer == "/chunk_overlap_chars")
            document["knowledge"].as_object()["chunk_size_chars"] = 8000;
        if (one.pointer == "/chunk_size_chars")
            document["knowledge"].as_object()["chunk_overlap_chars"] = 0;
        auto const before = document;
        auto const done = merge_block(document, one.block, one.body, {});
        if (one.fits) {
            EXPECT_TRUE(done) << name_of(one) << done.error().to_log_text();
            ++kept;
            continue;
        }
        ASSERT_FALSE(done) << name_of(one);
        auto const cause = done.error();
        EXPECT_EQ(cause.code(), errc::invalid);
        auto const& faults = cause.faults();
        EXPECT_TRUE(std::ranges::any_of(faults,
                                        [&](fault const& each) {
                                            return each.pointer == one.pointer ||
                                                   each.pointer.starts_with(one.pointer + "/");
                                        }))
            << name_of(one) << done.error().to_log_text();
        EXPECT_EQ(document, before) << name_of(one);
        ++refused;
    }
    EXPECT_GT(refused, 120U);
    EXPECT_GT(kept, 50U);
}

TEST(SettingsBounds, ClampedNumbersEndAtTheirBounds) {
    auto const& table = wire_table(wire::tag<amd_block>{});
    auto const& row = std::ranges::find_if(table.rows(), [](auto const& each) {
                          return each.data().name == "total_analysis_ms";
                      })->data();
    for (double const value : {-1e15, row.min - 1, row.min, row.max, row.max + 1, 1e15}) {
        json_object document{{"dialler", {{"amd", {{"total_analysis_ms", value}}}}}};
        tidy_settings(document);
        auto const kept = document.at("dialler").at("amd").at("total_analysis_ms");
        EXPECT_EQ(kept.to_number<double>(), std::clamp(value, row.min, row.max));
    }
}

TEST(SettingsBounds, ListsHaveALength) {
    auto const* const fleet = std::ranges::find(settings_blocks, "fleet", &settings_block::name);
    auto const hosts = [](std::size_t count) {
        wire::json_array out;
        for (std::size_t i = 0; i < count; ++i)
            out.push_back(json_value("http://host-" + std::to_string(i)));
        return json_object{{"cxbcore_fleet", std::move(out)}};
    };
    auto const most = root_row("cxbcore_fleet").max_items;
    EXPECT_EQ(most, 200U);
    auto document = fresh();
    EXPECT_TRUE(merge_block(document, *fleet, hosts(most), {}));
    auto const over = merge_block(document, *fleet, hosts(most + 1), {});
    ASSERT_FALSE(over);
    EXPECT_EQ(first_pointer(over), "/cxbcore_fleet");

    auto const* const keys = std::ranges::find(settings_blocks, "api_keys", &settings_block::name);
    json_object many;
    for (std::size_t i = 0; i <= root_row("api_keys").max_items; ++i)
        many["p" + std::to_string(i)] = "k";
    auto const crowded = merge_block(document, *keys, many, {});
    ASSERT_FALSE(crowded);
    EXPECT_EQ(first_pointer(crowded), "");
    many.erase("p0");
    EXPECT_TRUE(merge_block(document, *keys, many, {}));
}

TEST(SettingsBounds, ProvidersAreFewAndTheirTextsShort) {
    auto const* const block =
        std::ranges::find(settings_blocks, "providers", &settings_block::name);
    json_object const entry{{"kind", "openai_compatible"}, {"base_url", "https://h.example/v1"}};
    json_object many;
    for (int i = 0; i < 33; ++i)
        many["p" + std::to_string(i)] = entry;
    auto document = fresh();
    EXPECT_EQ(first_pointer(merge_block(document, *block, many, {})), "");
    many.erase("p0");
    EXPECT_TRUE(merge_block(document, *block, many, {}));
    for (auto const& each : wire_table(wire::tag<provider_entry>{}).rows()) {
        auto const& row = each.data();
        auto const with = [&](json_value value) {
            auto one = entry;
            one[row.name] = std::move(value);
            return json_object{{"p1", std::move(one)}};
        };
        auto const at = "/p1/" + std::string(row.name);
        for (auto const& bad : {json_value(5), json_value(std::string(row.max_bytes + 1, 'a'))})
            EXPECT_EQ(first_pointer(merge_block(document, *block, with(bad), {})), at);
        if (row.pattern == nullptr && row.words.empty()) {
            auto const longest = json_value(std::string(row.max_bytes, 'a'));
            EXPECT_TRUE(merge_block(document, *block, with(longest), {})) << row.name;
        }
    }
}

// 60 §1
TEST(SettingsBounds, AnOverlapIsAtMostHalfOfTheSize) {
    auto const* const block =
        std::ranges::find(settings_blocks, "knowledge", &settings_block::name);
    auto document = fresh();
    EXPECT_TRUE(merge_block(document, *block,
                            {{"chunk_size_chars", 1000}, {"chunk_overlap_chars", 500}}, {}));
    auto const over = merge_block(document, *block, {{"chunk_overlap_chars", 501}}, {});
    ASSERT_FALSE(over);
    EXPECT_EQ(first_pointer(over), "/chunk_overlap_chars");
    EXPECT_FALSE(merge_block(document, *block, {{"chunk_size_chars", 999}}, {}));
}

TEST(SettingsBounds, DefaultsAreThoseOfTheChapter) {
    EXPECT_EQ(wire::to_text(fresh()),
              R"({"api_keys":{},"providers":{},)"
              R"("minio":{"endpoint":"localhost:9000","access_key":"","secret_key":"",)"
              R"("bucket":"recordings","secure":false,"region":"","public_endpoint":""},)"
              R"("agent_assist":{"enabled":false,"stt_provider":"","llm_provider":"openai",)"
              R"("llm_model":"gpt-4.1-mini","system_prompt":"","suggestion_cooldown_seconds":15,)"
              R"("max_context_messages":20,"listen_to":"customer","publish_transcript":true},)"
              R"("knowledge":{"vectordb_url":"","vectordb_api_key":"",)"
              R"("vectordb_collection":"cxb_knowledge_chunks",)"
              R"("embedding_model":"gemini-embedding-001","embedding_dimensions":768,)"
              R"("chunk_size_chars":1200,"chunk_overlap_chars":180,"max_upload_mb":20,)"
              R"("tenant_id":"default","embedding_provider":"","ranking":"auto",)"
              R"("query_prefix":"","document_prefix":""},)"
              R"("dialler":{"amd":{"enabled":false,"total_analysis_ms":2000,)"
              R"("initial_silence_ms":2000,"greeting_ms":2000,"max_words":4,)"
              R"("beep_detection_enabled":true,"action_on_machine":"teardown",)"
              R"("action_on_unknown":"continue"}},"display_timezone":"UTC","cxbcore_fleet":[],)"
              R"("voice_defaults":{},"retention":{"calls_days":0,"recordings_days":0,)"
              R"("transcripts_days":0,"trace_days":30},"version":1,"updated_at":null,)"
              R"("updated_by":null})");
}

TEST(SettingsSecrets, AreWhatTheTablesSay) {
    using path = std::vector<std::string_view>;
    for (path const& secret :
         {path{"api_keys", "openai"}, path{"minio", "access_key"}, path{"minio", "secret_key"},
          path{"knowledge", "vectordb_api_key"}, path{"knowledge", "qdrant_api_key"},
          path{"voice_defaults", "stt", "api_key"},
          path{"voice_defaults", "llm", "fallback", "api_key"}})
        EXPECT_TRUE(settings_secrets(secret)) << secret.back();
    for (path const& plain : {path{}, path{"api_keys"}, path{"api_keys", "openai", "x"},
                              path{"minio"}, path{"minio", "bucket"}, path{"nothing", "api_key"},
                              path{"providers", "x", "api_key"}, path{"minio", "secret_key", "x"}})
        EXPECT_FALSE(settings_secrets(plain)) << plain.size();
}

}  // namespace
}  // namespace cxb::api
