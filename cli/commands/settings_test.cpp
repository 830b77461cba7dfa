#include "cli/app/context.hpp"
#include "cli/app/table.hpp"
#include "cli/commands/commands.hpp"

namespace cxb::cli {
namespace {

constexpr parameter parameters[] = {
    {"NAME", "Provider whose stored key is tried, or minio", parameter_kind::argument, true}};

result<exit_code> run(command_context& context) {
    auto const name = context.args().text("NAME");
    remote_call call;
    call.method = "POST";
    call.target = name == "minio" ? "/api/v1/settings/minio/test"
                                  : target_of("/api/v1/settings/api-keys/", name, "/test");
    CXB_TRY(auto const outcome, context.ask_object(std::move(call)));
    bool const ok = wire::bool_at(outcome, "ok");
    context.print(outcome, name + (ok ? " works" : " does not work: " + cell(outcome, "error")) +
                               ", after " + cell(outcome, "latency_ms") + " ms\n");
    return ok ? exit_code::done : exit_code::failed;
}

}  // namespace

command const settings_test{"settings",
                            "test",
                            "Try a provider's key, or the S3 store; exit 1 when it does not work",
                            "cxb settings test openai",
                            parameters,
                            &run};

}  // namespace cxb::cli
