#pragma once
// An API with carriers, its clock in the hand of the test, with or without a (fake) LiveKit.
#include "cxb/testing/fake_clock.hpp"
#include "server/api/fake_livekit.hpp"
#include "server/api/store_beside.hpp"
#include "support/sqlite_shell.hpp"

namespace cxb::api::test {

inline constexpr char const* carriers_path = "/api/v1/carriers";
inline constexpr char const* nobody = "65f0000000000000000000ff";

struct CarrierFixture : api_test {
    testing::fake_clock clock{std::chrono::floor<milliseconds>(std::chrono::system_clock::now())};

    CarrierFixture() { surroundings.time = &clock; }
    static json_object acme(json_object extra = {}) {
        json_object out{{"name", "Acme SIP"}, {"sip_address", "sip.acme.example:5060"}};
        for (auto const& [name, value] : extra)
            out[name] = value;
        return out;
    }
    static std::string path_of(std::string const& id, std::string const& what = {}) {
        return carriers_path + ("/" + id) + what;
    }
    // Time passes with each request, since rate limits are not the subject.
    answer admin(std::string method, std::string path, json_value const& body = nullptr) {
        clock.advance(std::chrono::milliseconds{100});
        return api_test::admin(std::move(method), std::move(path), body);
    }
    answer make(json_object const& body) {
        auto made = admin("POST", carriers_path, body);
        EXPECT_EQ(made.status, 201) << made.body;
        return made;
    }
    answer shown(std::string const& id) { return admin("GET", path_of(id)); }
    static std::string did_of(answer const& carrier, std::size_t i = 0) {
        return std::string(carrier.json.at("dids").at(i).at("id").as_string());
    }
    void refused(answer const& got, std::string const& pointer) {
        EXPECT_EQ(got.status, 422) << got.body;
        ASSERT_TRUE(got.json.is_object() && got.json.as_object().contains("errors")) << got.body;
        EXPECT_EQ(got.json.at("errors").at(0).at("pointer").as_string(), pointer) << got.body;
    }
    std::string rows(std::string const& sql) const {
        auto const ran = cxb::test::run_sqlite(settings.data_dir + "/cxb.db", sql);
        EXPECT_EQ(ran.errors, "");
        return ran.output;
    }
    // The store itself: the clock stands still, and with it leases and rate limits.
    store_beside& beside() {
        if (!beside_) beside_.emplace(settings);
        return *beside_;
    }
    std::string status_of(std::string const& id) {
        auto const found = beside().find(model::carriers, store::by_id(id));
        return found ? std::string(wire::text_at(*found, "lk_sync_status")) : "";
    }
    std::int64_t count(store::collection const& of) {
        return beside().run(beside()->count(of, {})).value();
    }
    bool becomes(std::string const& id, std::string const& status) {
        return eventually([&] { return status_of(id) == status; });
    }

  private:
    std::optional<store_beside> beside_;
};

}  // namespace cxb::api::test
