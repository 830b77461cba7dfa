#include "cli/commands/doctor_watch.hpp"

#include "cli/app/listing.hpp"
#include "cli/app/table.hpp"

namespace cxb::cli {
namespace {

constexpr std::size_t most_rows = 200;
// The slowest loop runs each ten minutes.
constexpr std::chrono::minutes standing_still{30};

// The process that answered: of loops that others hold it knows no more than their last write,
// and a loop that finds nothing to do writes nothing.
std::string answering(wire::json_array const& loops) {
    for (auto const& one : loops)
        if (one.is_object() && wire::text_at(one.get_object(), "name") == "snapshots")
            return std::string(wire::text_at(one.get_object(), "owner"));
    return {};
}

void judge_loop(wire::json_object const& loop, std::string const& here, time_point now,
                std::vector<finding>& out) {
    std::string const name = "loop " + cell(loop, "name");
    if (auto const why = wire::text_at(loop, "last_error"); !why.empty())
        return out.push_back({name, verdict::warning, "fails: " + std::string(why),
                              "The log of " + cell(loop, "owner") +
                                  " says more; it is tried "
                                  "again by itself."});
    auto const last = parse_timestamp(wire::text_at(loop, "last_run"));
    if (last && wire::text_at(loop, "owner") == here && now - *last > standing_still)
        out.push_back({name, verdict::warning,
                       "ran last at " + readable_time(wire::text_at(loop, "last_run")) + " UTC",
                       "Restart " + cell(loop, "owner") + "; another process takes over."});
}

void judge_jobs(wire::json_object const& jobs, std::vector<finding>& out) {
    std::string dead;
    for (auto const& kind : jobs) {
        if (!kind.value().is_object()) continue;
        if (auto const count = wire::int_at(kind.value().get_object(), "dead"); count > 0)
            dead +=
                (dead.empty() ? "" : ", ") + std::string(kind.key()) + " " + std::to_string(count);
    }
    out.push_back({"jobs", dead.empty() ? verdict::good : verdict::warning,
                   dead.empty() ? "none was given up" : "given up: " + dead,
                   dead.empty() ? ""
                                : "See why: cxb ops jobs --state dead. When it is mended: cxb ops "
                                  "dead-letters retry --kind KIND --from TIME --to TIME."});
}

}  // namespace

std::vector<finding> judge_status(wire::json_object const& status, time_point now) {
    std::vector<finding> out;
    auto const* loops = status.if_contains("loops");
    if (loops != nullptr && loops->is_array()) {
        auto const here = answering(loops->get_array());
        for (auto const& one : loops->get_array())
            if (one.is_object()) judge_loop(one.get_object(), here, now, out);
        if (out.empty())
            out.push_back(
                {"loops", verdict::good, std::to_string(loops->get_array().size()) + " run", {}});
    }
    auto const* jobs = status.if_contains("jobs");
    if (jobs != nullptr && jobs->is_object()) judge_jobs(jobs->get_object(), out);
    return out;
}

std::vector<finding> judge_endpoints(wire::json_array const& endpoints) {
    std::vector<finding> out;
    for (auto const& one : endpoints) {
        if (!one.is_object()) continue;
        auto const& endpoint = one.get_object();
        std::string const name = "webhook " + cell(endpoint, "url");
        std::string const id = cell(endpoint, "id");
        if (auto const why = wire::text_at(endpoint, "disabled_reason"); !why.empty())
            out.push_back(
                {name, verdict::warning, "switched off: " + std::string(why),
                 "Mend it, then: echo '{\"is_active\":true}' | cxb webhooks update " + id + " -"});
        else if (auto const since = wire::text_at(endpoint, "failing_since"); !since.empty())
            out.push_back({name, verdict::warning, "fails since " + readable_time(since) + " UTC",
                           "Try it: cxb webhooks test " + id});
    }
    return out;
}

std::vector<finding> judge_carriers(wire::json_array const& carriers) {
    std::vector<finding> out;
    for (auto const& one : carriers) {
        if (!one.is_object()) continue;
        auto const& carrier = one.get_object();
        auto const state = wire::text_at(carrier, "lk_sync_status");
        if (state.empty() || state == "synced") continue;
        auto const why = wire::text_at(carrier, "lk_sync_error");
        out.push_back({"carrier " + cell(carrier, "name"), verdict::warning,
                       "LiveKit " + std::string(state) +
                           (why.empty() ? std::string() : ": " + std::string(why)),
                       "Try it: cxb carriers sync " + cell(carrier, "id")});
    }
    return out;
}

std::vector<finding> watch_installation(command_context& context) {
    std::vector<finding> out;
    auto const add = [&out](std::vector<finding> more) {
        out.insert(out.end(), std::make_move_iterator(more.begin()),
                   std::make_move_iterator(more.end()));
    };
    if (auto const status = context.ask_object({.target = "/api/v1/ops/status"}))
        add(judge_status(*status, context.now()));
    if (auto const rows = fetch_items(context, "/api/v1/webhook-endpoints", {}, most_rows))
        add(judge_endpoints(*rows));
    if (auto const rows = fetch_items(context, "/api/v1/carriers", {}, most_rows))
        add(judge_carriers(*rows));
    return out;
}

}  // namespace cxb::cli
