// Places one call through CX Bridge, as a CRM would.
//
//   CXB_API_KEY=vx_... crm_dialout BOT_ID +919876543210 [NAME=VALUE...]
//
// The Idempotency-Key makes it safe to repeat after a lost answer. CXB_URL: where the API is.
// Exit: 0 accepted, 1 refused, 2 wrong usage, 5 unreachable.
#include "cxb/base/ids.hpp"
#include "cxb/client/api_client.hpp"
#include "cxb/client/blocking.hpp"
#include "cxb/net/http_client.hpp"
#include "cxb/wire/json.hpp"
#include "settings.hpp"

int main(int argc, char** argv) {
    auto const key = example::setting("CXB_API_KEY");
    if (argc < 3 || key.empty()) {
        std::fprintf(stderr, "usage: CXB_API_KEY=vx_... crm_dialout BOT_ID NUMBER [NAME=VALUE]\n");
        return 2;
    }
    cxb::wire::json_object variables;
    for (int i = 3; i < argc; ++i) {
        std::string const pair = argv[i];
        auto const at = pair.find('=');
        variables[pair.substr(0, at)] = at == std::string::npos ? "" : pair.substr(at + 1);
    }
    cxb::client::dialout_params call;
    call.request.bot_id = argv[1];
    call.request.to_number = argv[2];
    call.request.variables = cxb::wire::raw_json::from_object(variables);
    call.idempotency_key = example::setting("CXB_IDEMPOTENCY_KEY", cxb::new_uuid7().c_str());

    cxb::client::blocking_runner runner;
    auto const net = cxb::net::http_client::create().value();
    cxb::client::client_options options;
    options.base_url = example::setting("CXB_URL", "http://127.0.0.1:8080");
    options.api_key = cxb::secret(key);
    options.transport = net.get();
    cxb::client::api_client api(options);
    auto const accepted = runner.run(api.dialout(call));
    if (!accepted) return example::report(accepted.error());
    std::printf("%s\n", serialize(*accepted).c_str());
    return 0;
}
