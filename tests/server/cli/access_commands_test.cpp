// What `users`, `audit` and exporting commands do beyond one request and its answer.
#include "tests/server/cli/cli_fixture.hpp"

namespace {
using namespace cxb;
using cxb_test::CliFixture;

struct AccessCommands : CliFixture {
    // An answer that comes in pieces, the last of them a failure if there is one.
    void reply_in_pieces(std::vector<std::string> pieces, std::optional<error> end = {}) {
        net.respond([pieces, end](auto const&) {
            wire::http_response answer;
            answer.status = 200;
            answer.stream = std::make_shared<wire::body_stream>();
            auto const left = std::make_shared<std::vector<std::string>>(pieces);
            answer.stream->next = [left, end](std::string& piece) -> result<bool> {
                if (left->empty() && end) return *end;
                if (left->empty()) return false;
                piece = left->front();
                left->erase(left->begin());
                return true;
            };
            answer.stream->when_ready = [](std::function<void()> const& wake) { wake(); };
            return cxb::testing::scripted_transport::answer(answer);
        });
    }
};

TEST_F(AccessCommands, AnExportIsPrintedAsItComes) {
    reply_in_pieces({"{\"seq\":1}\n", "", "{\"seq\":2}", "\n"});
    EXPECT_EQ(run({"audit", "export"}), 0) << err.str();
    EXPECT_EQ(out.str(), "{\"seq\":1}\n{\"seq\":2}\n");
    EXPECT_TRUE(net.calls().back().options.stream);
}

TEST_F(AccessCommands, AnEmptyExportIsNoFault) {
    reply_in_pieces({});
    EXPECT_EQ(run({"audit", "export"}), 0) << err.str();
    EXPECT_EQ(out.str(), "");
}

TEST_F(AccessCommands, AnExportThatBreaksOffFailsAndIsNotRepeated) {
    reply_in_pieces({"{\"seq\":1}\n"}, error{errc::unavailable, "Connection broke"});
    EXPECT_EQ(run({"audit", "export"}), 1);
    EXPECT_EQ(net.calls().size(), 1U);
    EXPECT_EQ(out.str(), "{\"seq\":1}\n");
    EXPECT_NE(err.str().find("broke off"), std::string::npos) << err.str();
}

TEST_F(AccessCommands, ARefusedExportIsToldByItsReason) {
    net.respond([](auto const&) {
        wire::http_response answer;
        answer.status = 403;
        answer.stream = std::make_shared<wire::body_stream>();
        auto const told = std::make_shared<bool>(false);
        answer.stream->next = [told](std::string& piece) -> result<bool> {
            if (!std::exchange(*told, true)) piece = R"({"detail":"Insufficient permissions"})";
            return !piece.empty();
        };
        return cxb::testing::scripted_transport::answer(answer);
    });
    EXPECT_EQ(run({"audit", "export"}), 3);
    EXPECT_EQ(out.str(), "");
    EXPECT_NE(err.str().find("Insufficient permissions"), std::string::npos) << err.str();
}

TEST_F(AccessCommands, ProgramsGetTheDocumentsOfCalls) {
    reply_in_pieces({"{\"session_id\":\"s1\"}\n"});
    EXPECT_EQ(run({"--json", "calls", "export"}), 0) << err.str();
    EXPECT_EQ(out.str(), "{\"session_id\":\"s1\"}\n");
    EXPECT_TRUE(last().url.ends_with("/calls/export?format=ndjson")) << last().url;
    reply_in_pieces({"sess", "ion_id\r\n"});
    EXPECT_EQ(run({"calls", "export"}), 0) << err.str();
    EXPECT_EQ(out.str(), "session_id\r\n");
    EXPECT_TRUE(last().url.ends_with("/calls/export?format=csv")) << last().url;
}

TEST_F(AccessCommands, SomethingElseThanAnExportIsNotPrinted) {
    reply_in_pieces({"<html>"});
    EXPECT_EQ(run({"calls", "export"}), 1);
    EXPECT_EQ(out.str(), "");
    EXPECT_NE(err.str().find("no export"), std::string::npos) << err.str();
}

TEST_F(AccessCommands, AFullOutputEndsTheExport) {
    reply_in_pieces({"{\"seq\":1}\n", "{\"seq\":2}\n"});
    out.setstate(std::ios::badbit);
    EXPECT_EQ(run({"audit", "export"}), 1);
    out.clear();
}

TEST_F(AccessCommands, VerifyGoesOnWhereTheServerHadNoTime) {
    net.reply(200, R"({"ok":true,"checked":200,"first_bad_seq":null,"next":201})")
        .reply(200, R"({"ok":true,"checked":5,"first_bad_seq":null})");
    EXPECT_EQ(run({"audit", "verify"}), 0);
    EXPECT_EQ(out.str(), "205 rows, whole and unchanged\n");
    EXPECT_TRUE(last().url.ends_with("/api/v1/audit/verify?from=201")) << last().url;
}

TEST_F(AccessCommands, AWrongRowIsNamedAndIsOne) {
    net.reply(200, R"({"ok":false,"checked":16,"first_bad_seq":17})")
        .reply(200, R"({"ok":false,"checked":16,"first_bad_seq":17})");
    EXPECT_EQ(run({"audit", "verify"}), 1);
    EXPECT_EQ(out.str(), "Row 17 was changed, removed or moved; 16 rows before it are good\n");
    EXPECT_EQ(run({"--json", "audit", "verify"}), 1);
    EXPECT_EQ(wire::int_at(document().as_object(), "first_bad_seq"), 17);
}

TEST_F(AccessCommands, NoPasswordIsWrongUse) {
    password.clear();
    EXPECT_EQ(run({"users", "create", "--email", "a@b.c", "--name", "A"}), 2);
    EXPECT_EQ(run({"users", "reset-password", "u1"}), 2);
    EXPECT_TRUE(net.calls().empty());
}

}  // namespace
