// Every route of the table as every kind of caller (spec 20 §2.1). What each may do stands below,
// written by hand from the chapter; a route that joins the table is asked about by itself.
#include "cxb/wire/jws.hpp"
#include "server/api/app/route_tables.hpp"
#include "server/api/people_fixture.hpp"
#include "server/api/store_beside.hpp"
#include "support/raw_client.hpp"

namespace cxb::api::test {
namespace {

using namespace std::chrono_literals;
using namespace cxb::test;
using server::access;
using server::route;
using wire::header_list;

// The columns of the table of callers.
constexpr access columns[] = {access::public_,
                              access::core_secret,
                              access::api_key_or_admin,
                              access::user,
                              access::admin,
                              access::super_admin,
                              access::agent_or_supervisor,
                              access::supervisor,
                              access::agent_assist_manager,
                              access::signed_link,
                              access::loopback_or_core};

struct caller {
    char const* name;
    char const* may;  // by column; '+': let in, else a letter of `refusals`
    std::function<header_list(route const&)> headers;
    bool on_this_machine = false;
};

struct refusal {
    char letter;
    int status;
    char const* detail;
    char const* code;
};

constexpr refusal refusals[] = {
    {'n', 401, "Not authenticated", "unauthenticated"},
    {'t', 401, "Invalid or expired token", "unauthenticated"},
    {'g', 401, "User not found or inactive", "unauthenticated"},
    {'r', 403, "Insufficient permissions", "forbidden"},
    {'p', 403, "Change your password first", "password_change_required"},
    {'c', 401, "Missing credentials", "unauthenticated"},
    {'k', 401, "Invalid API key", "unauthenticated"},
    {'i', 403, "API key is inactive", "forbidden"},
    {'e', 403, "API key has expired", "forbidden"},
    {'s', 403, "API key lacks scope ", "forbidden"},
    {'x', 403, "Invalid core secret", "forbidden"},
};

// Handlers that let in more than one kind of proof decide themselves, by the rule of another word.
struct own_rule {
    char const* route;
    access same_as;
};
constexpr own_rule own_rules[] = {
    {"GET /api/v1/events/stream", access::admin},  // or a ticket, which nobody here holds
};

constexpr char const* scopes[] = {"dialout", "calls:read", "contacts:write"};
constexpr char const* secret_spellings[] = {"X-CXBCore-Secret", "X-CXB-Core-Secret",
                                            "X-VoxCore-Secret"};
constexpr char const* nobodys_id = "00000000000000000000aaaa";

std::string path_of(route const& row) {
    std::string out;
    for (std::size_t i = 0; i < row.pattern.size(); ++i) {
        if (row.pattern[i] != '{') {
            out += row.pattern[i];
            continue;
        }
        out += nobodys_id;
        i = row.pattern.find('}', i);
    }
    return out;
}

std::string name_of(route const& row) {
    return std::string(row.method) + " " + std::string(row.pattern);
}

struct RoleMatrix : people_test {
    secret const signing{"a-jwt-secret-of-more-than-32-bytes!!"};
    std::vector<caller> callers;
    std::map<std::string, std::string> key_without;  // a scope -> a key that has all others
    std::string full_key;
    int visitor = 0;

    void SetUp() override {
        settings.jwt.current = signing;
        // Each request comes from an address of its own: what is limited by address is not met.
        settings.http.trusted_proxies = {"127.0.0.0/8"};
        start();
        for (char const* role : {"agent", "supervisor", "admin", "super_admin"})
            make_user(email_of(role), role);
        auto const left = make_user("left@example.com", "super_admin");
        admin("POST", at(left, "/deactivate"), json_object{{"is_active", false}});
        auto const fresh = make_user("fresh@example.com", "super_admin");
        EXPECT_EQ(admin("POST", at(fresh, "/reset-password")).status, 200);
        full_key = make_key({{"scopes", all_scopes_but("")}});
        for (char const* scope : scopes)
            key_without[scope] = make_key({{"scopes", all_scopes_but(scope)}});
        add_people();
        add_keys();
        add_processes();
    }

    static std::string email_of(std::string const& role) { return "one-" + role + "@example.com"; }
    static wire::json_array all_scopes_but(std::string_view one) {
        wire::json_array out;
        for (char const* scope : scopes)
            if (scope != one) out.emplace_back(scope);
        return out;
    }
    // A version that no logout-all overtakes.
    std::string token_for(std::string const& email, std::chrono::seconds from_now = 12h,
                          int version = 1'000'000, std::optional<secret> key = {}) {
        auto const now = to_epoch_ms(clock.now()) / 1000;
        return wire::jws_sign(wire::jws_algorithm::hs256, key.value_or(signing),
                              {{"sub", email},
                               {"role", "super_admin"},
                               {"name", "x"},
                               {"iat", now},
                               {"exp", now + from_now.count()},
                               {"tv", version}})
            .value();
    }
    static std::function<header_list(route const&)> with(std::string name, std::string value) {
        return
            [one = header_list{{std::move(name), std::move(value)}}](route const&) { return one; };
    }
    static auto bearer(std::string const& token) {
        return with("Authorization", "Bearer " + token);
    }

    //                 public      user             agent or    signed
    //                 | core      | admin          supervisor  link
    //                 | | key or  | | super_admin  | supervisor| loopback
    //                 | | admin   | | |            | | assist  | | or core
    void add_people() {
        auto const root = email_of("super_admin");
        callers.push_back({"nobody", "+xcnnnnnn+x", [](route const&) { return header_list{}; }});
        callers.push_back({"an empty bearer", "+xcnnnnnn+x", with("Authorization", "Bearer ")});
        callers.push_back({"another scheme", "+xcnnnnnn+x", with("Authorization", "Basic eDp5")});
        callers.push_back({"a bad token", "+xttttttt+x", bearer("not.a.token")});
        callers.push_back({"an expired token", "+xttttttt+x", bearer(token_for(root, -1s))});
        callers.push_back(
            {"a token of a stranger", "+xttttttt+x",
             bearer(token_for(root, 1h, 0, secret("another-secret-of-32-bytes!!!!!!")))});
        callers.push_back(
            {"a token of nobody", "+xggggggg+x", bearer(token_for("no@example.com"))});
        callers.push_back(
            {"someone who has left", "+xggggggg+x", bearer(token_for("left@example.com"))});
        callers.push_back({"someone with a password to change", "+xppppppp+x",
                           bearer(token_for("fresh@example.com"))});
        callers.push_back({"agent", "+xr+rr+rr+x", bearer(token_for(email_of("agent")))});
        callers.push_back({"supervisor", "+xr+rr++++x", bearer(token_for(email_of("supervisor")))});
        callers.push_back({"admin", "+x+++rr+++x", bearer(token_for(email_of("admin")))});
        callers.push_back({"super_admin", "+x++++r+++x", bearer(token_for(root))});
    }
    void add_keys() {
        auto const root = token_for(email_of("super_admin"));
        auto const silent = make_key({{"name", "silent"}});
        auto const listed = admin("GET", "/api/v1/api-keys");
        for (auto const& item : listed.json.at("items").as_array())
            if (item.at("name") == "silent")
                EXPECT_EQ(
                    admin("PATCH", "/api/v1/api-keys/" + std::string(item.at("id").as_string()),
                          json_object{{"is_active", false}})
                        .status,
                    200);
        auto const late =
            make_key({{"expires_at", format_timestamp(clock.now() + 1s)}, {"name", "late"}});
        clock.advance(2s);
        callers.push_back({"a key", "+x+nnnnnn+x", with("X-API-Key", full_key)});
        callers.push_back({"a key without the scope", "+xsnnnnnn+x", [this](route const& row) {
                               auto const found = key_without.find(std::string(row.scope));
                               return header_list{{"X-API-Key", found == key_without.end()
                                                                    ? full_key
                                                                    : found->second}};
                           }});
        callers.push_back(
            {"an unknown key", "+xknnnnnn+x", with("X-API-Key", "vx_" + std::string(32, 'A'))});
        callers.push_back({"an empty key", "+xknnnnnn+x", with("X-API-Key", "")});
        callers.push_back({"an inactive key", "+xinnnnnn+x", with("X-API-Key", silent)});
        callers.push_back({"an expired key", "+xennnnnn+x", with("X-API-Key", late)});
        callers.push_back(
            {"an unknown key beside a good token", "+xk+++r+++x", [root](route const&) {
                 return header_list{{"X-API-Key", "vx_unknown"},
                                    {"Authorization", "Bearer " + root}};
             }});
    }
    void add_processes() {
        for (char const* spelling : secret_spellings) {
            callers.push_back({spelling, "++cnnnnnn++", with(spelling, "dev-secret")});
            callers.push_back({"a wrong secret", "+xcnnnnnn+x", with(spelling, "dev-secres")});
            callers.push_back({"an empty secret", "+xcnnnnnn+x", with(spelling, "")});
        }
        callers.push_back({"two spellings, one right", "++cnnnnnn++", [](route const&) {
                               return header_list{{secret_spellings[0], "wrong"},
                                                  {secret_spellings[2], "dev-secret"}};
                           }});
        callers.push_back({"the secret as a bearer", "+xttttttt+x", bearer("dev-secret")});
        callers.push_back({"nobody on this machine", "+xcnnnnnn++",
                           [](route const&) { return header_list{}; }, true});
    }

    static access rule_of(route const& row) {
        auto const own = std::ranges::find_if(
            own_rules, [&](own_rule const& one) { return one.route == name_of(row); });
        return own == std::end(own_rules) ? row.who : own->same_as;
    }
    // '+', or the letter of the refusal.
    static char expected(caller const& who, route const& row) {
        auto const column = std::ranges::find(columns, rule_of(row));
        EXPECT_NE(column, std::end(columns)) << name_of(row) << ": an access word without a column";
        char const letter = who.may[column - columns];
        bool const own_account =
            row.pattern == "/api/v1/auth/me/password" || name_of(row) == "GET /api/v1/auth/me";
        if (letter == 'p' && own_account) return '+';
        if (letter == 's' && row.scope.empty()) return '+';
        return letter;
    }

    struct reply {
        std::string text;     // head and, of a refusal, body
        bool asked_for_body;  // 100 Continue: the request was let in
    };
    // The body is offered; only a server that wants it gets it.
    reply ask(caller const& who, route const& row) {
        clock.advance(200ms);
        std::string head = std::string(row.method) + " " + path_of(row) +
                           " HTTP/1.1\r\nHost: cxb.example\r\nConnection: close\r\n";
        auto headers = who.headers(row);
        ++visitor;
        if (!who.on_this_machine)
            headers.add("X-Forwarded-For", "203.0." + std::to_string(visitor / 250) + "." +
                                               std::to_string(visitor % 250));
        bool const body = server::has_body(row.method);
        if (body) {
            headers.add("Content-Type",
                        std::string(row.content_types.empty() ? "application/octet-stream"
                                                              : row.content_types.front()));
            headers.add("Content-Length", "2");
            headers.add("Expect", "100-continue");
        }
        for (auto const& [name, value] : headers.items())
            head += name + ": " + value + "\r\n";
        raw_client client(port_of_url(url()), 30s);
        client.send(head + "\r\n");
        reply out{client.read_response(false), false};
        if (status_of(out.text) == 100) {
            out.asked_for_body = true;
            client.send("{\"");
            out.text = client.read_response(false);
        }
        if (int const got = status_of(out.text); got == 401 || got == 403)
            out.text += client.read_all();
        return out;
    }
    static std::vector<route const*> rows() {
        std::vector<route const*> out;
        for (auto const& table : route_tables())
            for (auto const& row : table)
                out.push_back(&row);
        return out;
    }
};

void expect_refused(refusal const& wanted, std::string const& detail, std::string const& got) {
    EXPECT_EQ(status_of(got), wanted.status) << got;
    auto const body = wire::parse_json(body_of(got));
    ASSERT_TRUE(body && body->is_object()) << got;
    EXPECT_EQ(wire::text_at(body->as_object(), "detail"), detail);
    EXPECT_EQ(wire::text_at(body->as_object(), "code"), wanted.code);
    EXPECT_EQ(header_of(got, "Content-Type"), "application/problem+json");
    EXPECT_EQ(header_of(got, "WWW-Authenticate"), wanted.status == 401 ? "Bearer" : "");
}

// All documents; of `system_runtime` only the audit's head, for leases are renewed by themselves.
std::map<std::string, std::string> contents(store_beside& store) {
    std::map<std::string, std::string> out;
    for (auto const* each : model::all_collections()) {
        bool const runtime = each == &model::system_runtime;
        store::find_options how;
        how.limit = 200;
        auto const where = runtime ? store::by_id("audit_head") : store::filter{};
        auto const page = store.run(store->find(*each, where, how)).value();
        EXPECT_LT(page.items.size(), how.limit) << each->name;
        std::string all;
        for (auto const& document : page.items)
            all += wire::to_text(document) + "\n";
        out[std::string(each->name)] = std::move(all);
    }
    return out;
}

TEST_F(RoleMatrix, RefusalsAreExactAndChangeNothing) {  // 20-5, 20-9
    store_beside store(settings);
    std::size_t refused = 0;
    for (auto const* row : rows()) {
        auto const before = contents(store);
        for (auto const& who : callers) {
            char const letter = expected(who, *row);
            if (letter == '+') continue;
            SCOPED_TRACE(name_of(*row) + " as " + who.name);
            auto const wanted = std::ranges::find(refusals, letter, &refusal::letter);
            ASSERT_NE(wanted, std::end(refusals)) << letter;
            auto const got = ask(who, *row);
            EXPECT_FALSE(got.asked_for_body);
            expect_refused(*wanted, wanted->detail + (letter == 's' ? std::string(row->scope) : ""),
                           got.text);
            ++refused;
        }
        EXPECT_EQ(contents(store), before) << name_of(*row);
    }
    EXPECT_GT(refused, 1500U);
}

TEST_F(RoleMatrix, WhoIsLetInReachesTheHandler) {
    std::size_t let_in = 0;
    for (auto const* row : rows()) {
        for (auto const& who : callers) {
            if (expected(who, *row) != '+') continue;
            SCOPED_TRACE(name_of(*row) + " as " + who.name);
            auto const got = ask(who, *row);
            int const status = status_of(got.text);
            if (rule_of(*row) == access::signed_link) {
                // Nobody here holds a link: the handler itself says so, to all the same; or 503
                // where what would sign it is not set up.
                EXPECT_TRUE((status >= 400 && status < 500) || status == 503) << got.text;
            } else {
                EXPECT_TRUE(got.asked_for_body || !server::has_body(row->method)) << got.text;
                EXPECT_TRUE(status >= 200 && status < 500) << got.text;
                for (int const other : {405, 413, 415, 429})
                    EXPECT_NE(status, other) << got.text;
            }
            // Handlers that prove something themselves say so in words of their own.
            bool const own_words = row->who == access::signed_link || row->who == access::public_;
            EXPECT_TRUE(own_words || (status != 401 && status != 403)) << got.text;
            for (auto const& one : refusals)
                EXPECT_EQ(got.text.find('"' + std::string(one.detail) + '"'), std::string::npos)
                    << got.text;
            ++let_in;
        }
    }
    EXPECT_GT(let_in, 500U);
}

}  // namespace
}  // namespace cxb::api::test
