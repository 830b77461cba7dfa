#include "cxb/domain/roles.hpp"

#include <gtest/gtest.h>

namespace {

using namespace cxb;
using namespace cxb::domain;
using enum user_role;

user_rank user(char const* id, user_role role) {
    return {id, role, true};
}

std::string verdict(user_rank const& actor, user_rank const& target, user_change const& change,
                    int supers = 2) {
    auto const out = check_user_change(actor, target, change, supers);
    if (out) return "ok";
    return std::string(name_of(out.error().code())) + ": " + out.error().detail();
}

TEST(Roles, Words) {
    EXPECT_EQ(parse_role("super_admin"), super_admin);
    EXPECT_EQ(parse_role("Admin"), std::nullopt);
    EXPECT_EQ(word_of(supervisor), "supervisor");
    EXPECT_LT(rank_of(agent), rank_of(supervisor));
    EXPECT_LT(rank_of(admin), rank_of(super_admin));
}

TEST(Roles, Guards) {
    struct row {
        role_guard guard;
        bool agent, supervisor, admin, super;
    };
    using enum role_guard;
    for (auto const& r : {row{require_any_role, true, true, true, true},
                          row{require_agent_or_supervisor, true, true, false, false},
                          row{require_supervisor, false, true, true, true},
                          row{require_agent_assist_manager, false, true, true, true},
                          row{require_admin, false, false, true, true},
                          row{require_super_admin, false, false, false, true}}) {
        EXPECT_EQ(allows(r.guard, agent), r.agent);
        EXPECT_EQ(allows(r.guard, supervisor), r.supervisor);
        EXPECT_EQ(allows(r.guard, admin), r.admin);
        EXPECT_EQ(allows(r.guard, super_admin), r.super);
    }
    auto const no = check_guard(require_super_admin, agent);
    EXPECT_EQ(no.error().code(), errc::forbidden);
    EXPECT_EQ(no.error().detail(), "Insufficient permissions");
    EXPECT_TRUE(check_guard(require_admin, admin));
}

// The examples of spec 20 §2.3; over HTTP in tests/server/api/user_rank_test.cpp.
TEST(Roles, ExamplesOfTheSpec) {
    EXPECT_TRUE(check_assign_role(admin, admin)) << "admin creates admin";
    EXPECT_EQ(verdict(user("1", admin), user("2", admin), {}), "forbidden: Insufficient rank");
    EXPECT_EQ(verdict(user("1", admin), user("2", agent), {.new_role = admin}), "ok");
    EXPECT_EQ(verdict(user("1", admin), user("2", supervisor), {}), "ok");
    EXPECT_EQ(verdict(user("1", super_admin), user("2", super_admin), {.new_role = agent}), "ok");
}

TEST(Roles, LastActiveSuperAdminStays) {
    auto const last = "conflict: Cannot remove the last active super admin";
    auto const actor = user("1", super_admin);
    auto const target = user("2", super_admin);
    EXPECT_EQ(verdict(actor, target, {.new_role = admin}, 1), last);
    EXPECT_EQ(verdict(actor, target, {.deactivates = true}, 1), last);
    EXPECT_EQ(verdict(actor, target, {.deletes = true}, 1), last);
    EXPECT_EQ(verdict(actor, target, {.new_role = super_admin}, 1), "ok");
    EXPECT_EQ(verdict(actor, target, {.deletes = true}, 2), "ok");
    EXPECT_EQ(verdict(actor, {"2", super_admin, false}, {.deletes = true}, 1), "ok")
        << "an inactive one is not counted";
}

TEST(Roles, RulesApplyInOrder) {
    auto const self = user("1", super_admin);
    EXPECT_EQ(verdict(self, self, {.new_role = agent}, 1),
              "forbidden: Use /auth/me for your own account");
    EXPECT_EQ(verdict(user("1", supervisor), user("2", admin), {.new_role = super_admin}),
              "forbidden: Insufficient rank");
    EXPECT_EQ(verdict(user("1", admin), user("2", agent), {.new_role = super_admin}),
              "forbidden: Cannot assign a role above your own");
    EXPECT_EQ(check_assign_role(admin, super_admin).error().detail(),
              "Cannot assign a role above your own");
    EXPECT_EQ(verdict(user("1", agent), user("2", agent), {}), "forbidden: Insufficient rank");
}

}  // namespace
