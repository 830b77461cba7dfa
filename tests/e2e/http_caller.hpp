#pragma once
// Blocking HTTP for tests, one object per thread.

#include <memory>
#include <string>

#include "cxb/client/blocking.hpp"
#include "cxb/net/http_client.hpp"
#include "cxb/wire/http_message.hpp"
#include "cxb/wire/json.hpp"

namespace cxb::e2e {

struct answer {
    int status = 0;          // 0: nothing came back
    wire::json_object body;  // {} when the answer is no JSON object
    std::string text;
    wire::header_list headers;
};

class http_caller {
  public:
    // `patience`: for one answer.
    explicit http_caller(std::chrono::milliseconds patience = std::chrono::seconds{70});
    answer call(std::string method, std::string url, wire::header_list headers = {},
                std::string body = {});

  private:
    std::chrono::milliseconds patience_;
    client::blocking_runner runner_;
    std::unique_ptr<net::http_client> client_;
};

}  // namespace cxb::e2e
