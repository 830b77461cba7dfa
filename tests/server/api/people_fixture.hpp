#pragma once
// People of several roles who sign in and act, for tests of /users and /audit.

#include "cxb/testing/fake_clock.hpp"
#include "server/api/api_fixture.hpp"
#include "support/sqlite_shell.hpp"

namespace cxb::api::test {

class people_test : public api_test {
  protected:
    static constexpr char const* good_password = "a-fine-password";

    people_test() { surroundings.time = &clock; }
    testing::fake_clock clock{std::chrono::floor<milliseconds>(std::chrono::system_clock::now())};
    // Time passes with each request, since rate limits are not the subject.
    answer send(std::string method, std::string path, json_value const& body = nullptr,
                wire::header_list headers = {}) {
        clock.advance(std::chrono::milliseconds{100});
        return api_test::send(std::move(method), std::move(path), body, std::move(headers));
    }
    answer admin(std::string method, std::string path, json_value const& body = nullptr) {
        clock.advance(std::chrono::milliseconds{100});
        return api_test::admin(std::move(method), std::move(path), body);
    }

    /// Id of a new person, made by the first admin (a super_admin).
    std::string make_user(std::string const& email, std::string const& role,
                          json_object extra = {}) {
        json_object body{
            {"email", email}, {"password", good_password}, {"name", email}, {"role", role}};
        for (auto& [name, value] : extra)
            body[name] = value;
        auto const made = admin("POST", "/api/v1/auth/register", body);
        EXPECT_EQ(made.status, 201) << made.body;
        return made.text("id");
    }
    answer login(std::string const& email, std::string const& password = good_password) {
        return send("POST", "/api/v1/auth/login",
                    json_object{{"email", email}, {"password", password}});
    }
    std::string token_of(std::string const& email, std::string const& password = good_password) {
        auto const in = login(email, password);
        EXPECT_EQ(in.status, 200) << in.body;
        return in.text("access_token");
    }
    answer as(std::string const& token, std::string method, std::string path,
              json_value const& body = nullptr) {
        return send(std::move(method), std::move(path), body,
                    {{"Authorization", "Bearer " + token}});
    }
    client::outgoing_request request_as(std::string const& token, std::string const& method,
                                        std::string const& path, json_object const& body) {
        client::outgoing_request request{url() + path, {}};
        request.message.method = method;
        request.message.headers = {{"Authorization", "Bearer " + token},
                                   {"Content-Type", "application/json"}};
        request.message.body = wire::to_text(body);
        return request;
    }
    static std::string at(std::string const& id, std::string const& suffix = {}) {
        return "/api/v1/users/" + id + suffix;
    }
    /// Members of all items of a list, joined.
    static std::string listed(answer const& from, std::string_view member) {
        std::string out;
        for (auto const& item : from.json.at("items").as_array())
            out.append(out.empty() ? "" : ",").append(wire::text_at(item.as_object(), member));
        return out;
    }
    static std::string first_pointer(answer const& from) {
        return std::string(
            wire::text_at(from.json.at("errors").as_array().at(0).as_object(), "pointer"));
    }
    std::string sql(std::string const& statement) {
        auto const got = cxb::test::run_sqlite(settings.data_dir + "/cxb.db", statement);
        EXPECT_EQ(got.exit_code, 0) << got.errors;
        return got.output;
    }
};

}  // namespace cxb::api::test
