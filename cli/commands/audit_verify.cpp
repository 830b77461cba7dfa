#include "cli/app/context.hpp"
#include "cli/app/table.hpp"
#include "cli/commands/commands.hpp"
#include "cxb/wire/http_message.hpp"

namespace cxb::cli {
namespace {

constexpr parameter parameters[] = {{"--from", "First row: seq or RFC 3339 moment"},
                                    {"--to", "Last row: seq or RFC 3339 moment"}};

// One answer covers what the server has time for; `next` says where to go on.
result<exit_code> run(command_context& context) {
    auto const to = context.args().text("--to");
    std::string from = context.args().text("--from");
    std::int64_t checked = 0;
    wire::json_object found;
    do {
        wire::query_list query;
        if (!from.empty()) query.add("from", from);
        if (!to.empty()) query.add("to", to);
        remote_call call;
        call.target = "/api/v1/audit/verify";
        if (!query.items().empty()) call.target += "?" + query.to_text();
        CXB_TRY(found, context.ask_object(std::move(call)));
        checked += wire::int_at(found, "checked");
        from = found.contains("next") ? std::to_string(wire::int_at(found, "next")) : "";
    } while (!from.empty());
    found["checked"] = checked;
    bool const ok = wire::bool_at(found, "ok");
    (void)context.print(found, ok ? std::to_string(checked) + " rows, whole and unchanged\n"
                                  : "Row " + cell(found, "first_bad_seq") +
                                        " was changed, removed or moved; " +
                                        std::to_string(checked) + " rows before it are good\n");
    return ok ? exit_code::done : exit_code::failed;
}

}  // namespace

command const audit_verify{"audit",
                           "verify",
                           "Check that no row was changed or removed; exit 1 when one was",
                           "cxb audit verify --from 2026-01-01T00:00:00Z",
                           parameters,
                           &run};

}  // namespace cxb::cli
