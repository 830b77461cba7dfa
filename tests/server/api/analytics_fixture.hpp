#pragma once
// Calls made through the API for the tests of analytics, a look past it into the store, and a
// recount that knows nothing of slots or counters: it goes over the calls one by one.
#include "cxb/store/open/open_document_store.hpp"
#include "cxb/testing/fake_clock.hpp"
#include "server/api/api_fixture.hpp"
#include "server/common/model/collections.hpp"

namespace cxb::api::test {

// What the test made, not what the API says of it.
struct seen_call {
    std::string session, bot, campaign, status = "active", direction, disposition, word;
    double duration = 0;
    bool excluded = false;
    bool transferred = false;
    std::vector<double> llm_ms;
    std::int64_t tokens = 0;
    time_point created;
};

// The documents themselves, through a store object of its own.
class stored_documents {
  public:
    explicit stored_documents(server::api_settings const& settings)
        : opened_(
              store::open_document_store({.url = settings.store.url, .database = settings.store.db})
                  .value()) {
        loops_.start();
        run([](store::document_store& at) -> store::async<void> {
            for (auto const* each : {&server::model::calls, &server::model::call_rollups})
                CXB_CO_CHECK(co_await at.ensure(*each));
            co_return result<void>{};
        });
    }
    ~stored_documents() {
        opened_.store->close();
        loops_.stop();
    }
    void set(std::string const& session, std::string const& member, json_value value) {
        run([=](store::document_store& at) -> store::async<void> {
            CXB_CO_CHECK(co_await at.update_one(server::model::calls,
                                                server::model::of_session(session),
                                                store::update{}.set(member, value)));
            co_return result<void>{};
        });
    }
    std::vector<json_object> all(store::collection const& what) {
        std::vector<json_object> out;
        run([&](store::document_store& at) -> store::async<void> {
            store::find_options options;
            options.limit = 0;
            CXB_CO_TRY(auto page, co_await at.find(what, {}, options));
            out = std::move(page.items);
            co_return result<void>{};
        });
        return out;
    }

    void run(std::function<store::async<void>(store::document_store&)> work) {
        result<void> done;
        loops_.run_and_wait([](auto& job, store::document_store& at,
                               result<void>& out) -> boost::asio::awaitable<void> {
            out = co_await job(at);
        }(work, *opened_.store, done));
        EXPECT_TRUE(done) << done.error().to_log_text();
    }

  private:
    store::opened_store opened_;
    net::event_loops loops_{1};
};

// Numbers under a document's objects by path, without zeros.
inline void add_numbers(json_object const& tree, std::string const& before,
                        std::map<std::string, std::int64_t>& out) {
    for (auto const& member : tree) {
        auto const path = before + "/" + std::string(member.key());
        if (member.value().is_object())
            add_numbers(member.value().get_object(), path, out);
        else if (member.value().is_number())
            out[path] += member.value().to_number<std::int64_t>();
    }
}

// What the calls say they contributed, and what the counters hold, by place and path.
using place_counts = std::map<std::string, std::map<std::string, std::int64_t>>;

inline std::string place_of(json_object const& document) {
    std::string out;
    for (char const* name : {"slot", "bot_id", "campaign_id"})
        out += std::string(wire::text_at(document, name)) + "|";
    return out;
}
inline place_counts without_zeros(place_counts counts) {
    for (auto& [place, numbers] : counts)
        std::erase_if(numbers, [](auto const& entry) { return entry.second == 0; });
    std::erase_if(counts, [](auto const& entry) { return entry.second.empty(); });
    return counts;
}
inline place_counts contributed(stored_documents& documents) {
    place_counts out;
    for (auto const& call : documents.all(server::model::calls))
        if (auto const* rollup = call.if_contains("rollup"))
            add_numbers(rollup->at("counts").as_object(), "", out[place_of(rollup->as_object())]);
    return without_zeros(std::move(out));
}
inline place_counts counted(stored_documents& documents) {
    place_counts out;
    for (auto& row : documents.all(server::model::call_rollups)) {
        auto const place = place_of(row);
        for (char const* name : {"pushes", "_id", "slot", "bot_id", "campaign_id"})
            row.erase(name);
        EXPECT_FALSE(out.contains(place)) << "two documents of " << place;
        add_numbers(row, "", out[place]);
    }
    return without_zeros(std::move(out));
}

}  // namespace cxb::api::test
