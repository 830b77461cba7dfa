#include "src/store/mongo/worker_pool.hpp"

namespace cxb::inline v1 {
namespace store::mongo {

namespace {

/// Replica sets have transactions from 4.0 on, sharded clusters from 4.2.
bool has_transactions(mongoc_server_description_t const* server) {
    std::string_view const type = mongoc_server_description_type(server);
    bson_document const hello(mongoc_server_description_hello_response(server));
    auto const wire = hello.int_at("maxWireVersion");
    return (type == "RSPrimary" && wire >= 7) || (type == "Mongos" && wire >= 8) ||
           type == "LoadBalancer";
}

}  // namespace

worker_pool::worker_pool(std::unique_ptr<mongo_driver> driver, pool_settings const& settings)
    : settings_(settings),
      driver_(std::move(driver)),
      locks_(settings.lease),
      queue_(settings.queue) {}

worker_pool::~worker_pool() {
    close();
}

result<void> worker_pool::start() {
    {
        auto client = driver_->take();
        bson_error_t failed{};
        std::unique_ptr<mongoc_server_description_t,
                        decltype(&mongoc_server_description_destroy)> const
            server(mongoc_client_select_server(client.get(), true, nullptr, &failed),
                   &mongoc_server_description_destroy);
        if (!server)
            return error{errc::unavailable, "No MongoDB primary answers"}.with_note(
                {fault_of(command_kind::read, nullptr, failed).cause.note()});
        transactions_ = has_transactions(server.get());
        // Finding a server proves no right to use it.
        auto const greeted = client.run(command_kind::read, bson_document().add("ping", 1));
        if (!greeted) return greeted.error().cause;
    }
    for (unsigned i = 0; i < settings_.threads; ++i)
        threads_.emplace_back([this] { loop(); });
    sweeper_ = std::thread([this] { sweep_loop(); });
    return {};
}

result<void> worker_pool::push(std::shared_ptr<operation> added) {
    return queue_.push(std::move(added));
}

void worker_pool::close() {
    queue_.close();
    {
        std::lock_guard const lock(mutex_);
        stopping_ = true;
    }
    stop_.notify_all();
    for (auto& each : threads_)
        each.join();
    threads_.clear();
    if (sweeper_.joinable()) sweeper_.join();
}

void worker_pool::remember(collection const& what) {
    std::lock_guard const lock(mutex_);
    collections_.emplace(what.name);
}

void worker_pool::loop() {
    for (;;) {
        auto const taken = queue_.pop({1, 0});
        if (taken.empty()) return;
        for (auto const& each : taken) {
            if (each->begin()) run(*each);
            each->finish();
        }
    }
}

void worker_pool::run(operation& each) {
    auto client = driver_->take();
    auto const now = std::chrono::steady_clock::now();
    workplace at{
        client, locks_, transactions_, each.deadline().value_or(now + settings_.deadline), {}};
    (void)each.run(at);
    if (at.touched.empty()) return;
    if (settings_.on_commit) settings_.on_commit(std::chrono::steady_clock::now() - now);
    watching.tell(at.touched);
}

void worker_pool::sweep_loop() {
    std::unique_lock lock(mutex_);
    while (!stopping_) {
        lock.unlock();
        sweep();
        lock.lock();
        stop_.wait_for(lock, settings_.sweep_every, [this] { return stopping_; });
    }
}

void worker_pool::sweep() {
    std::vector<std::string> names;
    {
        std::lock_guard const lock(mutex_);
        names.assign(collections_.begin(), collections_.end());
    }
    auto client = driver_->take();
    workplace at{
        client, locks_, transactions_, std::chrono::steady_clock::now() + settings_.deadline, {}};
    // What cannot be settled now is met again by the next sweep.
    (void)locks_.sweep(at, names);
}

}  // namespace store::mongo
}  // namespace cxb::inline v1
