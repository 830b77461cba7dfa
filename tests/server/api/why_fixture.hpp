#pragma once
// What the tests of /why share: an API whose clock stands still, a CRM and a worker host that
// answer what the test says, and what other parts would have written into the store.
#include "cxb/base/encoding.hpp"
#include "cxb/contract/fleet/fleet_health.hpp"
#include "cxb/testing/fake_clock.hpp"
#include "server/api/store_beside.hpp"
#include "server/common/jobs/job.hpp"

namespace cxb::api::test {

using namespace std::chrono_literals;

// Nobody listens there.
inline constexpr char const* closed_url = "http://127.0.0.1:1";

struct why_test : api_test {
    using api_test::admin;
    using api_test::forget_token;
    using api_test::make_bot;
    using api_test::settings;
    using api_test::start;
    using api_test::surroundings;
    testing::fake_clock clock;
    std::atomic<int> crm_status{200};
    peer crm{[this](wire::http_request const&, int) { return json_reply(crm_status, "{}"); }};
    std::mutex host_mutex;
    std::vector<contract::fleet::fleet_worker> workers;
    peer host{[this](wire::http_request const& request, int) {
        if (request.path != "/health/fleet") return json_reply(404, "{}");
        std::scoped_lock const lock(host_mutex);
        return json_reply(200,
                          contract::fleet::serialize(contract::fleet::make_fleet_health(workers)));
    }};
    std::unique_ptr<store_beside> other_process;

    why_test() {
        surroundings.time = &clock;
        settings.push_wait_scale = 1;
        settings.jwt.current = secret("0123456789abcdef0123456789abcdef");
    }

    void TearDown() override { stop(); }  // before the clock goes

    store_beside& beside() {
        if (!other_process) other_process = std::make_unique<store_beside>(settings);
        return *other_process;
    }
    void put(store::collection const& into, json_object document) {
        EXPECT_TRUE(beside().run((*beside()).insert(into, std::move(document))));
    }
    void change(store::collection const& in, store::filter where, store::update changes) {
        auto const done =
            beside().run((*beside()).update_one(in, std::move(where), std::move(changes)));
        EXPECT_TRUE(done && *done);
    }
    json_object stored_call(std::string const& session) {
        return beside().find(model::calls, model::of_session(session)).value_or(json_object{});
    }

    // The rate limit is not the subject.
    answer get(std::string const& path) {
        clock.advance(100ms);
        return admin("GET", "/api/v1/" + path);
    }
    answer why(std::string const& kind, std::string const& id) {
        return get("why/" + kind + "/" + percent_encode(id));
    }
    static std::vector<std::string> codes(answer const& of) {
        std::vector<std::string> out;
        for (auto const& each : of.json.at("reasons").as_array())
            out.emplace_back(each.at("code").as_string());
        return out;
    }
    static json_object reason(answer const& of, std::string_view code) {
        for (auto const& each : of.json.at("reasons").as_array())
            if (each.at("code").as_string() == code) return each.as_object();
        ADD_FAILURE() << code << " is not in " << of.body;
        return {};
    }

    void set_fleet(std::vector<std::string> const& urls) {
        auto const done =
            admin("PUT", "/api/v1/settings/fleet",
                  json_object{{"core_fleet", wire::json_array(urls.begin(), urls.end())}});
        EXPECT_EQ(done.status, 200) << done.body;
    }
    // A host with these workers.
    std::string with_workers(std::vector<contract::fleet::fleet_worker> with) {
        {
            std::scoped_lock const lock(host_mutex);
            workers = std::move(with);
        }
        set_fleet({host.url()});
        return host.url();
    }
    void hold_slot(std::string const& url) {
        json_object const hold{{"id", "h1"}, {"until", format_timestamp(clock.now() + 10s)}};
        put(model::fleet_reservations,
            {{"_id", url}, {"version", 1}, {"holds", wire::json_array{hold}}});
    }

    std::string pushing_bot(json_object extra = {}) {
        json_object push{{"url", crm.url() + "/calls"}};
        for (auto& [name, value] : extra)
            push[name] = value;
        return make_bot({{"post_call_push", push}});
    }
    answer config_with(std::string const& bot, json_object event) {
        return core("POST", "/api/v1/config/" + bot,
                    json_object{{"caller_id", "+919876543210"}, {"connected_event", event}});
    }
    std::string call_of(std::string const& bot, json_object event = {}) {
        return config_with(bot, std::move(event)).text("session_id");
    }
    void end_call(std::string const& session, json_object extra = {}) {
        json_object result{{"session_id", session},
                           {"disconnected_by", "customer"},
                           {"call_duration_seconds", 42},
                           {"transcript", {{{"role", "user"}, {"content", "haan boliye"}}}}};
        for (auto& [name, value] : extra)
            result[name] = value;
        EXPECT_EQ(post_result(result).text("result"), "stored");
    }
    std::string ended_call(std::string const& bot, json_object event = {}, json_object extra = {}) {
        auto session = call_of(bot, std::move(event));
        end_call(session, std::move(extra));
        return session;
    }
    bool push_is(std::string const& session, std::string const& code) {
        return eventually([&] { return codes(why("push", session)).front() == code; });
    }

    // A number as the carriers write it.
    std::string number(json_object did = {}, json_object carrier = {}) {
        json_object row{{"_id", "65f0000000000000000000d1"},
                        {"number", "+911140000000"},
                        {"carrier_id", "65f0000000000000000000c1"},
                        {"direction", "both"}};
        json_object of{{"_id", "65f0000000000000000000c1"},
                       {"name", "Trunk"},
                       {"enabled", true},
                       {"lk_sync_status", "synced"},
                       {"created_at", format_timestamp(clock.now())}};
        for (auto& [name, value] : did)
            row[name] = value;
        for (auto& [name, value] : carrier)
            of[name] = value;
        put(model::dids, row);
        put(model::carriers, of);
        return "+911140000000";
    }
};

}  // namespace cxb::api::test
