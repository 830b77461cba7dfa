#include "server/api/events/telling_store.hpp"

namespace cxb::api {

store::async<store::commit_outcome> telling_store::commit(store::batch writes) {
    auto news = tell_ ? news_of(writes) : std::vector<event_news>{};
    if (news.empty()) return server::sealed_document_store::commit(std::move(writes));
    return commit_and_tell(std::move(writes), std::move(news));
}

store::async<store::commit_outcome> telling_store::commit_and_tell(store::batch writes,
                                                                   std::vector<event_news> news) {
    CXB_CO_TRY(auto outcome, co_await server::sealed_document_store::commit(std::move(writes)));
    if (outcome.applied)
        for (auto& one : news)
            tell_(std::move(one));
    co_return outcome;
}

}  // namespace cxb::api
