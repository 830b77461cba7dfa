// Checks the signature of one CX Bridge push; what your receiver does before it reads the body.
//
//   CXB_WEBHOOK_SECRET=whsec_... verify_webhook ID TIMESTAMP SIGNATURE < body
//
// The three arguments are the headers webhook-id, webhook-timestamp and webhook-signature.
// Exit: 0 genuine, 1 not genuine, 2 wrong usage.
#include <array>
#include <cstdio>
#include <cstdlib>
#include <iostream>
#include <iterator>

#include "cxb/base/clock.hpp"
#include "cxb/contract/webhook/signature.hpp"

namespace webhook = cxb::contract::webhook;

int main(int argc, char** argv) {
    // NOLINTNEXTLINE(concurrency-mt-unsafe): this program has one thread
    char const* const text = std::getenv("CXB_WEBHOOK_SECRET");
    if (argc != 4 || text == nullptr) {
        std::fprintf(stderr,
                     "usage: CXB_WEBHOOK_SECRET=whsec_... verify_webhook ID TIMESTAMP "
                     "SIGNATURE < body\n");
        return 2;
    }
    std::string const body(std::istreambuf_iterator<char>(std::cin), {});
    cxb::wire::header_list const headers{{std::string(webhook::id_header), argv[1]},
                                         {std::string(webhook::timestamp_header), argv[2]},
                                         {std::string(webhook::signature_header), argv[3]}};
    std::array const secrets{cxb::secret(text)};
    auto const checked = webhook::verify(headers, body, secrets, cxb::real_clock().now());
    if (!checked) {
        std::fprintf(stderr, "not genuine: %s\n", checked.error().detail().c_str());
        return 1;
    }
    std::printf("genuine, id %s\n", argv[1]);
    return 0;
}
