// What a call keeps of its exchanges with CRMs (spec 21 §3.5): the newest, cut, and no secret.
#include "server/api/calls/integration_log.hpp"

#include <gtest/gtest.h>

#include "cxb/base/encoding.hpp"

namespace cxb::api {
namespace {

constexpr std::size_t kept_entries = 50;
constexpr std::size_t kept_bytes = 2048;

integration_entry entry_of(std::string request = {}, std::string response = {}) {
    integration_entry out;
    out.at = parse_timestamp("2026-01-02T03:04:05Z").value();
    out.kind = "post_push";
    out.attempt = 3;
    out.method = "POST";
    out.url = "https://crm.example/calls?customer=C9&flag&token=t-1";
    out.status = 503;
    out.took = milliseconds{12};
    out.request = std::move(request);
    out.response = std::move(response);
    return out;
}

std::string_view member(wire::json_object const& of, char const* name) {
    return wire::text_at(of, name);
}

TEST(IntegrationLog, KeepsTheNewestFifty) {
    wire::json_object call;
    for (std::size_t i = 1; i <= kept_entries + 20; ++i) {
        auto entry = entry_of();
        entry.attempt = static_cast<int>(i);
        store::update changes;
        log_into(changes, entry);
        changes.apply(call, false);
    }
    auto const& kept = call.at("integration_log").as_array();
    ASSERT_EQ(kept.size(), kept_entries);
    EXPECT_EQ(kept.front().at("attempt").to_number<std::size_t>(), 21U);
    EXPECT_EQ(kept.back().at("attempt").to_number<std::size_t>(), kept_entries + 20);
}

TEST(IntegrationLog, TellsTheMembersOfTheChapterAndNoMore) {
    auto entry = entry_of("{}", "[]");
    entry.error = "status_503";
    entry.job_id = "j-1";
    entry.next_attempt_at = parse_timestamp("2026-01-02T03:05:05Z").value();
    EXPECT_EQ(wire::to_text(to_json(entry)),
              R"({"at":"2026-01-02T03:04:05.000Z","kind":"post_push","attempt":3,"method":"POST",)"
              R"("url":"https://crm.example/calls?customer=***&flag=***&token=***","status":503,)"
              R"("ok":false,"ms":12,"error":"status_503","request_excerpt":"{}",)"
              R"("response_excerpt":"[]","job_id":"j-1",)"
              R"("next_attempt_at":"2026-01-02T03:05:05.000Z"})");
    auto const bare = to_json(entry_of());
    for (char const* name :
         {"error", "request_excerpt", "response_excerpt", "job_id", "next_attempt_at"})
        EXPECT_FALSE(bare.contains(name)) << name;
}

TEST(IntegrationLog, ExcerptsAreCutBetweenCharacters) {
    std::string hindi;
    while (hindi.size() < 3 * kept_bytes)
        hindi += "हाँ";
    auto const shown = to_json(entry_of("x" + hindi, hindi));
    for (char const* name : {"request_excerpt", "response_excerpt"}) {
        auto const text = member(shown, name);
        EXPECT_LE(text.size(), kept_bytes);
        EXPECT_GT(text.size(), kept_bytes - 4);
        EXPECT_TRUE(is_utf8(text)) << name;
    }
    EXPECT_EQ(member(to_json(entry_of("\xff\xfe")), "request_excerpt"), "<2 bytes>");
}

// A secret deep in a long body is gone before the body is cut.
TEST(IntegrationLog, SecretsAreBlankedWhereverTheyLie) {
    std::string const body = R"({"customer":{"api_key":"hush-1","name":"Ravi"},"list":[)"
                             R"({"password":"hush-2"}],"Authorization":"hush-3"})";
    auto const shown = to_json(entry_of(body, body));
    for (char const* name : {"request_excerpt", "response_excerpt"}) {
        EXPECT_EQ(member(shown, name).find("hush"), std::string_view::npos) << member(shown, name);
        EXPECT_NE(member(shown, name).find("Ravi"), std::string_view::npos) << member(shown, name);
    }
    auto form = entry_of("name=Ravi&api_key=hush-1&more=%7B%22token%22%3A%22hush-2%22%7D&x=%zz");
    form.form = true;
    EXPECT_EQ(member(to_json(form), "request_excerpt"),
              R"(name=Ravi&api_key=***&more={"token":"***"}&x=***)");
}

}  // namespace
}  // namespace cxb::api
