#include "e2e/crash/crash_load.hpp"

#include <csignal>
#include <cstdlib>
#include <fstream>

#include "cxb/base/crypto.hpp"
#include "cxb/base/ids.hpp"
#include "support/sanitized.hpp"

namespace cxb::e2e {
namespace {

using namespace std::chrono_literals;
using steady = std::chrono::steady_clock;

constexpr auto default_kills = test::sized(200UL, 40UL);
constexpr int without_end = 1'000'000;
constexpr int dial_tries = 2;
constexpr std::size_t recording_bytes = 300 * 1024;

unsigned long number_from(char const* name, unsigned long otherwise) {
    char const* const text = std::getenv(name);  // NOLINT(concurrency-mt-unsafe)
    return text != nullptr ? std::strtoul(text, nullptr, 10) : otherwise;
}

std::string const checker = std::string(CXB_SOURCE_DIR) + "/tests/e2e/instances_check.py";

bool chance(std::mt19937_64& random, int percent) {
    return std::uniform_int_distribution(1, 100)(random) <= percent;
}

// Of one call and no other, and as long as several pieces.
std::string recording_of(std::string const& session) {
    std::string out;
    while (out.size() < recording_bytes)
        out += "recording of " + session + " at " + std::to_string(out.size()) + "\n";
    return out;
}

}  // namespace

environment crash_load::settings(std::string const& points) const {
    environment all{{"CXB_FLEET_RESERVATION_SECONDS", std::to_string(reservation_seconds)},
                    {"CXB_LOOPS_LEASE_SECONDS", std::to_string(lease_seconds)},
                    {"CXB_JOBS_LEASE_SECONDS", std::to_string(lease_seconds)},
                    {"CXB_HTTP_REQUEST_TIMEOUT_SECONDS", "10"}};
    for (auto const& [name, value] : more)
        all[name] = value;
    if (!points.empty()) all["CXB_FAIL_POINTS"] = points;
    return all;
}

void crash_load::start_all(environment const& extra) {
    more = extra;
    seed = number_from("CXB_TEST_SEED", std::random_device{}());
    random.seed(seed);
    std::printf("CXB_TEST_SEED=%lu\n", seed);
    ASSERT_NO_FATAL_FAILURE(start_api(settings()));
    bot = make_bot({{"pre_call_fetch", nullptr}});
    auto const made =
        admin("POST", "/api/v1/api-keys", {{"name", "crm"}, {"rate_limit_per_second", 200}});
    ASSERT_EQ(made.status, 201) << made.text;
    api_key = std::string(wire::text_at(made.body, "key"));
    forbid(api_key);
    core_host const listed{nullptr, host.url()};
    set_fleet({&listed});
}

void crash_load::TearDown() {
    given_up_ = true;  // a failed test may have left nobody to answer
    calm();
    installation::TearDown();
}

bool crash_load::fast_again(std::chrono::milliseconds within) {
    auto const session = "fast-" + new_uuid7();
    auto const began = steady::now();
    auto const got = post_result(http, full_result(session, bot));
    return got.status == 200 && steady::now() - began < within;
}

int crash_load::uniform(int low, int high) {
    return std::uniform_int_distribution(low, high)(random);
}

int crash_load::share_of_kills(int parts) const {
    auto const all = static_cast<int>(number_from("CXB_TEST_KILLS", default_kills));
    return std::max(1, all / parts);
}

void crash_load::run_on(std::chrono::milliseconds time) {
    auto const end = steady::now() + time;
    (void)test::eventually([&] { return steady::now() >= end; }, time + 1s);
}

bool crash_load::makes_progress(std::chrono::seconds at_most) {
    auto const before = progress_.load();
    return test::eventually([&] { return progress_ > before; }, at_most);
}

void crash_load::promise(std::string const& session) {
    std::scoped_lock const lock(mutex_);
    calls_[session] = wire::json_object{{"config", true}, {"result", false}, {"ends", true}};
}

std::size_t crash_load::promised() {
    std::scoped_lock const lock(mutex_);
    return calls_.size();
}

// --- load ----------------------------------------------------------------------------------------

// As a worker does: the same bytes again until they are answered, over any number of crashes.
answer crash_load::insist(http_caller& own, std::string const& method, std::string const& url,
                          wire::header_list const& headers, std::string const& body, int tries) {
    answer got;
    for (int i = 0; i < tries && !given_up_; ++i) {
        auto const began = steady::now();
        got = own.call(method, url, headers, body);
        auto const took =
            std::chrono::duration_cast<std::chrono::milliseconds>(steady::now() - began).count();
        // Uploads have no deadline, dialouts one of their own.
        bool const usual = url.find("/upload/") == std::string::npos && tries != dial_tries;
        if (got.status != 0 && usual) longest_ms = std::max(longest_ms.load(), std::int64_t{took});
        if (got.status == 503 || got.status == 504) ++unavailable;
        // Uploads have the rate limit of a public route.
        if (got.status != 0 && got.status < 500 && got.status != 429) break;
        test::short_pause();
    }
    return got;
}

void crash_load::one_call(http_caller& own, std::mt19937_64& own_random, std::string const& name) {
    wire::json_object told{{"config", false}, {"result", false}};
    auto const summary = "summary of " + name;
    wire::header_list const headers{{"X-CXBCore-Secret", core_secret}};
    auto session = name;
    std::string link;
    int const tries = chance(own_random, 15) ? 1 : without_end;
    if (chance(own_random, 50)) {
        auto const got =
            insist(own, "GET", api_url + "/api/v1/config/" + bot + "?fetch_id=" + new_uuid7(),
                   headers, {}, tries);
        if (got.status != 200) return;
        session = wire::text_at(got.body, "session_id");
        link = wire::text_at(got.body, "recording.storage.upload_url");
        told["config"] = true;
    }
    auto body = full_result(session, bot);
    body["post_call_analysis"] = wire::json_object{{"DISPOSITION", "PTP"}, {"SUMMARY", summary}};
    if (chance(own_random, 50)) body["result_id"] = new_uuid7();
    auto const bytes = wire::to_text(body);
    auto const results = api_url + "/api/v1/call-results";
    if (chance(own_random, 95)) {
        auto const got = insist(own, "POST", results, headers, bytes, tries);
        told["result"] = got.status == 200;
        told["summary"] = wire::json_value(summary);
        EXPECT_TRUE(got.status == 200 || got.status == 0 || got.status >= 500) << got.text;
        // A repeat of what was answered, or of what was not, changes nothing.
        if (chance(own_random, 40)) (void)insist(own, "POST", results, headers, bytes, 1);
    }
    {
        std::scoped_lock const lock(mutex_);
        calls_[session] = std::move(told);
        repeatable_.push_back(bytes);
        ++progress_;
    }
    if (!link.empty() && chance(own_random, 40)) one_upload(own, session, link);
}

void crash_load::one_upload(http_caller& own, std::string const& session, std::string const& link) {
    auto const bytes = recording_of(session);
    auto const got = insist(own, "PUT", link, {{"Content-Type", "audio/wav"}}, bytes, without_end);
    EXPECT_EQ(got.status, 201) << got.text;
    std::scoped_lock const lock(mutex_);
    uploads_[session] = sha256_hex(bytes);
}

void crash_load::one_dialout(http_caller& own, std::string const& order) {
    auto const body = wire::to_text(wire::json_object{
        {"bot_id", bot}, {"to_number", "1001"}, {"variables", {{"order", order}}}});
    wire::header_list const headers{{"X-API-Key", api_key}, {"Idempotency-Key", order}};
    wire::json_array answers;
    // As a CRM that got no answer does: again, and once more to make sure.
    for (int i = 0; i < 3; ++i) {
        auto const got =
            insist(own, "POST", api_url + "/api/v1/sip/dialout", headers, body, dial_tries);
        answers.push_back(wire::json_object{{"status", got.status},
                                            {"code", wire::text_at(got.body, "code")},
                                            {"session", wire::text_at(got.body, "session_id")}});
    }
    std::scoped_lock const lock(mutex_);
    orders_[order] = std::move(answers);
}

// Posts results of others again, whoever has them acknowledged or given up: what a worker gave up
// may so become a result after all, but never twice.
void crash_load::repeat_results(std::mt19937_64 own_random) {
    http_caller own(patience);
    while (!over) {
        std::string bytes;
        {
            std::scoped_lock const lock(mutex_);
            if (!repeatable_.empty())
                bytes = repeatable_[std::uniform_int_distribution<std::size_t>(
                    0, repeatable_.size() - 1)(own_random)];
        }
        if (!bytes.empty())
            (void)insist(own, "POST", api_url + "/api/v1/call-results",
                         {{"X-CXBCore-Secret", core_secret}}, bytes, 1);
        test::short_pause();
    }
}

void crash_load::work(int number, std::mt19937_64 own_random) {
    http_caller own(patience);
    for (int n = 0; !over; ++n) {
        auto const name = "crash-" + std::to_string(number) + "-" + std::to_string(n);
        if (n % 8 == 0)
            one_dialout(own, name);
        else
            one_call(own, own_random, name);
    }
}

void crash_load::raise() {
    over = false;
    if (watched)
        watch_ = std::make_unique<test::child_process>(test::process_spec{
            .name = "watch",
            .arguments = {"python3", checker, "watch", (scratch / "data/cxb.db").string(),
                          (scratch / "watch.stop").string(), (scratch / "watch.json").string(),
                          std::to_string(lease_seconds)},
            .environment = {},
            .directory = scratch.path()});
    for (std::size_t i = 0; i < workers; ++i)
        threads_.emplace_back(
            [this, i] { work(static_cast<int>(i), std::mt19937_64(seed + 1 + i)); });
    threads_.emplace_back([this] { repeat_results(std::mt19937_64(seed + 1000)); });
}

void crash_load::calm() {
    over = true;
    threads_.clear();
    if (!watch_) return;
    std::ofstream(scratch / "watch.stop") << "stop";
    EXPECT_EQ(watch_->wait_exit(), 0) << watch_->log_text();
    watch_.reset();
}

// --- kills ---------------------------------------------------------------------------------------

void crash_load::kill_by(kill_order const& order) {
    if (order.point.empty()) {
        bool const during_start = chance(random, 15);
        if (!during_start) {
            wait_api();
            EXPECT_TRUE(makes_progress());
        }
        run_on(std::chrono::milliseconds(uniform(0, 300)));
        kill_api();
    } else {
        auto const ended = api->wait_exit(60s);
        EXPECT_EQ(ended, 128 + SIGKILL) << order.point << "@" << order.passing << " is not passed";
        if (!ended) kill_api();
    }
    ++kills;
}

void crash_load::storm(std::vector<kill_order> const& orders) {
    raise();
    kill_by({});  // what runs has no point armed
    std::size_t round = 0;
    for (auto const& order : orders) {
        // Some pushes are refused, so attempts lie in wait at the kill; few of them for minutes.
        crm.answer_with(round++ % 3 == 1 ? 503 : 200, 3);
        launch_api(settings(order.point.empty()
                                ? std::string()
                                : order.point + "@" + std::to_string(order.passing) + "=kill"));
        kill_by(order);
    }
    crm.answer_with(200);
    launch_api(settings());
    wait_api();
    EXPECT_TRUE(makes_progress());
    calm();
}

// --- what is left for the checker ----------------------------------------------------------------

void crash_load::write_facts() {
    EXPECT_EQ(admin("GET", "/api/v1/auth/me").status, 200);
    std::ofstream(scratch / "facts.json") << wire::to_text(
        wire::json_object{{"calls", calls_},
                          {"orders", orders_},
                          {"uploads", uploads_},
                          {"attempts", attempt_facts(crm)},
                          {"dials", dial_facts(host)},
                          {"urls", wire::json_array{wire::json_value(api_url)}},
                          {"bearer", bearer()},
                          {"store", (scratch / "data/cxb.db").string()},
                          {"objects", (scratch / "data/objects").string()},
                          {"watch", watched ? (scratch / "watch.json").string() : std::string()},
                          {"logs", watched ? (log_folder() / "api-*.log").string() : std::string()},
                          {"clock_moved", clock_moved},
                          {"lease_seconds", lease_seconds},
                          {"reservation_seconds", reservation_seconds}});
}

void crash_load::judge() {
    // The facts are whole once the last push has arrived.
    for (char const* step : {"settle", "check"}) {
        write_facts();
        auto const done = test::run_program(
            {"python3", checker, step, (scratch / "facts.json").string()}, {}, {}, 180s);
        std::printf("%s", done.output.c_str());
        EXPECT_EQ(done.exit_code, 0) << done.errors;
    }
    EXPECT_FALSE(calls_.empty());
}

}  // namespace cxb::e2e
