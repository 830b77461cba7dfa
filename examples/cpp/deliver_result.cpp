// Reports a finished call, as a worker does. Repeating it is harmless: the result carries its id.
//
//   CXB_CORE_SECRET=... deliver_result SESSION_ID [DISCONNECTED_BY]
//
// Exit: 0 stored, 1 refused, 2 wrong usage, 5 unreachable.
#include "cxb/base/ids.hpp"
#include "cxb/client/api_client.hpp"
#include "cxb/client/blocking.hpp"
#include "cxb/contract/call_results/call_results.hpp"
#include "cxb/net/http_client.hpp"
#include "settings.hpp"

namespace results = cxb::contract::call_results;

int main(int argc, char** argv) {
    if (argc < 2) {
        std::fprintf(stderr, "usage: CXB_CORE_SECRET=... deliver_result SESSION_ID [WORD]\n");
        return 2;
    }
    results::call_results call;
    call.session_id = argv[1];
    call.result_id = cxb::new_uuid7();
    call.disconnected_by =
        cxb::open_enum<results::disconnect_word>::from_text(argc > 2 ? argv[2] : "customer");
    call.call_duration_seconds = cxb::real_seconds(12.5);
    results::transcript_item greeting;
    greeting.role = results::speaker::assistant;
    greeting.content = "Hello, this is the example.";
    call.transcript = {greeting};

    cxb::client::blocking_runner runner;
    auto const net = cxb::net::http_client::create().value();
    cxb::client::client_options options;
    options.base_url = example::setting("CXB_URL", "http://127.0.0.1:8080");
    options.keys.current = cxb::secret(example::setting("CXB_CORE_SECRET", "dev-secret"));
    options.transport = net.get();
    cxb::client::api_client api(options);
    auto const stored = runner.run(api.deliver_result({.body = serialize(call), .url = {}}));
    if (!stored) return example::report(stored.error());
    std::printf("%s\n", serialize(*stored).c_str());
    return 0;
}
