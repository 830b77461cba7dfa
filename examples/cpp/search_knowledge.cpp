// Searches a bot's knowledge while the program goes on: the callback form, without an event loop
// or a coroutine of its own.
//
//   CXB_CORE_SECRET=... search_knowledge BOT_ID QUERY
//
// CXB_URL: where the API is. Exit: 0 done (no hit is none printed), 1 refused, 2 wrong usage,
// 5 unreachable.
#include "cxb/client/api_client.hpp"
#include "cxb/client/background.hpp"
#include "cxb/net/http_client.hpp"
#include "settings.hpp"

int main(int argc, char** argv) {
    if (argc < 3) {
        std::fprintf(stderr, "usage: CXB_CORE_SECRET=... search_knowledge BOT_ID QUERY\n");
        return 2;
    }
    auto const net = cxb::net::http_client::create().value();
    cxb::client::client_options options;
    options.base_url = example::setting("CXB_URL", "http://127.0.0.1:8080");
    options.keys.current = cxb::secret(example::setting("CXB_CORE_SECRET", "dev-secret"));
    options.transport = net.get();
    cxb::client::api_client api(options);
    cxb::client::knowledge_search_params search;
    search.request.bot_id = argv[1];
    search.request.query = argv[2];

    int exit_code = 0;
    cxb::client::background_runner runner;  // last: ends before what its calls use
    auto const show = [&exit_code](cxb::result<cxb::contract::lookup::knowledge_hits> found) {
        if (!found) {
            exit_code = example::report(found.error());
            return;
        }
        for (auto const& hit : found->results)
            std::printf("%.2f %s: %s\n", hit.score, hit.file_name.c_str(), hit.text.c_str());
    };
    runner.start(api.search_knowledge(search), show);
    std::fprintf(stderr, "searching\n");  // on this thread, meanwhile
    runner.wait();
    return exit_code;
}
