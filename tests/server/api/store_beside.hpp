#pragma once
// The store of a `cxb-api` under test, opened a second time: what another process writes there.
#include "cxb/net/event_loops.hpp"
#include "cxb/store/open/open_document_store.hpp"
#include "server/api/api_fixture.hpp"
#include "server/api/bots/bot_use.hpp"
#include "server/common/model/collections.hpp"

namespace cxb::api::test {

namespace model = server::model;

class store_beside {
  public:
    // The API made the collections; here they are only declared.
    explicit store_beside(server::api_settings const& settings) {
        store::store_opening what{.url = settings.store.url, .database = settings.store.db};
        opened_ = store::open_document_store(std::move(what)).value();
        loops_.start();
        for (auto const* each : model::all_collections())
            EXPECT_TRUE(run(opened_.store->ensure(*each)));
    }
    ~store_beside() {
        opened_.store->close();
        loops_.stop();
    }

    template <class T>
    T run(boost::asio::awaitable<T> work) {
        std::optional<T> out;
        loops_.run_and_wait([](boost::asio::awaitable<T> what,
                               std::optional<T>& got) -> boost::asio::awaitable<void> {
            got.emplace(co_await std::move(what));
        }(std::move(work), out));
        return *std::move(out);
    }
    store::document_store& operator*() { return *opened_.store; }
    store::document_store* operator->() { return opened_.store.get(); }

    // As a campaign's start is written: the row, and the claim on its bot.
    store::commit_outcome start_campaign(std::string const& id, std::string const& bot) {
        store::batch writes;
        writes.upsert(model::campaigns, store::by_id(id),
                      store::update{}
                          .set("name", json_value("Campaign " + id))
                          .set("bot_id", json_value(bot))
                          .set("status", "running"));
        claim_bot(writes, bot);
        return run(opened_.store->commit(std::move(writes))).value();
    }
    void pause_campaign(std::string const& id) {
        EXPECT_TRUE(run(opened_.store->update_one(model::campaigns, store::by_id(id),
                                                  store::update{}.set("status", "paused")))
                        .value());
    }
    store::commit_outcome map_number(std::string const& number, std::string const& bot) {
        store::batch writes;
        writes.insert(model::dids, {{"number", number}, {"carrier_id", "c1"}, {"bot_id", bot}});
        claim_bot(writes, bot);
        return run(opened_.store->commit(std::move(writes))).value();
    }
    void insert(store::collection const& into, json_object document) {
        EXPECT_TRUE(run(opened_.store->insert(into, std::move(document))));
    }
    std::optional<json_object> find(store::collection const& from, store::filter where) {
        return run(opened_.store->find_one(from, std::move(where))).value();
    }

  private:
    net::event_loops loops_{1};
    store::opened_store opened_;
};

}  // namespace cxb::api::test
