#include "cli/commands/doctor_checks.hpp"

#include <map>
#include <set>

#include "cli/app/listing.hpp"
#include "cli/app/table.hpp"
#include "cli/commands/doctor_watch.hpp"
#include "cxb/base/http_date.hpp"
#include "cxb/version.hpp"

namespace cxb::cli {
namespace {

constexpr std::chrono::seconds most_skew{5};
constexpr std::size_t most_bots = 50;

finding failed(std::string name, error const& cause, std::string advice) {
    for (auto const& [member, text] : cause.members())
        if (auto value = wire::parse_json(text); member == "advice" && value && value->is_string())
            advice = value->get_string();
    return {std::move(name), verdict::bad, cause.detail(), std::move(advice)};
}

bool is_local(std::string_view url) {
    return url.find("//127.0.0.1") != url.npos || url.find("//localhost") != url.npos ||
           url.find("//[::1]") != url.npos;
}

finding skipped(std::string name, std::string why) {
    return {std::move(name), verdict::skipped, std::move(why), {}};
}

// Bots that need a key of a provider which nobody stored.
using bots_by_provider = std::map<std::string, std::set<std::string>>;

std::string told(bots_by_provider const& lacking) {
    constexpr std::size_t most_named = 3;
    std::string out;
    for (auto const& [provider, bots] : lacking) {
        out += ", no key of " + provider + " for ";
        std::size_t named = 0;
        for (auto const& bot : bots)
            if (named++ < most_named) out += (named == 1 ? "" : ", ") + bot;
        if (bots.size() > most_named)
            out += " and " + std::to_string(bots.size() - most_named) + " more";
    }
    return out;
}

class examination {
  public:
    explicit examination(command_context& context) : context_(context) {}
    std::vector<finding> run();

  private:
    void add(finding one) { out_.push_back(std::move(one)); }
    result<wire::http_response> fetch(std::string target, bool anonymous);
    bool check_reachable();
    void check_clock(wire::http_response const& answer);
    void check_encryption();
    void check_bootstrap();
    void check_ready();
    void add_ready_parts(wire::json_value const& checks);
    bool check_login();
    void check_fleet();
    void check_bots();
    void check_bot(wire::json_object const& bot, bots_by_provider& lacking);
    void check_public_url(wire::json_object const& config);
    void check_outdated(wire::json_value const& health);

    command_context& context_;
    std::vector<finding> out_;
    bool url_checked_ = false;
};

result<wire::http_response> examination::fetch(std::string target, bool anonymous) {
    remote_call call;
    call.target = std::move(target);
    call.anonymous = anonymous;
    call.timeout = std::chrono::milliseconds{10000};
    return context_.send(std::move(call));
}

bool examination::check_reachable() {
    auto const answer = fetch("/health", true);
    if (!answer) {
        add(failed("reachable", answer.error(), "Start cxb-api, or set --url or CXB_URL."));
        return false;
    }
    auto const health = wire::parse_json(answer->bytes());
    bool const ours = health && health->is_object() &&
                      wire::text_at(health->get_object(), "service") == "cxb-api";
    if (!ours) {
        add({"reachable", verdict::bad, context_.url() + " is not a cxb-api",
             "Check --url or CXB_URL; a proxy may answer in its place."});
        return false;
    }
    add({"reachable", verdict::good, context_.url(), {}});
    check_outdated(*health);
    check_clock(*answer);
    return true;
}

void examination::check_outdated(wire::json_value const& health) {
    std::string const theirs(wire::text_at(health.get_object(), "version"));
    bool const same = theirs == version_string;
    add({"version", same ? verdict::good : verdict::warning, "server " + theirs,
         same ? ""
              : "This cxb is " + std::string(version_string) +
                    "; install the version of the server."});
}

void examination::check_clock(wire::http_response const& answer) {
    auto const skew = clock_skew(std::string(answer.headers.get("Date")), context_.now());
    if (!skew) return add(skipped("clock", "the answer has no Date"));
    bool const close = *skew <= most_skew && *skew >= -most_skew;
    add({"clock", close ? verdict::good : verdict::warning,
         "differs by " + std::to_string(skew->count()) + " s",
         close ? "" : "Run a time service (NTP) on both machines; tokens and hours depend on it."});
}

void examination::add_ready_parts(wire::json_value const& checks) {
    if (!checks.is_object()) return;
    for (auto const& [name, state] : checks.get_object()) {
        if (!state.is_object() || !state.get_object().contains("ok")) continue;
        bool const good = wire::bool_at(state.get_object(), "ok");
        if (good) continue;
        add({"part " + std::string(name), verdict::warning, cell(state.get_object(), "detail"),
             "Check the settings of " + std::string(name) +
                 " (cxb-api check-config) and its log."});
    }
}

void examination::check_ready() {
    auto const answer = fetch("/ready", true);
    if (answer) {
        auto const body = wire::parse_json(answer->bytes());
        bool const object = body && body->is_object();
        std::string const status(object ? wire::text_at(body->get_object(), "status") : "");
        add({"ready", status == "ready" ? verdict::good : verdict::warning, status, {}});
        if (object)
            if (auto const* checks = body->get_object().if_contains("checks"))
                add_ready_parts(*checks);
        return;
    }
    error const refusal = answer.error();
    add(failed("ready", refusal, {}));
    out_.back().advice = "A part it needs does not work; see the parts below and its log.";
    for (auto const& [name, text] : refusal.members())
        if (auto const value = wire::parse_json(text); name == "checks" && value)
            add_ready_parts(*value);
}

bool examination::check_login() {
    bool const by_key =
        context_.environment("CXB_TOKEN").empty() && !context_.environment("CXB_API_KEY").empty();
    auto const answer = fetch(by_key ? "/api/v1/calls?limit=1" : "/api/v1/auth/me", false);
    if (!answer) {
        add(failed("login", answer.error(), {}));
        return false;
    }
    auto const user = wire::parse_json(answer->bytes());
    add({"login",
         verdict::good,
         by_key || !user || !user->is_object()
             ? "API key is valid"
             : cell(user->get_object(), "email") + " (" + cell(user->get_object(), "role") + ")",
         {}});
    if (by_key) add(skipped("fleet, bots", "an API key may not look; sign in as an admin"));
    return !by_key;
}

void examination::check_fleet() {
    auto const status = context_.get("/api/v1/fleet/status");
    if (!status) return add(failed("fleet", status.error(), "Look at the log of cxb-api."));
    if (!status->is_object()) return add(skipped("fleet", "unreadable answer"));
    auto const& fleet = status->get_object();
    auto const* hosts = fleet.if_contains("workers");
    if (hosts == nullptr || !hosts->is_array() || hosts->get_array().empty())
        return add({"fleet", verdict::bad, "no hosts",
                    "Add the workers: cxb fleet set http://core-1:8001"});
    std::size_t healthy = 0;
    for (auto const& host : hosts->get_array()) {
        if (!host.is_object()) continue;
        bool const good = wire::text_at(host.as_object(), "status") == "healthy";
        healthy += good ? 1 : 0;
        if (!good)
            add({"host " + cell(host.as_object(), "url"), verdict::warning,
                 "unreachable (" + cell(host.as_object(), "reason") + ")",
                 "Is cxb-core running there, and the port open to cxb-api?"});
    }
    add({"fleet", healthy > 0 ? verdict::good : verdict::bad,
         std::to_string(healthy) + " of " + std::to_string(hosts->get_array().size()) +
             " hosts healthy, " + cell(fleet, "available") + " calls free",
         healthy > 0 ? "" : "No call can start until one host answers."});
}

void examination::check_public_url(wire::json_object const& config) {
    if (url_checked_) return;
    url_checked_ = true;
    std::string const hook(wire::text_at(config, "webhook_url"));
    bool const reachable = !hook.empty() && (!is_local(hook) || is_local(context_.url()));
    add({"public_url", reachable ? verdict::good : verdict::warning,
         hook.empty() ? "workers get no address for results" : "workers post results to " + hook,
         reachable ? ""
                   : "Set http.public_url (CXB_HTTP_PUBLIC_URL), or http.internal_url, to an "
                     "address that workers reach."});
}

void examination::check_bot(wire::json_object const& bot, bots_by_provider& lacking) {
    std::string const name = "bot " + cell(bot, "name");
    remote_call call;
    call.method = "POST";
    call.target = target_of("/api/v1/bots/", wire::text_at(bot, "id"), "/preview-config");
    call.body = "{}";
    call.repeatable = true;
    auto const shown = context_.ask_object(std::move(call));
    if (!shown)
        return add(
            failed(name, shown.error(), "Complete the bot: cxb bots show " + cell(bot, "id")));
    if (auto const* config = shown->if_contains("config"); config && config->is_object())
        check_public_url(config->get_object());
    auto const* steps = shown->if_contains("steps");
    if (steps == nullptr || !steps->is_array()) return;
    constexpr std::string_view mark = "provider_key_missing:";
    for (auto const& step : steps->get_array()) {
        if (!step.is_object()) continue;
        std::string const note = cell(step.get_object(), "note");
        for (auto at = note.find(mark); at != note.npos; at = note.find(mark, at + 1)) {
            auto const from = at + mark.size();
            lacking[note.substr(from, note.find_first_of(",; ", from) - from)].insert(
                cell(bot, "name"));
        }
    }
}

void examination::check_bots() {
    wire::query_list query;
    query.add("is_active", "true");
    auto const bots = fetch_items(context_, "/api/v1/bots", query, most_bots);
    if (!bots) return add(failed("bots", bots.error(), {}));
    if (bots->empty())
        return add({"bots", verdict::warning, "no active bot", "Create one: cxb bots create FILE"});
    bots_by_provider lacking;
    for (auto const& bot : *bots)
        if (bot.is_object()) check_bot(bot.get_object(), lacking);
    add({"bots", lacking.empty() ? verdict::good : verdict::bad,
         std::to_string(bots->size()) + " active" + told(lacking),
         lacking.empty() ? "" : "Store the keys: cxb settings set api-keys FILE, or in the bot."});
}

// Passwords and tokens pass through this address.
void examination::check_encryption() {
    auto const& url = context_.url();
    if (url.starts_with("https://") || is_local(url)) return;
    add({"encryption", verdict::warning, "passwords and tokens travel readable",
         "Set http.tls_cert and http.tls_key, or let a proxy speak TLS, and use https://."});
}

// An installation that nobody owns yet.
void examination::check_bootstrap() {
    auto const answer = fetch("/api/v1/auth/bootstrap", true);
    if (!answer) return;
    auto const body = wire::parse_json(answer->bytes());
    if (!body || !body->is_object() || !wire::bool_at(body->get_object(), "needed")) return;
    add({"administrator", verdict::bad, "there is none yet",
         "Make one on the server: cxb-api bootstrap-admin --email YOU"});
}

std::vector<finding> examination::run() {
    if (!check_reachable()) {
        add(skipped("all other checks", "cxb-api cannot be reached"));
        return std::move(out_);
    }
    check_encryption();
    check_ready();
    check_bootstrap();
    if (check_login()) {
        check_fleet();
        check_bots();
        for (auto& one : watch_installation(context_))
            add(std::move(one));
    }
    return std::move(out_);
}

}  // namespace

std::optional<std::chrono::seconds> clock_skew(std::string const& http_date, time_point now) {
    auto const there = parse_http_date(http_date);
    if (!there) return std::nullopt;
    return std::chrono::duration_cast<std::chrono::seconds>(*there - now);
}

std::vector<finding> examine(command_context& context) {
    return examination(context).run();
}

}  // namespace cxb::cli
