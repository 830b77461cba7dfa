// Who may act on whom (spec 20 §2.3): every pair of roles against a table written down here, and
// what holds when two act at once.
#include <array>

#include "server/api/access/user_admin.hpp"
#include "server/api/access/user_directory.hpp"
#include "server/api/people_fixture.hpp"
#include "server/common/model/collections.hpp"
#include "src/store/sqlite/sqlite_document_store.hpp"
#include "store/run_awaitable.hpp"

namespace cxb::api::test {
namespace {

namespace model = server::model;

constexpr std::array roles{"agent", "supervisor", "admin", "super_admin"};

// By actor: whom it may act on, and which role it may give; in the order of `roles`.
constexpr std::array may_act_on{"----", "----", "yy--", "yyyy"};
constexpr std::array may_give{"----", "----", "yyy-", "yyyy"};
constexpr std::array may_delete{"----", "----", "----", "yyyy"};
constexpr std::size_t first_admin = 2;

constexpr char const* no_route = "403 Insufficient permissions";
constexpr char const* no_rank = "403 Insufficient rank";
constexpr char const* too_high = "403 Cannot assign a role above your own";
constexpr char const* own_account = "403 Use /auth/me for your own account";
constexpr char const* last_one = "409 Cannot remove the last active super admin";

std::string verdict(answer const& got) {
    return std::to_string(got.status) + (got.status == 200 ? "" : " " + got.text("detail"));
}

struct UserRank : people_test {
    void SetUp() override {
        start();
        for (std::size_t i = 0; i < roles.size(); ++i) {
            std::string const role = roles[i];
            actors[i] = make_user("actor-" + role + "@example.com", role);
            tokens[i] = token_of("actor-" + role + "@example.com");
            targets[i] = make_user("target-" + role + "@example.com", role);
        }
    }
    // As it was before anybody acted on it.
    void restore(std::size_t target) {
        auto const back = admin("PUT", at(targets[target]),
                                json_object{{"role", roles[target]}, {"is_active", true}});
        ASSERT_EQ(back.status, 200) << back.body;
    }
    std::array<std::string, 4> actors;
    std::array<std::string, 4> tokens;
    std::array<std::string, 4> targets;
};

TEST_F(UserRank, EveryRoleActsOnEveryRoleAsTheTableSays) {
    for (std::size_t a = 0; a < roles.size(); ++a)
        for (std::size_t t = 0; t < roles.size(); ++t) {
            auto const expected = a < first_admin           ? no_route
                                  : may_act_on[a][t] == 'y' ? "200"
                                                            : no_rank;
            auto const who = std::string(roles[a]) + " on " + roles[t];
            auto const act = [&](char const* method, char const* suffix, json_value const& body) {
                return verdict(as(tokens[a], method, at(targets[t], suffix), body));
            };
            EXPECT_EQ(act("PUT", "", json_object{{"name", "by " + who}}), expected) << who;
            EXPECT_EQ(act("POST", "/deactivate", json_object{{"is_active", false}}), expected)
                << who;
            EXPECT_EQ(
                act("POST", "/reset-password", json_object{{"new_password", "set-by-somebody"}}),
                expected)
                << who;
            ASSERT_NO_FATAL_FAILURE(restore(t));
        }
}

TEST_F(UserRank, EveryRoleGivesEveryRoleAsTheTableSays) {
    for (std::size_t a = 0; a < roles.size(); ++a)
        for (std::size_t t = 0; t < roles.size(); ++t)
            for (std::size_t g = 0; g < roles.size(); ++g) {
                auto const expected = a < first_admin           ? no_route
                                      : may_act_on[a][t] != 'y' ? no_rank
                                      : may_give[a][g] != 'y'   ? too_high
                                                                : "200";
                auto const who = std::string(roles[a]) + " makes " + roles[t] + " " + roles[g];
                auto const got =
                    as(tokens[a], "PUT", at(targets[t]), json_object{{"role", roles[g]}});
                EXPECT_EQ(verdict(got), expected) << who;
                EXPECT_EQ(admin("GET", at(targets[t])).text("role"),
                          got.status == 200 ? roles[g] : roles[t])
                    << who;
                ASSERT_NO_FATAL_FAILURE(restore(t));
            }
}

TEST_F(UserRank, EveryRoleCreatesAndDeletesAsTheTableSays) {
    for (std::size_t a = 0; a < roles.size(); ++a)
        for (std::size_t t = 0; t < roles.size(); ++t) {
            auto const who = std::string(roles[a]) + " and " + roles[t];
            auto const made = as(tokens[a], "POST", "/api/v1/auth/register",
                                 json_object{{"email", "new@example.com"},
                                             {"password", good_password},
                                             {"name", "New"},
                                             {"role", roles[t]}});
            EXPECT_EQ(made.status == 201 ? "201" : verdict(made), a < first_admin ? no_route
                                                                  : may_give[a][t] == 'y'
                                                                      ? "201"
                                                                      : too_high)
                << who;
            auto const id =
                made.status == 201 ? made.text("id") : make_user("new@example.com", roles[t]);
            EXPECT_EQ(verdict(as(tokens[a], "DELETE", at(id))),
                      may_delete[a][t] == 'y' ? "200" : no_route)
                << who;
            if (may_delete[a][t] != 'y') EXPECT_EQ(admin("DELETE", at(id)).status, 200);
        }
}

TEST_F(UserRank, NobodyActsOnThemselves) {
    for (std::size_t a = first_admin; a < roles.size(); ++a) {
        auto const act = [&](char const* method, char const* suffix, json_value const& body) {
            return verdict(as(tokens[a], method, at(actors[a], suffix), body));
        };
        EXPECT_EQ(act("PUT", "", json_object{{"name", "Me"}}), own_account);
        EXPECT_EQ(act("PUT", "", json_object{{"role", "super_admin"}}), own_account)
            << "the first rule comes first";
        EXPECT_EQ(act("POST", "/deactivate", nullptr), own_account);
        EXPECT_EQ(act("POST", "/reset-password", nullptr), own_account);
    }
    EXPECT_EQ(verdict(as(tokens[3], "DELETE", at(actors[3]))), own_account);
}

struct SuperAdmins : people_test {
    void SetUp() override { start(); }
    std::string active_super_admins() {
        return listed(admin("GET", "/api/v1/users?role=super_admin&is_active=true"), "email");
    }
};

// 20-12; the refusal that only a race can give is shown by ActorsOvertaken too.
TEST_F(SuperAdmins, AdminsAndTheLastSuperAdmin) {
    auto const other = make_user("admin2@example.com", "admin");
    make_user("admin1@example.com", "admin");
    auto const token = token_of("admin1@example.com");
    EXPECT_EQ(verdict(as(token, "PUT", at(other), json_object{{"name", "x"}})), no_rank);
    EXPECT_EQ(as(token, "POST", "/api/v1/auth/register",
                 json_object{{"email", "admin3@example.com"},
                             {"password", good_password},
                             {"name", "Third"},
                             {"role", "admin"}})
                  .status,
              201);
    auto const own = admin("GET", "/api/v1/auth/me").text("id");
    auto const second = make_user("super2@example.com", "super_admin");
    auto const second_token = token_of("super2@example.com");
    for (int round = 0; round < 8; ++round) {
        auto const first_token = this->token();
        auto const got = at_once(2, [&](std::size_t i) {
            return request_as(i == 0 ? first_token : second_token, "PUT", at(i == 0 ? second : own),
                              {{"role", "admin"}});
        });
        // The loser is told of the last one, or came too late to be let in.
        std::size_t const winner = got[0].status == 200 ? 0 : 1;
        EXPECT_EQ(got[winner].status, 200) << got[winner].body;
        auto const lost = verdict(got[1 - winner]);
        EXPECT_TRUE(lost == last_one || lost == no_rank) << lost;
        auto const& winning_token = winner == 0 ? first_token : second_token;
        auto const left = as(winning_token, "GET", "/api/v1/users?role=super_admin&is_active=true");
        EXPECT_EQ(listed(left, "email"), winner == 0 ? admin_email : "super2@example.com");
        EXPECT_EQ(as(winning_token, "PUT", at(winner == 0 ? second : own),
                     json_object{{"role", "super_admin"}})
                      .status,
                  200);
    }
}

// Directly on the store: what holds when the one who acts was changed after being let in.
class ActorsOvertaken : public ::testing::Test {
  protected:
    ActorsOvertaken() {
        store::sqlite_options options;
        options.path = folder / "s.db";
        store = store::sqlite_document_store::open(options).value();
        for (auto const* collection : {&model::users, &model::audit_log, &model::system_runtime})
            EXPECT_TRUE(run(store->ensure(*collection)));
        audit.emplace(*store, real_clock(), system_random());
        people.emplace(*store, *audit, hashing, real_clock(), system_random());
        put("a", "super_admin", true);
        put("b", "super_admin", true);
    }
    template <class T>
    static T run(boost::asio::awaitable<T> work) {
        return cxb::test::run(std::move(work));
    }
    void put(std::string const& id, std::string const& role, bool active) {
        EXPECT_TRUE(run(store->remove(model::users, store::by_id(id))));
        EXPECT_TRUE(run(store->insert(model::users, {{"_id", id},
                                                     {"email", id + "@example.com"},
                                                     {"name", id},
                                                     {"role", role},
                                                     {"is_active", active}})));
    }
    // Let in as super_admin.
    static acting_user acting(std::string const& id) {
        return {{"user", id, id, "", "", ""}, "super_admin"};
    }
    template <class T>
    static std::string told(result<T> const& got) {
        return got ? "ok" : got.error().detail();
    }
    static user_patch to_admin() {
        user_patch patch;
        patch.role = "admin";
        return patch;
    }

    cxb::test::scratch_dir folder;
    std::unique_ptr<store::document_store> store;
    server::blocking_pool hashing{{.threads = 1, .queue = 4}};
    std::optional<audit_trail> audit;
    std::optional<user_admin> people;
};

// 20-12
TEST_F(ActorsOvertaken, ASuperAdminWhoLostTheRankCannotRemoveTheLastOne) {
    constexpr char const* last = "Cannot remove the last active super admin";
    EXPECT_EQ(told(run(people->change("b", to_admin(), acting("a")))), "ok");
    EXPECT_EQ(told(run(people->change("a", to_admin(), acting("b")))), last);
    EXPECT_EQ(run(people->change("a", to_admin(), acting("b"))).error().code(), errc::conflict);
    EXPECT_EQ(told(run(people->set_active("a", false, acting("b")))), last);
    EXPECT_EQ(told(run(people->set_active("a", std::nullopt, acting("b")))), last);
    EXPECT_EQ(told(run(people->remove("a", acting("b")))), last);
    // Inactive ones do not count, and do not act.
    put("b", "super_admin", false);
    EXPECT_EQ(told(run(people->remove("a", acting("b")))), last);
    EXPECT_EQ(told(run(people->remove("b", acting("a")))), "ok");
}

TEST_F(ActorsOvertaken, WhoWasDemotedDeactivatedOrDeletedActsNoMore) {
    put("c", "agent", true);
    user_patch renaming;
    renaming.name = "New";
    put("b", "supervisor", true);
    EXPECT_EQ(told(run(people->change("c", renaming, acting("b")))), "Insufficient permissions");
    put("b", "admin", true);
    EXPECT_EQ(told(run(people->change("a", renaming, acting("b")))), "Insufficient rank");
    EXPECT_EQ(told(run(people->remove("c", acting("b")))), "Insufficient permissions");
    put("b", "admin", false);
    EXPECT_EQ(told(run(people->change("c", renaming, acting("b")))), "User not found or inactive");
    EXPECT_TRUE(run(store->remove(model::users, store::by_id("b"))));
    auto const gone = run(people->reset_password("c", std::nullopt, acting("b")));
    EXPECT_EQ(told(gone), "User not found or inactive");
    EXPECT_EQ(gone.error().code(), errc::unauthenticated);
    EXPECT_EQ(run(store->count(model::audit_log, {})).value(), 0) << "nothing was written";
}

TEST_F(ActorsOvertaken, WhoWasDemotedOrDeactivatedCreatesNobody) {
    server::metrics_registry metrics;
    user_directory directory(*store, *audit, hashing, metrics, real_clock(), system_random(), {});
    auto const create = [&](std::string const& role) {
        new_user user{"new@example.com", secret("a-fine-password"), "New", role};
        return run(directory.create(std::move(user), "super_admin", acting("b").who));
    };
    put("b", "supervisor", true);
    EXPECT_EQ(told(create("agent")), "Insufficient permissions");
    put("b", "admin", true);
    EXPECT_EQ(told(create("super_admin")), "Cannot assign a role above your own");
    put("b", "admin", false);
    EXPECT_EQ(told(create("agent")), "User not found or inactive");
    EXPECT_TRUE(run(store->remove(model::users, store::by_id("b"))));
    auto const gone = create("agent");
    ASSERT_EQ(told(gone), "User not found or inactive");
    EXPECT_EQ(gone.error().code(), errc::unauthenticated);
    EXPECT_EQ(run(store->count(model::users, {})).value(), 1);
    EXPECT_EQ(run(store->count(model::audit_log, {})).value(), 0) << "nothing was written";
    put("b", "admin", true);
    EXPECT_EQ(told(create("admin")), "ok");
}

TEST_F(ActorsOvertaken, TwoDemotingEachOtherInOneProcessLeaveOne) {
    std::vector<boost::asio::awaitable<result<json_object>>> tasks;
    tasks.push_back(people->change("b", to_admin(), acting("a")));
    tasks.push_back(people->change("a", to_admin(), acting("b")));
    auto const done = cxb::test::run_all(std::move(tasks));
    EXPECT_EQ(done[0].has_value() + done[1].has_value(), 1);
    EXPECT_EQ(
        run(store->count(model::users, store::all_of({store::eq("role", "super_admin")}))).value(),
        1);
}

}  // namespace
}  // namespace cxb::api::test
