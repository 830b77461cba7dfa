#include <algorithm>
#include <iostream>

#include "cli/app/context.hpp"
#include "cli/app/event_reader.hpp"
#include "cli/app/table.hpp"
#include "cli/commands/commands.hpp"
#include "cxb/wire/http_message.hpp"

namespace cxb::cli {
namespace {

constexpr parameter parameters[] = {
    {"--topics", "calls, fleet, jobs, settings, campaigns, knowledge; commas between (all)"},
    {"--retries", "Failed connections in a row before it gives up (default 10)"}};

constexpr int usual_retries = 10;
constexpr int most_retries = 1000;
constexpr std::chrono::seconds first_wait{1};
constexpr std::chrono::seconds longest_wait{30};

// Runs until it is interrupted, so with --json it prints one document a line.
result<void> show(command_context const& context, server_event const& event) {
    auto const data = wire::parse_json(event.data);
    if (!data) return error{errc::corrupt_data, "An event holds something that is not JSON"};
    if (context.json())
        context.out() << wire::to_text(
            wire::json_object{{"id", event.id}, {"event", event.type}, {"data", *data}});
    else
        context.out() << readable_time(format_timestamp(context.now())) << "  " << event.type
                      << "  " << wire::to_text(*data);
    context.out() << std::endl;
    return context.out() ? result<void>()
                         : error{errc::internal, "Cannot write to standard output"};
}

class following {
  public:
    explicit following(command_context& context)
        : context_(context),
          reader_([this](server_event const& event) { return show(context_, event); }) {}

    // Until the connection ends, however it does.
    result<void> listen() {
        wire::query_list query;
        if (context_.args().has("--topics")) query.add("topics", context_.args().text("--topics"));
        auto const asked = query.to_text();
        remote_call call;
        call.target = "/api/v1/events/stream" + (asked.empty() ? "" : "?" + asked);
        call.headers.set("Accept", "text/event-stream");
        if (!reader_.last_id().empty()) call.headers.set("Last-Event-ID", reader_.last_id());
        reader_.restart();
        heard_ = false;
        call.sink = [this](std::string_view piece) -> result<void> {
            auto const taken = reader_.feed(piece);
            if (!taken && taken.error().code() == errc::corrupt_data)
                return error{errc::corrupt_data, context_.url() + ": " + taken.error().detail() +
                                                     "; is it a CX Bridge API?"};
            heard_ = heard_ || !piece.empty();
            return taken;
        };
        CXB_CHECK(context_.send(std::move(call)));
        return {};
    }
    [[nodiscard]] bool heard() const noexcept { return heard_; }

  private:
    command_context& context_;
    event_reader reader_;
    bool heard_ = false;
};

// A stream that was there may come back; one that is refused will be refused again.
bool may_come_back(error const& failure) {
    return failure.code() == errc::unavailable || failure.code() == errc::deadline_exceeded ||
           failure.code() == errc::upstream_failed;
}

result<exit_code> run(command_context& context) {
    CXB_TRY(int const most, context.args().number("--retries", usual_retries, 0, most_retries));
    following events(context);
    bool ever = false;
    int failures = 0;
    for (auto wait = first_wait;; wait = std::min(wait * 2, longest_wait)) {
        auto const ended = events.listen();
        ever = ever || events.heard();
        if (!ended && (!ever || !may_come_back(ended.error()))) return ended.error();
        if (events.heard()) {
            failures = 0;
            wait = first_wait;
        }
        if (++failures > most)
            return ended ? error{errc::unavailable, context.url() +
                                                        " ends the stream again and "
                                                        "again"}
                         : ended.error();
        context.err() << "the stream ended, again in " << wait.count() << " s" << std::endl;
        if (!context.around().pause(wait)) return exit_code::done;
    }
}

}  // namespace

command const events_tail{
    "events",
    "tail",
    "Follow what happens; comes back by itself and misses nothing; --json gives a document a line",
    "cxb events tail --topics calls,jobs",
    parameters,
    &run};

}  // namespace cxb::cli
