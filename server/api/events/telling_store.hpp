#pragma once
/// @file
/// The store of `cxb-api`, which tells what was committed (spec 21 §10 `call.*`, `push.updated`).
///
/// Every write of a call is one of a batch, whoever makes it; so this is the one place where news
/// of calls arise. What a batch tells is read off before it is handed on and told once it was
/// applied, on the executor of whoever committed. A batch that is not applied tells nothing.
/// Thread-safety: as any store; `tell_to` before the store is used by several.

#include <functional>

#include "server/api/events/event_news.hpp"
#include "server/common/secrets/sealed_document_store.hpp"

namespace cxb::api {

class telling_store final : public server::sealed_document_store {
  public:
    using server::sealed_document_store::sealed_document_store;

    /// Who hears; must be fast and must not throw. Nobody: nothing is read off.
    void tell_to(std::function<void(event_news)> tell) { tell_ = std::move(tell); }

    store::async<store::commit_outcome> commit(store::batch writes) override;

  private:
    store::async<store::commit_outcome> commit_and_tell(store::batch writes,
                                                        std::vector<event_news> news);

    std::function<void(event_news)> tell_;
};

}  // namespace cxb::api
