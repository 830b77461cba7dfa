#include "cli/app/context.hpp"
#include "cli/app/table.hpp"
#include "cli/commands/commands.hpp"
#include "cxb/base/ids.hpp"

namespace cxb::cli {
namespace {

constexpr parameter parameters[] = {
    {"DID", "Id of Exotel's number", parameter_kind::argument, true},
    {"NUMBER", "Number to ring", parameter_kind::argument, true},
    {"--key", "Idempotency key; one is made when left out"}};

result<exit_code> run(command_context& context) {
    auto const& args = context.args();
    remote_call call;
    call.method = "POST";
    call.target = target_of("/api/v1/integrations/exotel/dids/", args.text("DID"), "/test-call");
    call.body = wire::to_text(wire::json_object{{"customer_number", args.text("NUMBER")}});
    call.headers.add("Idempotency-Key", args.text("--key", new_uuid7()));
    call.repeatable = true;
    CXB_TRY(auto const accepted, context.ask_object(std::move(call)));
    return context.print(accepted, "Exotel rings, call " + cell(accepted, "call_sid") + "\n");
}

}  // namespace

command const exotel_test_call{"exotel",
                               "test-call",
                               "Let Exotel ring a number and connect it to the flow",
                               "cxb exotel test-call 65f000000000000000000001 +919876543210",
                               parameters,
                               &run};

}  // namespace cxb::cli
