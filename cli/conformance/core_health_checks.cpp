#include <regex>

#include "cli/conformance/core_check_functions.hpp"
#include "cxb/contract/fleet/fleet_health.hpp"

namespace cxb::cli::conformance::core {

namespace {

constexpr std::chrono::seconds health_patience{6};

result<wire::json_object> health_of(core_kit& kit, std::string const& path) {
    auto const got = kit.get(path, health_patience);
    CXB_CHECK(expect_status(got, {200}));
    CXB_CHECK(expect(got.body.is_object(), path + " is no JSON object: " + got.summary()));
    return got.object();
}

std::int64_t sum_of(wire::json_object const& fleet, std::string_view member) {
    std::int64_t out = 0;
    for (auto const& one : fleet.at("workers").as_array())
        if (one.is_object()) out += wire::int_at(one.get_object(), member);
    return out;
}

outcome expect_sum(std::string_view what, std::int64_t said, std::int64_t wanted) {
    return expect(said == wanted, std::string(what) + " is " + std::to_string(said) +
                                      ", its parts give " + std::to_string(wanted));
}

}  // namespace

outcome worker_health_fields(core_kit& kit) {
    auto const got = kit.get("/health", health_patience);
    CXB_CHECK(expect_status(got, {200}));
    CXB_CHECK(expect_text(got.object(), "status", "ok"));
    auto const health = contract::fleet::parse_worker_health(got.text);
    if (!health) {
        error const broken = health.error();
        std::string why;
        for (auto const& one : broken.faults())
            why += one.pointer + ": " + one.reason + "; ";
        return fails("/health breaks its contract: " + why);
    }
    for (auto const* const member : {"worker_calls", "worker_max", "total_capacity",
                                     "total_available", "workers", "worker_pid"}) {
        auto const* const value = got.object().if_contains(member);
        CXB_CHECK(expect(value != nullptr && value->is_int64(),
                         std::string(member) + " must be an integer"));
    }
    auto const* const id = got.object().if_contains("worker_id");
    return expect(id != nullptr && id->is_string(), "worker_id must be a text");
}

outcome fleet_health_bytes(core_kit& kit) {
    auto const got = kit.get("/health/fleet", health_patience);
    CXB_CHECK(expect_status(got, {200}));
    static std::regex const head(
        R"re(\{"status":"ok","fleet_calls":\d+,"fleet_max":\d+,"fleet_available":\d+,)re"
        R"re("workers":\[)re");
    static std::regex const worker(
        R"re(\{"id":"[^"]*",("calls":\d+,"max":\d+,"pid":\d+|"status":"unreachable")[,}])re");
    std::smatch found;
    CXB_CHECK(
        expect(std::regex_search(got.text, found, head, std::regex_constants::match_continuous),
               "keys, order or blanks differ from the contract: " + got.text));
    CXB_CHECK(expect(!got.text.empty() && got.text.back() == '}', "text follows the object"));
    auto const workers = std::distance(
        std::sregex_iterator(got.text.begin(), got.text.end(), worker), std::sregex_iterator());
    auto const* const list = got.object().if_contains("workers");
    auto const listed = list != nullptr && list->is_array() ? list->get_array().size() : 0;
    CXB_CHECK(expect(static_cast<std::size_t>(workers) == listed,
                     std::to_string(listed) + " workers, of which " + std::to_string(workers) +
                         " are written as the contract says: " + got.text));
    static std::regex const carrier(R"re("fleet_available":([1-9]|1[0-6])[,}])re");
    bool const free = wire::int_at(got.object(), "fleet_available") > 0;
    bool const many = wire::int_at(got.object(), "fleet_available") > 16;
    return expect(many || std::regex_search(got.text, carrier) == free,
                  "the carriers' pattern does not tell free from full: " + got.text);
}

outcome fleet_sums(core_kit& kit) {
    CXB_TRY(auto const fleet, health_of(kit, "/health/fleet"));
    auto const* const workers = fleet.if_contains("workers");
    CXB_CHECK(expect(workers != nullptr && workers->is_array(), "workers must be a list"));
    auto const calls = wire::int_at(fleet, "fleet_calls", -1);
    auto const max = wire::int_at(fleet, "fleet_max", -1);
    CXB_CHECK(expect_sum("fleet_calls", calls, sum_of(fleet, "calls")));
    CXB_CHECK(expect_sum("fleet_max", max, sum_of(fleet, "max")));
    CXB_CHECK(
        expect_sum("fleet_available", wire::int_at(fleet, "fleet_available", -1), max - calls));
    CXB_TRY(auto const one, health_of(kit, "/health"));
    auto const capacity = wire::int_at(one, "worker_max") * wire::int_at(one, "workers");
    CXB_CHECK(expect_sum("total_capacity", wire::int_at(one, "total_capacity", -1), capacity));
    return expect_sum("total_available", wire::int_at(one, "total_available", -1),
                      capacity - wire::int_at(one, "worker_calls"));
}

outcome health_in_time(core_kit& kit) {
    for (auto const* const path : {"/health", "/health/fleet"})
        CXB_CHECK(expect_status(kit.get(path, health_patience), {200}));
    return {};
}

}  // namespace cxb::cli::conformance::core
