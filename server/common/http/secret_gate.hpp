#pragma once
/// @file
/// The access gate of processes that know only the shared secret, and the part of others that
/// judges it (spec 20 §2.1).
///
/// | access                  | granted when                                                       |
/// |-------------------------|--------------------------------------------------------------------|
/// | public_, signed_link    | always; the handler of a link proves it itself                     |
/// | core_secret             | any secret header fits, else 403 `Invalid core secret`             |
/// | loopback_or_core        | loopback client, else as core_secret                               |
/// | all others              | never: 401 `Not authenticated`                                     |
///
/// The keyring is swapped as a whole by `reload` (SIGHUP). Thread-safety: usable from all event
/// loops.

#include <memory>
#include <mutex>

#include "cxb/contract/shared_secret/shared_secret.hpp"
#include "server/common/http/access_gate.hpp"

namespace cxb::server {

class secret_gate final : public access_gate {
  public:
    using keyring = contract::shared_secret::keyring;

    explicit secret_gate(keyring keys) { reload(std::move(keys)); }
    void reload(keyring keys);
    /// The secrets that are good now.
    [[nodiscard]] std::shared_ptr<keyring const> keys() const;
    /// The judgement itself, without a coroutine.
    [[nodiscard]] result<principal> judge(access who, wire::header_list const& headers,
                                          bool loopback_client) const;
    boost::asio::awaitable<result<principal>> authorise(route const& wanted,
                                                        wire::http_request const& head,
                                                        request_context const& context) override;

  private:
    mutable std::mutex mutex_;
    std::shared_ptr<keyring const> keys_;
};

}  // namespace cxb::server
