// Calls as files: what stands in them, and that their length costs nothing (spec 21 §2).
#include <malloc.h>

#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/read_until.hpp>
#include <boost/asio/write.hpp>

#include "cxb/domain/http_url.hpp"
#include "cxb/store/open/open_document_store.hpp"
#include "server/api/api_fixture.hpp"
#include "server/common/model/collections.hpp"

extern "C" std::size_t __sanitizer_get_current_allocated_bytes() __attribute__((weak));

namespace cxb::api::test {
namespace {

namespace asio = boost::asio;
namespace model = server::model;
using namespace std::chrono_literals;
using tcp = asio::ip::tcp;
using csv_rows = std::vector<std::vector<std::string>>;

// RFC 4180, read without the code that wrote it; a row must end with CRLF.
csv_rows read_csv(std::string_view text) {
    csv_rows out(1);
    std::string cell;
    bool quoted = false;
    for (std::size_t i = 0; i < text.size(); ++i) {
        char const c = text[i];
        if (quoted && c == '"' && text.substr(i, 2) == "\"\"") {
            cell += text[i++];
        } else if (c == '"') {
            quoted = !quoted;
        } else if (quoted || (c != ',' && text.substr(i, 2) != "\r\n")) {
            cell += c;
        } else {
            out.back().push_back(std::exchange(cell, {}));
            if (c != '\r') continue;
            ++i;
            out.emplace_back();
        }
    }
    EXPECT_FALSE(quoted);
    EXPECT_TRUE(out.back().empty() && cell.empty()) << "the last row has no CRLF";
    out.pop_back();
    return out;
}

std::size_t heap_in_use() {
    if (__sanitizer_get_current_allocated_bytes != nullptr)
        return __sanitizer_get_current_allocated_bytes();
    return mallinfo2().uordblks;
}

struct CallExport : api_test {
    asio::io_context own_loop;

    answer get(std::string const& query = {}) {
        return admin("GET", "/api/v1/calls/export?" + query);
    }
    double metric(std::string const& name) {
        auto const text = core("GET", "/metrics").body;
        auto const found = text.find("\n" + name + " ");
        return found == std::string::npos ? -1 : std::stod(text.substr(found + name.size() + 2));
    }
    // Rows of the API's store, written beside it.
    void fill(std::size_t count, std::size_t text_bytes) {
        auto const opened =
            store::open_document_store({.url = settings.store.url, .database = settings.store.db});
        ASSERT_TRUE(opened) << opened.error().to_log_text();
        net::event_loops loops{1};
        loops.start();
        loops.run_and_wait([](store::document_store& into, std::size_t all,
                              std::size_t bytes) -> asio::awaitable<void> {
            constexpr std::size_t portion = 500;
            auto const newest = real_clock().now();
            for (std::size_t i = 0; i < all;) {
                std::vector<json_object> rows;
                for (; rows.size() < portion && i < all; ++i)
                    rows.push_back({{"session_id", "many-" + std::to_string(i)},
                                    {"status", "completed"},
                                    {"call_type", "bot"},
                                    {"created_at", format_timestamp(newest - milliseconds{i})},
                                    {"rev", 1},
                                    {"transcript", std::string(bytes, 'x')}});
                EXPECT_TRUE(co_await into.bulk_insert(model::calls, std::move(rows)));
            }
        }(*opened->store, count, text_bytes));
        loops.stop();
        opened->store->close();
    }
    // Has asked for the export and read its first bytes.
    tcp::socket ask(std::string const& query) {
        auto const at = domain::parse_http_url(url());
        tcp::socket socket(own_loop);
        socket.open(tcp::v4());
        socket.set_option(asio::socket_base::receive_buffer_size(16 * 1024));
        socket.connect({asio::ip::make_address("127.0.0.1"), at->port});
        asio::write(socket, asio::buffer("GET /api/v1/calls/export?" + query +
                                         " HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer " +
                                         token() + "\r\nConnection: close\r\n\r\n"));
        std::string head;
        asio::read_until(socket, asio::dynamic_buffer(head, 4096), "\r\n\r\n");
        EXPECT_TRUE(head.starts_with("HTTP/1.1 200")) << head;
        return socket;
    }
};

TEST_F(CallExport, CellsSurviveTheTable) {  // 21-10
    start();
    std::string const remarks = "she said \"haan\",\r\nफिर से फ़ोन करें\n= done";
    auto const bot = make_bot();
    auto const session =
        core("POST", "/api/v1/config/" + bot,
             json_object{{"caller_id", "+919876543210"},
                         {"connected_event", {{"city", "@Pune"}, {"plan", {{"a", 1}}}}}})
            .text("session_id");
    post_result({{"session_id", session},
                 {"disconnected_by", "customer"},
                 {"call_duration_seconds", 92.5},
                 {"recording_key", "2026/01/02/a.wav"},
                 {"post_call_analysis",
                  {{"DISPOSITION", "=1+1"},
                   {"SUB_DISPOSITION", "-5"},
                   {"CALLING_REMARKS", remarks},
                   {"amount", -12.5}}},
                 {"qc_analysis", {{"remarks", "+1-2"}}}});
    auto const got =
        get("columns=analysis.amount,qc.remarks,call.city,call.plan,crm.name,analysis.none,call."
            "plan.a");
    ASSERT_EQ(got.status, 200) << got.body;
    EXPECT_EQ(got.headers.get("Content-Type"), "text/csv; charset=utf-8");
    EXPECT_EQ(got.headers.get("Content-Disposition"), "attachment; filename=\"calls.csv\"");
    auto const rows = read_csv(got.body);
    ASSERT_EQ(rows.size(), 2U) << got.body;
    auto const stored = admin("GET", "/api/v1/calls/" + session);
    csv_rows const wanted{
        {"session_id",    "created_at",      "completed_at",    "bot_id",
         "bot_name",      "campaign_id",     "call_direction",  "caller_id",
         "from_number",   "status",          "disconnected_by", "call_duration_seconds",
         "disposition",   "sub_disposition", "remarks",         "was_transferred",
         "recording_url", "is_test",         "analysis.amount", "qc.remarks",
         "call.city",     "call.plan",       "crm.name",        "analysis.none",
         "call.plan.a"},
        {session,
         stored.text("created_at"),
         stored.text("completed_at"),
         bot,
         "Renewals",
         "",
         "inbound",
         "+919876543210",
         "",
         "completed",
         "customer",
         "92.5",
         "'=1+1",
         "-5",
         remarks,
         "false",
         stored.text("public_recording_url"),
         "false",
         "-12.5",
         "'+1-2",
         "'@Pune",
         "{\"a\":1}",
         "",
         "",
         "1"}};
    EXPECT_FALSE(stored.text("public_recording_url").empty());
    EXPECT_EQ(rows, wanted);
}

TEST_F(CallExport, LinesAreTheDocumentsOfTheirCalls) {
    start();
    for (char const* session : {"a", "b", "c"})
        post_result({{"session_id", session},
                     {"disconnected_by", "bot"},
                     {"recording_key", std::string(session) + ".wav"}});
    auto const got = get("format=ndjson&sort=created_at");
    ASSERT_EQ(got.status, 200) << got.body;
    EXPECT_EQ(got.headers.get("Content-Type"), "application/x-ndjson");
    EXPECT_EQ(got.headers.get("Content-Disposition"), "attachment; filename=\"calls.ndjson\"");
    std::istringstream lines(got.body);
    std::string line;
    for (char const* session : {"a", "b", "c"}) {
        ASSERT_TRUE(std::getline(lines, line)) << got.body;
        EXPECT_EQ(*wire::parse_json(line),
                  admin("GET", std::string("/api/v1/calls/") + session).json);
        EXPECT_EQ(line.find("recording_access_token"), std::string::npos);
    }
    EXPECT_FALSE(std::getline(lines, line)) << line;
}

TEST_F(CallExport, NothingFoundIsAFileWithoutCalls) {
    start();
    EXPECT_EQ(read_csv(get().body).size(), 1U);
    EXPECT_EQ(get("format=ndjson").body, "");
}

TEST_F(CallExport, MoreThanOnePortionComesWhole) {
    start();
    std::size_t const many = 2 * limits::export_portion + 1;
    ASSERT_NO_FATAL_FAILURE(fill(many, 10));
    auto const rows = read_csv(get().body);
    ASSERT_EQ(rows.size(), many + 1);
    for (std::size_t i = 0; i < many; ++i)
        EXPECT_EQ(rows[i + 1][0], "many-" + std::to_string(i));
    EXPECT_EQ(read_csv(get("sort=created_at").body)[1][0], "many-" + std::to_string(many - 1));
}

TEST_F(CallExport, WhatIsAskedWronglyIsNamed) {
    start();
    std::string many = "analysis.a";
    for (std::size_t i = 0; i < limits::export_columns; ++i)
        many += ",analysis.a";
    std::pair<std::string, char const*> const wrong[] = {
        {"colour=red", "/colour"},
        {"page=2", "/page"},
        {"limit=10", "/limit"},
        {"format=xlsx", "/format"},
        {"columns=transcript", "/columns"},
        {"columns=analysis.", "/columns"},
        {"columns=crm.a,,crm.b", "/columns"},
        {"format=ndjson&columns=crm.a", "/columns"},
        {"columns=" + many, "/columns"},
        {"from=yesterday", "/from"}};
    for (auto const& [query, pointer] : wrong) {
        auto const got = get(query);
        EXPECT_EQ(got.status, 422) << query;
        EXPECT_NE(got.body.find(std::string("\"") + pointer + "\""), std::string::npos) << got.body;
    }
}

TEST_F(CallExport, KeysAreRefused) {
    start();
    auto const key = make_key({{"scopes", {"calls:read"}}});
    EXPECT_EQ(send("GET", "/api/v1/calls/export", nullptr, {{"X-API-Key", key}}).status, 401);
    EXPECT_EQ(send("GET", "/api/v1/calls/export").status, 401);
}

// Each connection to the store keeps pages of its own; an export that held its calls would need ten
// times the bound every time, whatever is warm.
TEST_F(CallExport, MemoryDoesNotGrowWithTheCalls) {
    constexpr std::size_t calls = 30'000;
    constexpr std::size_t text = 2'000;
    constexpr std::size_t most_growth = 6 * limits::mib;
    constexpr int most_runs = 5;
    start();
    ASSERT_NO_FATAL_FAILURE(fill(calls, text));
    std::vector<char> piece(64 * limits::kib);
    auto const read_all = [&](auto each) {
        auto socket = ask("format=ndjson");
        std::size_t bytes = 0;
        boost::system::error_code end;
        while (!end) {
            bytes += socket.read_some(asio::buffer(piece), end);
            each();
        }
        EXPECT_EQ(end, asio::error::eof);
        return bytes;
    };
    std::size_t growth = most_growth;
    int runs = 0;
    for (; runs < most_runs && growth >= most_growth; ++runs) {
        auto const before = heap_in_use();
        ASSERT_GT(before, 0U);
        std::size_t most = before;
        EXPECT_GT(read_all([&] { most = std::max(most, heap_in_use()); }), calls * text);
        growth = most - before;
    }
    EXPECT_LT(growth, most_growth);
    EXPECT_EQ(metric("cxb_export_rows_total"), static_cast<double>(runs) * calls);
    EXPECT_TRUE(eventually([&] { return metric("cxb_exports_running") == 0; }));
}

struct CallExportClients : CallExport {
    static constexpr std::size_t calls = 8'000;  // more than socket buffers hold
    tcp::socket stopped() {
        auto socket = ask("format=ndjson");
        EXPECT_EQ(metric("cxb_exports_running"), 1);
        // All buffers on the way are full when nothing moves any more.
        double before = -1;
        EXPECT_TRUE(eventually([&] {
            auto const now = metric("cxb_export_rows_total");
            return now > 0 && std::exchange(before, now) == now;
        }));
        EXPECT_LT(before, calls);
        return socket;
    }
    void expect_end() {
        EXPECT_TRUE(eventually([&] { return metric("cxb_exports_running") == 0; }));
        EXPECT_LT(metric("cxb_export_rows_total"), calls);
    }
};

TEST_F(CallExportClients, AClientThatGoesAwayEndsTheWork) {
    start();
    ASSERT_NO_FATAL_FAILURE(fill(calls, 4'000));
    auto socket = stopped();
    EXPECT_EQ(metric("cxb_exports_running"), 1);
    socket.close();
    expect_end();
}

TEST_F(CallExportClients, AClientThatStopsReadingIsClosed) {
    surroundings.slow_client = 1s;
    start();
    ASSERT_NO_FATAL_FAILURE(fill(calls, 4'000));
    auto socket = stopped();
    expect_end();
}

}  // namespace
}  // namespace cxb::api::test
