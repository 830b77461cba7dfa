#pragma once
/// @file
/// Who may reach a route of `cxb-api` (spec 20 §2.1): shared secret, API key, bearer token, roles.

#include "server/api/access/api_key_directory.hpp"
#include "server/api/access/user_directory.hpp"
#include "server/common/http/secret_gate.hpp"

namespace cxb::api {

/// The bearer token of a request; "" for none.
[[nodiscard]] std::string bearer_of(wire::http_request const& head);

/// May this person do what a row with `wanted` allows? `own_account`: they only see or change
/// themselves. Errors: `forbidden`, also while they must change their password first.
[[nodiscard]] result<server::principal> check_role(server::access wanted, server::principal who,
                                                   bool own_account = false);

class gate final : public server::access_gate {
  public:
    gate(server::secret_gate const& core, user_directory& users, api_key_directory& keys)
        : core_(core), users_(users), keys_(keys) {}

    boost::asio::awaitable<result<server::principal>> authorise(
        server::route const& wanted, wire::http_request const& head,
        server::request_context const& context) override;

  private:
    store::async<server::principal> by_token(wire::http_request const& head);
    store::async<server::principal> by_key_or_admin(server::route const& wanted,
                                                    wire::http_request const& head);

    server::secret_gate const& core_;
    user_directory& users_;
    api_key_directory& keys_;
};

}  // namespace cxb::api
