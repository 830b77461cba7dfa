#include "e2e/installation.hpp"

#include <csignal>
#include <cstdlib>

#include "cxb/base/ids.hpp"

namespace cxb::e2e {

std::string binary(std::string const& name) {
    return std::string(CXB_BINARY_DIR) + "/bin/" + name;
}

std::filesystem::path log_folder() {
    auto const* const test = ::testing::UnitTest::GetInstance()->current_test_info();
    char const* const variant = std::getenv("CXB_TEST_VARIANT");  // NOLINT(concurrency-mt-unsafe)
    return std::filesystem::path(CXB_BINARY_DIR) / "e2e-logs" /
           (std::string(test->test_suite_name()) + "." + test->name() +
            (variant != nullptr ? std::string("@") + variant : std::string()));
}

wire::json_object parsed_object(std::string const& text) {
    auto const parsed = wire::parse_json(text);
    return parsed && parsed->is_object() ? parsed->as_object() : wire::json_object{};
}

installation::installation() {
    core_secret = "core-" + new_uuid7();
    password_ = "pass-" + new_uuid7();
    for (auto const& text : {core_secret, password_, std::string(caller_number + 1),
                             std::string(spoken_text), std::string("this is me speaking")})
        forbid(text);
    for (auto const* text : crm_server::customer_values)
        forbid(text);
    std::filesystem::remove_all(log_folder());
}

installation::~installation() = default;

void installation::TearDown() {
    forbid(test::read_file(scratch / "data/dev-jwt"));
    test::write_needles(log_folder(), forbidden_);
    auto const search = test::search_logs(log_folder());
    for (auto const& leak : search.leaks)
        ADD_FAILURE() << leak.log << ":" << leak.line << " tells " << leak.found;
    EXPECT_TRUE(search.clean());
}

void installation::start_api(environment const& extra) {
    launch_api(extra);
    wait_api();
}

void installation::launch_api(environment const& extra) {
    auto const ready = scratch / "api.ready";
    std::filesystem::remove(ready);
    environment all = {{"CXB_HTTP_PORT", std::to_string(api_port_.number())}};
    for (auto const& [name, value] : extra)
        all[name] = value;
    api = launch_instance("api-" + std::to_string(++starts_), ready, all);
}

std::unique_ptr<test::child_process> installation::launch_instance(
    std::string const& name, std::filesystem::path const& ready, environment const& extra) {
    environment all = {{"CXB_DATA_DIR", (scratch / "data").string()},
                       {"CXB_CORE_SECRET", core_secret},
                       {"CXB_BOOTSTRAP_ADMIN_EMAIL", "admin@example.com"},
                       {"CXB_BOOTSTRAP_ADMIN_PASSWORD", password_},
                       {"CXB_PUSH_WAIT_SCALE_PERCENT", "1"},
                       {"CXB_LOG_LEVEL", "debug"},
                       {"CXB_JOBS_LEASE_SECONDS", "5"},
                       {"CXB_JOBS_POLL_MS", "100"}};
    for (auto const& [key, value] : extra)
        all[key] = value;
    return start_program(name, {binary("cxb-api"), "serve", "--ready-file", ready.string()}, all);
}

void installation::wait_api() {
    auto const told = api->wait_ready(scratch / "api.ready");
    ASSERT_TRUE(told);
    std::string const url(wire::text_at(*told, "url"));
    // It stays the same; threads that go on over a restart read it.
    if (url != api_url) api_url = url;
}

void installation::kill_api() {
    api->signal(SIGKILL);
    EXPECT_EQ(api->wait_exit(), 128 + SIGKILL);
}

core_host installation::start_core(std::string const& name, int workers, environment const& extra) {
    auto const ready = scratch / (name + ".ready");
    std::filesystem::remove(ready);
    environment all = {{"CXB_CORE_LISTEN", "127.0.0.1:0"},
                       {"CXB_CORE_WORKERS", std::to_string(workers)},
                       {"CXB_CORE_SOCKET", (scratch / (name + "-{id}.sock")).string()},
                       {"CXB_CORE_SECRET", core_secret},
                       {"CXB_CORE_CONFIG_URL", api_url + "/api/v1/config"},
                       {"CXB_LOG_LEVEL", "debug"},
                       {"CXB_CORE_MEDIA", "simulated"},
                       {"CXB_CORE_SIM_FAST", "true"},
                       {"CXB_CORE_OUTBOX_DIR", (scratch / (name + "-outbox")).string()},
                       {"CXB_CORE_RECORDINGS_DIR", (scratch / (name + "-recordings")).string()}};
    for (auto const& [key, value] : extra)
        all[key] = value;
    core_host host;
    host.process =
        start_program(name, {binary("cxb-core"), "serve", "--ready-file", ready.string()}, all);
    auto const told = host.process->wait_ready(ready);
    if (told) host.url = std::string(wire::text_at(*told, "url"));
    return host;
}

std::unique_ptr<test::child_process> installation::start_program(std::string const& name,
                                                                 std::vector<std::string> arguments,
                                                                 environment const& settings) {
    return std::make_unique<test::child_process>(
        test::process_spec{.name = name,
                           .arguments = std::move(arguments),
                           .environment = settings,
                           .directory = scratch.path(),
                           .logs = log_folder()});
}

answer installation::noted(answer got) {
    test::collect_needles(got.text, forbidden_);
    return got;
}

wire::header_list installation::admin_headers() {
    if (token_.empty()) {
        auto const got = http.call("POST", api_url + "/api/v1/auth/login", {},
                                   wire::to_text(wire::json_object{{"email", "admin@example.com"},
                                                                   {"password", password_}}));
        token_ = std::string(wire::text_at(got.body, "access_token"));
        EXPECT_FALSE(token_.empty()) << got.text;
        forbid(token_);
    }
    return {{"Authorization", "Bearer " + token_}};
}

std::string installation::bearer() {
    (void)admin_headers();
    return token_;
}

answer installation::admin(std::string const& method, std::string const& target,
                           wire::json_object const& body) {
    return noted(http.call(method, api_url + target, admin_headers(),
                           body.empty() ? std::string() : wire::to_text(body)));
}

answer installation::with_key(std::string const& method, std::string const& target,
                              wire::json_object const& body, std::string const& idempotency_key) {
    wire::header_list headers{{"X-API-Key", api_key}};
    if (!idempotency_key.empty()) headers.set("Idempotency-Key", idempotency_key);
    return noted(http.call(method, api_url + target, headers,
                           body.empty() ? std::string() : wire::to_text(body)));
}

answer installation::as_core(std::string const& method, std::string const& url,
                             wire::json_object const& body) {
    return noted(http.call(method, url, {{"X-CXBCore-Secret", core_secret}},
                           body.empty() ? std::string() : wire::to_text(body)));
}

answer installation::post_result(http_caller& caller, wire::json_object const& result) {
    return caller.call("POST", api_url + "/api/v1/call-results",
                       {{"X-CXBCore-Secret", core_secret}}, wire::to_text(result));
}

std::string installation::make_bot(wire::json_object const& changes) {
    auto bot =
        parsed_object(test::read_file(std::string(CXB_SOURCE_DIR) + "/examples/demo_bot.json"));
    bot["pre_call_fetch"].as_object()["url"] = crm.url() + "/customers/{{call.caller_id}}";
    bot["post_call_push"].as_object()["url"] = crm.url() + "/calls";
    for (auto const& member : changes)
        bot[member.key()] = member.value();
    auto const made = admin("POST", "/api/v1/bots", bot);
    EXPECT_EQ(made.status, 201) << made.text;
    std::string const id(wire::text_at(made.body, "id"));
    if (bot.at("post_call_push").is_null()) return id;
    auto const rotated = admin("POST", "/api/v1/bots/" + id + "/push-secret/rotate");
    EXPECT_EQ(rotated.status, 200) << rotated.text;
    signing_secret = std::string(wire::text_at(rotated.body, "secret"));
    forbid(signing_secret);
    crm.use_secret(secret(signing_secret));
    return id;
}

void installation::make_key() {
    auto const made =
        admin("POST", "/api/v1/api-keys", {{"name", "crm"}, {"scopes", {"dialout", "calls:read"}}});
    ASSERT_EQ(made.status, 201) << made.text;
    api_key = std::string(wire::text_at(made.body, "key"));
    forbid(api_key);
}

wire::json_object installation::order_at(std::string const& host_url) {
    core_host const listed{nullptr, host_url};
    set_fleet({&listed});
    make_key();
    return {{"bot_id", make_bot()}, {"to_number", caller_number}};
}

void installation::set_fleet(std::vector<core_host const*> const& hosts) {
    wire::json_array urls;
    for (auto const* host : hosts)
        urls.emplace_back(host->url);
    auto const set = admin("PUT", "/api/v1/settings/fleet", {{"cxbcore_fleet", urls}});
    ASSERT_EQ(set.status, 200) << set.text;
}

std::string installation::dial(std::string const& bot, std::string const& sim_script) {
    auto const got = with_key("POST", "/api/v1/sip/dialout",
                              {{"bot_id", bot},
                               {"to_number", caller_number},
                               {"variables", {{"sim_script", sim_script}}}});
    EXPECT_EQ(got.status, 200) << got.text;
    return std::string(wire::text_at(got.body, "session_id"));
}

wire::json_object installation::call_of(std::string const& session) {
    return admin("GET", "/api/v1/calls/" + session).body;
}

bool installation::call_becomes(std::string const& session, std::string const& member,
                                std::set<std::string> const& words, std::chrono::seconds at_most) {
    return asking_eventually(
        [&] { return words.contains(std::string(wire::text_at(call_of(session), member))); },
        at_most);
}

std::string installation::recorded_call(std::string const& bot, std::string const& sound) {
    auto const config =
        as_core("POST", api_url + "/api/v1/config/" + bot,
                {{"caller_id", caller_number}, {"connected_event", wire::json_object{}}});
    EXPECT_EQ(config.status, 200) << config.text;
    std::string const session(wire::text_at(config.body, "session_id"));
    std::string const link(wire::text_at(config.body, "recording.storage.upload_url"));
    auto const sent = http.call("PUT", link, {{"Content-Type", "audio/wav"}}, sound);
    EXPECT_EQ(sent.status, 201) << sent.text;
    auto result = full_result(session, bot);
    result["recording_key"] = wire::text_at(config.body, "recording.key");
    EXPECT_EQ(post_result(http, result).status, 200);
    return session;
}

wire::json_object installation::full_result(std::string const& session, std::string const& bot) {
    return {{"session_id", session},
            {"bot_id", bot},
            {"caller_id", caller_number},
            {"disconnected_by", "customer"},
            {"call_duration_seconds", 42.5},
            {"transcript",
             {wire::json_object{{"role", "assistant"}, {"content", "Hello"}},
              wire::json_object{{"role", "user"}, {"content", spoken_text}}}},
            {"post_call_analysis", wire::json_object{{"DISPOSITION", "PTP"}}}};
}

}  // namespace cxb::e2e
