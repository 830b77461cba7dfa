// Checks that a post really comes from your LiveKit server, and tells what happened; what a
// receiver of LiveKit webhooks does before it reads the body.
//
//   LIVEKIT_API_KEY=... LIVEKIT_API_SECRET=... verify_livekit AUTHORIZATION < body
//
// The argument is the header Authorization. Exit: 0 genuine, 1 not genuine, 2 wrong usage.
#include <array>
#include <cstdio>
#include <iostream>
#include <iterator>

#include "cxb/base/clock.hpp"
#include "cxb/contract/livekit/webhook.hpp"
#include "examples/cpp/settings.hpp"

namespace livekit = cxb::contract::livekit;

int main(int argc, char** argv) {
    auto const key = example::setting("LIVEKIT_API_KEY");
    auto const secret = example::setting("LIVEKIT_API_SECRET");
    if (argc != 2 || key.empty() || secret.empty()) {
        std::fprintf(stderr,
                     "usage: LIVEKIT_API_KEY=... LIVEKIT_API_SECRET=... verify_livekit "
                     "AUTHORIZATION < body\n");
        return 2;
    }
    std::string const body(std::istreambuf_iterator<char>(std::cin), {});
    std::array const known{livekit::api_credentials{key, cxb::secret(secret)}};
    auto const event = livekit::verify_webhook(body, argv[1], known, cxb::real_clock().now());
    if (!event) {
        std::fprintf(stderr, "not genuine: %s\n", event.error().detail().c_str());
        return 1;
    }
    std::printf("genuine, %s\n", event->event.text().c_str());
    return 0;
}
