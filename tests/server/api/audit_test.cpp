// /audit over HTTP (spec 20 §3.3): lists, verify, export; the chain itself: audit_chain_test.cpp.
#include <boost/asio/connect.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/read_until.hpp>
#include <boost/asio/write.hpp>

#include "cxb/base/crypto.hpp"
#include "server/api/audit/audit_chain.hpp"
#include "server/api/people_fixture.hpp"
#include "server/common/model/collections.hpp"
#include "src/store/sqlite/sqlite_document_store.hpp"
#include "store/run_awaitable.hpp"

namespace cxb::api::test {
namespace {

namespace asio = boost::asio;
namespace model = server::model;

struct Audit : people_test {
    void SetUp() override { start(); }
    answer audit(std::string const& query = {}) { return admin("GET", "/api/v1/audit" + query); }
    std::string actions(std::string const& query = {}) { return listed(audit(query), "action"); }
};

TEST_F(Audit, EveryChangeStandsThereNewestFirst) {
    auto const id = make_user("asha@example.com", "agent");
    admin("PUT", at(id), json_object{{"role", "supervisor"}, {"name", "Asha"}});
    admin("POST", at(id, "/deactivate"));
    admin("POST", at(id, "/deactivate"));
    admin("PUT", at(id), json_object{{"name", "Asha R"}});
    admin("POST", at(id, "/reset-password"));
    admin("DELETE", at(id));
    EXPECT_EQ(actions("?target_type=user&target_id=" + id),
              "user.delete,user.password_reset,user.update,user.activate,user.deactivate,"
              "user.role,user.create");
    EXPECT_EQ(actions(),
              "user.delete,user.password_reset,user.update,user.activate,user.deactivate,"
              "user.role,user.create,login,bootstrap");
    auto const role = audit("?action=user.role").json.at("items").at(0).as_object();
    EXPECT_EQ(wire::text_at(role, "actor.type"), "user");
    EXPECT_EQ(wire::text_at(role, "actor.label"), admin_email);
    EXPECT_EQ(wire::text_at(role, "target.label"), "asha@example.com");
    EXPECT_EQ(wire::text_at(role, "ip"), "127.0.0.1");
    EXPECT_EQ(wire::text_at(role, "request_id").size(), 36U);
    std::map<std::string, std::string> changes;
    for (auto const& one : role.at("changes").as_array())
        changes[std::string(wire::text_at(one.as_object(), "path"))] =
            wire::to_text(one.at("old")) + " " + wire::to_text(one.at("new"));
    EXPECT_EQ(changes, (std::map<std::string, std::string>{{"name", R"("asha@example.com" "Asha")"},
                                                           {"role", R"("agent" "supervisor")"}}));
    auto const reset = wire::to_text(audit("?action=user.password_reset").json);
    EXPECT_NE(reset.find(R"x("path":"password","old":"(secret)","new":"(secret)")x"),
              std::string::npos)
        << reset;
    EXPECT_EQ(reset.find("argon2"), std::string::npos);
    EXPECT_FALSE(role.contains("_id"));
}

TEST_F(Audit, TextsAreCutAndSecretsAreNotSaid) {
    auto const changes_of = [&](std::string const& bot, json_object body) {
        EXPECT_EQ(admin("PUT", "/api/v1/bots/" + bot, body).status, 200);
        return wire::to_text(
            audit("?limit=1&target_type=bot").json.at("items").at(0).at("changes"));
    };
    auto const bot = admin("POST", "/api/v1/bots", json_object{{"name", "Collect"}}).text("id");
    EXPECT_EQ(changes_of(bot, {{"description", std::string(500, 'a')}}),
              R"([{"path":"description","old":"","new":")" + std::string(500, 'a') + R"("}])");
    EXPECT_EQ(changes_of(bot, {{"description", std::string(499, 'b') + "é"}}),
              R"([{"path":"description","old":")" + std::string(500, 'a') + R"(","new":")" +
                  std::string(499, 'b') + R"("}])");
    json_object llm{{"provider", "openai"}, {"model", "m1"}, {"api_key", "sk-1234567890abcd"}};
    auto const made = changes_of(bot, {{"llm", llm}});
    EXPECT_NE(made.find(R"x("api_key":"(secret)")x"), std::string::npos) << made;
    EXPECT_EQ(made.find("sk-1"), std::string::npos) << made;
    llm["api_key"] = "sk-another-of-them";
    EXPECT_EQ(changes_of(bot, {{"llm", llm}}),
              R"x([{"path":"llm","old":"(secret)","new":"(secret)"}])x");
    EXPECT_EQ(admin("GET", "/api/v1/audit/verify").json.at("ok").as_bool(), true);
}

TEST_F(Audit, EachFilterNarrows) {
    auto const id = make_user("boss@example.com", "admin");
    auto const token = token_of("boss@example.com");
    auto const from = format_timestamp(clock.now() + std::chrono::milliseconds{1});
    as(token, "POST", "/api/v1/bots", json_object{{"name", "Collect"}});
    auto const to = format_timestamp(clock.now() + std::chrono::milliseconds{1});
    admin("POST", "/api/v1/bots", json_object{{"name", "Renew"}});
    EXPECT_EQ(actions("?actor=" + id), "bot.create,login");
    EXPECT_EQ(actions("?actor=" + id + "&action=login"), "login");
    EXPECT_EQ(actions("?target_type=bot"), "bot.create,bot.create");
    EXPECT_EQ(actions("?from=" + from + "&to=" + to), "bot.create");
    EXPECT_EQ(actions("?to=2020-01-01T00:00:00Z"), "");
    EXPECT_EQ(actions("?actor=nobody"), "");
    auto const first = audit("?limit=2");
    EXPECT_EQ(listed(audit("?limit=2&cursor=" + first.text("next")), "action"),
              "login,user.create");
    EXPECT_EQ(first.json.at("total").to_number<int>(), 6);
}

TEST_F(Audit, AWrongQueryNamesEachParameter) {
    auto const got = audit("?target_id=b&from=yesterday&seq=1");
    EXPECT_EQ(got.status, 422);
    std::string pointers;
    for (auto const& one : got.json.at("errors").as_array())
        pointers += std::string(wire::text_at(one.as_object(), "pointer")) + " ";
    EXPECT_EQ(pointers, "/target_id /from /seq ");
    for (char const* query : {"?from=0", "?to=-1", "?from=x", "?to=1.5", "?page=1"}) {
        EXPECT_EQ(admin("GET", std::string("/api/v1/audit/verify") + query).status, 422) << query;
        EXPECT_EQ(admin("GET", std::string("/api/v1/audit/export") + query).status, 422) << query;
    }
}

TEST_F(Audit, AdminsDoNotSeeSettingsAndCarriers) {
    make_user("boss@example.com", "admin");
    make_user("asha@example.com", "supervisor");
    EXPECT_EQ(
        admin("PUT", "/api/v1/settings/timezone", json_object{{"display_timezone", "UTC"}}).status,
        200);
    admin("PUT", "/api/v1/settings/timezone", json_object{{"display_timezone", "Asia/Kolkata"}});
    stop();
    // A row of the other hidden kind, as another part of the API writes it.
    sql("update audit_log set doc = json_set(doc, '$.target.type', 'carrier'), "
        "cxb_fields = 0 where seq = 1");
    start();
    forget_token();
    EXPECT_NE(actions().find("settings.timezone"), std::string::npos);
    EXPECT_NE(actions("?target_type=carrier"), "");
    auto const boss = token_of("boss@example.com");
    auto const seen = as(boss, "GET", "/api/v1/audit");
    EXPECT_EQ(seen.status, 200);
    EXPECT_EQ(seen.body.find("settings"), std::string::npos);
    EXPECT_EQ(seen.body.find("carrier"), std::string::npos);
    EXPECT_NE(listed(seen, "action").find("user.create"), std::string::npos);
    for (char const* type : {"settings", "carrier"})
        EXPECT_EQ(as(boss, "GET", std::string("/api/v1/audit?target_type=") + type)
                      .json.at("total")
                      .to_number<int>(),
                  0);
    for (char const* path : {"/api/v1/audit/verify", "/api/v1/audit/export"})
        EXPECT_EQ(as(boss, "GET", path).status, 403) << path;
    EXPECT_EQ(as(token_of("asha@example.com"), "GET", "/api/v1/audit").status, 403);
    EXPECT_EQ(send("GET", "/api/v1/audit").status, 401);
}

TEST_F(Audit, ARowChangedByHandIsNamed) {  // 20-43
    for (int i = 0; i < 5; ++i)
        make_bot({{"name", "Bot " + std::to_string(i)}});
    auto const good = admin("GET", "/api/v1/audit/verify");
    ASSERT_EQ(good.status, 200) << good.body;
    EXPECT_EQ(good.body, R"({"ok":true,"checked":7,"first_bad_seq":null})");
    auto const verdict_after = [&](std::string const& statement) {
        stop();
        sql(statement);
        start();
        return admin("GET", "/api/v1/audit/verify").body;
    };
    EXPECT_EQ(verdict_after("update audit_log set doc = json_set(doc, '$.actor.label', 'nobody') "
                            "where seq = 4"),
              R"({"ok":false,"checked":3,"first_bad_seq":4})");
    EXPECT_EQ(admin("GET", "/api/v1/audit/verify?from=5").text("first_bad_seq"), "");
    EXPECT_EQ(admin("GET", "/api/v1/audit/verify?to=3").json.at("ok").as_bool(), true);
    EXPECT_EQ(verdict_after("delete from audit_log where seq = 2"),
              R"({"ok":false,"checked":1,"first_bad_seq":2})");
}

// What a version without hashes left behind is served by this one as if it had always been here.
TEST_F(Audit, RowsAndUsersOfAnOlderVersionAreTakenOver) {
    make_user("asha@example.com", "agent", {{"name", "Zoya"}});
    stop();
    sql("update audit_log set doc = json_remove(doc, '$.hash', '$.prev_hash');"
        "update system_runtime set doc = json_remove(doc, '$.hash', '$.sealed_seq') "
        "where id = 'audit_head';"
        "delete from system_runtime where id like 'migration:%';"
        "update users set doc = json_remove(doc, '$.name_lower'), cxb_fields = 0");
    start();
    EXPECT_EQ(admin("GET", "/api/v1/audit/verify").body,
              R"({"ok":true,"checked":3,"first_bad_seq":null})");
    EXPECT_EQ(listed(admin("GET", "/api/v1/users?q=zo"), "email"), "asha@example.com");
    stop();
    EXPECT_EQ(sql("select count(*) from system_runtime where id like 'migration:%'"), "2\n");
    start();
    EXPECT_EQ(listed(admin("GET", "/api/v1/users?q=zo"), "email"), "asha@example.com");
}

struct BigAudit : Audit {
    static constexpr std::int64_t rows = 20'000;
    std::int64_t last = 0;
    // Written through a second store object, while the server runs.
    void SetUp() override {
        Audit::SetUp();
        token();
        store::sqlite_options options;
        options.path = settings.data_dir + "/cxb.db";
        auto const store = store::sqlite_document_store::open(options).value();
        for (auto const* collection : {&model::audit_log, &model::system_runtime})
            ASSERT_TRUE(cxb::test::run(store->ensure(*collection)));
        auto const head = cxb::test::run(sealed_head(*store)).value();
        std::string hash = head.hash;
        last = head.seq;
        std::vector<json_object> batch;
        for (std::int64_t i = 0; i < rows; ++i) {
            json_object row{{"seq", ++last},
                            {"at", format_timestamp(clock.now())},
                            {"actor", {{"type", "user"}, {"id", "u"}, {"label", "u@example.com"}}},
                            {"action", "bot.update"},
                            {"target", {{"type", "bot"}, {"id", "b"}, {"label", "Bot"}}},
                            {"changes", wire::json_array{}},
                            {"request_id", "r"},
                            {"ip", "127.0.0.1"},
                            {"user_agent", std::string(100, 'x')}};
            hash = seal_audit_row(row, hash);
            batch.push_back(std::move(row));
            if (batch.size() < 1000 && i + 1 < rows) continue;
            ASSERT_TRUE(
                cxb::test::run(store->bulk_insert(model::audit_log, std::exchange(batch, {}))));
        }
        store::update raised;
        raised.set("seq", last).set("sealed_seq", last).set("hash", json_value(hash));
        ASSERT_TRUE(cxb::test::run(store->update_one(
            model::system_runtime, store::by_id(audit_head_id), std::move(raised))));
        store->close();
    }
};

TEST_F(BigAudit, IsExportedWholeInOrderAndCheckableByItsReader) {
    auto const got = admin("GET", "/api/v1/audit/export");
    ASSERT_EQ(got.status, 200);
    EXPECT_EQ(got.headers.get("Content-Type"), "application/x-ndjson");
    EXPECT_EQ(got.headers.get("Transfer-Encoding"), "chunked");
    std::string hash(64, '0');
    std::int64_t seq = 0;
    std::string_view left = got.body;
    while (!left.empty()) {
        auto const end = left.find('\n');
        ASSERT_NE(end, std::string_view::npos) << "the last line is whole";
        auto row = wire::parse_json(left.substr(0, end)).value().as_object();
        left.remove_prefix(end + 1);
        ASSERT_EQ(wire::int_at(row, "seq"), ++seq);
        ASSERT_EQ(wire::text_at(row, "prev_hash"), hash);
        hash = wire::text_at(row, "hash");
        row.erase("hash");
        ASSERT_EQ(sha256_hex(std::string(wire::text_at(row, "prev_hash")) + "\n" +
                             wire::to_canonical(json_value(row))),
                  hash);
    }
    EXPECT_EQ(seq, last);
    auto const part = admin("GET", "/api/v1/audit/export?from=5000&to=5001");
    EXPECT_EQ(std::count(part.body.begin(), part.body.end(), '\n'), 2);
    EXPECT_EQ(admin("GET", "/api/v1/audit/export?to=2020-01-01T00:00:00Z").body, "");
    auto const all = admin("GET", "/api/v1/audit/verify");
    EXPECT_EQ(all.json.at("checked").to_number<std::int64_t>(), last);
    EXPECT_EQ(all.json.at("ok").as_bool(), true);
}

// The other requests of the server do not notice; nothing is written to the store by an export.
TEST_F(BigAudit, AClientThatStopsReadingHoldsNobodyUp) {
    asio::io_context loop;
    std::vector<asio::ip::tcp::socket> stuck;
    auto const base = url();
    auto const port = static_cast<std::uint16_t>(std::stoi(base.substr(base.rfind(':') + 1)));
    for (int i = 0; i < 4; ++i) {
        auto& socket = stuck.emplace_back(loop);
        asio::ip::tcp::endpoint const server(asio::ip::make_address("127.0.0.1"), port);
        socket.open(server.protocol());
        socket.set_option(asio::socket_base::receive_buffer_size(4096));
        socket.connect(server);
        asio::write(socket, asio::buffer("GET /api/v1/audit/export HTTP/1.1\r\nHost: x\r\n"
                                         "Authorization: Bearer " +
                                         token() + "\r\n\r\n"));
        std::string head;
        asio::read_until(socket, asio::dynamic_buffer(head, 8192), "\r\n\r\n");
        EXPECT_TRUE(head.starts_with("HTTP/1.1 200 OK\r\n")) << head;
    }
    EXPECT_EQ(admin("GET", "/api/v1/audit?limit=1").status, 200);
    EXPECT_EQ(admin("POST", "/api/v1/bots", json_object{{"name", "meanwhile"}}).status, 201);
    EXPECT_EQ(admin("GET", "/api/v1/audit/export?from=1&to=1").status, 200);
    stuck.clear();
    EXPECT_EQ(admin("GET", "/api/v1/audit/verify").json.at("ok").as_bool(), true);
}

}  // namespace
}  // namespace cxb::api::test
