#include "cli/conformance/api_check_functions.hpp"
#include "cxb/base/encoding.hpp"
#include "cxb/contract/shared_secret/shared_secret.hpp"

namespace cxb::cli::conformance::api {

namespace {

struct guarded_route {
    std::string method;
    std::string target;
    std::string body;
};

bool is_refusal(answer const& got) {
    return got.status == 403 && got.text_at("detail") == "Invalid core secret";
}

// A lookup that is open answers 404 as well, for what it does not know; a method it does not have
// tells it from a path that is not there.
outcome expect_route(api_kit& kit, answer const& closed, guarded_route const& route) {
    if (closed.status != 404) return {};
    if (kit.send(as::core, "DELETE", route.target).status != 404) return {};
    return expect_served(closed, route.target.substr(0, route.target.find('?')));
}

outcome secret_opens(api_kit& kit, guarded_route const& route) {
    auto const ask_with = [&](wire::header_list const& headers) {
        return kit.send(as::nobody, route.method, route.target, route.body, headers);
    };
    auto const closed = ask_with({});
    CXB_CHECK(expect_route(kit, closed, route));
    CXB_CHECK(
        expect(is_refusal(closed),
               "without a secret: expected 403 Invalid core secret, got " + closed.summary()));
    std::string const good = kit.options().core_secret.reveal();
    for (auto const name : contract::shared_secret::core_surface().headers) {
        auto const opened = ask_with({{std::string(name), good}});
        CXB_CHECK(
            expect(opened.status != 401 && opened.status != 403 && opened.status != 0,
                   std::string(name) + " does not open " + route.target + ": " + opened.summary()));
        auto const wrong = ask_with({{std::string(name), good + "x"}});
        CXB_CHECK(expect(is_refusal(wrong),
                         std::string(name) + " with a wrong secret: " + wrong.summary()));
        CXB_CHECK(expect(is_refusal(ask_with({{std::string(name), ""}})),
                         std::string(name) + " opens with an empty secret"));
    }
    if (kit.options().bearer.empty()) {
        kit.note("a user's token was not tried: no admin");
        return {};
    }
    auto const person = kit.send(as::admin, route.method, route.target, route.body);
    return expect(is_refusal(person),
                  "with a user's token: expected 403 Invalid core secret, got " + person.summary());
}

}  // namespace

outcome config_secret(api_kit& kit) {
    return secret_opens(kit, {"GET", "/api/v1/config/" + percent_encode(kit.bot()), ""});
}

outcome results_secret(api_kit& kit) {
    return secret_opens(kit, {"POST", "/api/v1/call-results", R"({"session_id":5})"});
}

outcome cdr_secret(api_kit& kit) {
    return secret_opens(kit, {"POST", "/api/v1/cdr", "{}"});
}

outcome lookup_secret(api_kit& kit) {
    guarded_route const routes[] = {{"GET", "/api/v1/sip/lookup?number=%2B000", ""},
                                    {"GET", "/api/v1/sip/outbound-trunk?from_number=%2B000", ""},
                                    {"POST", "/api/v1/knowledge-bases/search", R"({"bot_id":5})"}};
    std::size_t served = 0;
    std::string absent;
    for (auto const& route : routes) {
        auto const done = secret_opens(kit, route);
        if (done) {
            ++served;
        } else if (done.error().reason() != skips({}).reason()) {
            return done;
        } else {
            absent = done.error().detail();
            kit.note(absent);
        }
    }
    if (served > 0) return {};
    (void)kit.take_notes();
    return skips("no lookup is served (404)");
}

outcome desk_secret(api_kit& kit) {
    return secret_opens(kit, {"POST", "/api/v1/agent-desk/enqueue", R"({"call_id":5})"});
}

}  // namespace cxb::cli::conformance::api
