// Asks for the runtime config of a call, as a worker does, and prints it.
//
//   CXB_CORE_SECRET=... fetch_config BOT_ID [CALLER_NUMBER]
//
// The API opens a call record for it, so the session printed here shows in `cxb calls list`.
// Exit: 0 done, 1 refused, 2 wrong usage, 5 unreachable.
#include "cxb/client/api_client.hpp"
#include "cxb/client/blocking.hpp"
#include "cxb/net/http_client.hpp"
#include "settings.hpp"

int main(int argc, char** argv) {
    if (argc < 2) {
        std::fprintf(stderr, "usage: CXB_CORE_SECRET=... fetch_config BOT_ID [CALLER_NUMBER]\n");
        return 2;
    }
    cxb::client::fetch_config_params call;
    call.bot_id = argv[1];
    if (argc > 2) call.request.caller_id = argv[2];

    cxb::client::blocking_runner runner;
    auto const net = cxb::net::http_client::create().value();
    cxb::client::client_options options;
    options.base_url = example::setting("CXB_URL", "http://127.0.0.1:8080");
    options.keys.current = cxb::secret(example::setting("CXB_CORE_SECRET", "dev-secret"));
    options.transport = net.get();
    options.worker = "example/fetch_config";  // shows in the logs of the API
    cxb::client::api_client api(options);
    auto const fetched = runner.run(api.fetch_config(call));
    if (!fetched) return example::report(fetched.error());
    std::printf("%s\n", fetched->body.c_str());
    return 0;
}
