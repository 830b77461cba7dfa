#include "server/common/http/secret_gate.hpp"

#include "server/common/http/request_context.hpp"

namespace cxb::server {

void secret_gate::reload(keyring keys) {
    auto fresh = std::make_shared<keyring const>(std::move(keys));
    std::lock_guard const lock(mutex_);
    keys_ = std::move(fresh);
}

std::shared_ptr<secret_gate::keyring const> secret_gate::keys() const {
    std::lock_guard const lock(mutex_);
    return keys_;
}

result<principal> secret_gate::judge(access who, wire::header_list const& headers,
                                     bool loopback_client) const {
    switch (who) {
        case access::public_:
        case access::signed_link:
            return principal{};
        case access::loopback_or_core:
            if (loopback_client) return principal{};
            [[fallthrough]];
        case access::core_secret: {
            CXB_CHECK(contract::shared_secret::verify(headers, *keys()));
            principal caller;
            caller.kind = principal_kind::core;
            return caller;
        }
        default:
            return error{errc::unauthenticated, "Not authenticated"};
    }
}

boost::asio::awaitable<result<principal>> secret_gate::authorise(route const& wanted,
                                                                 wire::http_request const& head,
                                                                 request_context const& context) {
    co_return judge(wanted.who, head.headers, context.loopback_client);
}

}  // namespace cxb::server
