#include "src/store/sqlite/reader_pool.hpp"

namespace cxb::inline v1 {
namespace store::sqlite {

reader_pool::reader_pool(connection_settings file, unsigned threads, queue_limits queue,
                         std::chrono::milliseconds longest)
    : longest_(longest), queue_(queue) {
    file.read_only = true;
    for (unsigned i = 0; i < threads; ++i)
        connections_.push_back(std::make_unique<connection>(file));
}

reader_pool::~reader_pool() {
    close();
}

result<void> reader_pool::start() {
    for (auto const& each : connections_)
        CXB_CHECK(each->open());
    for (auto const& each : connections_)
        threads_.emplace_back([this, &each] { loop(*each); });
    return {};
}

result<void> reader_pool::push(std::shared_ptr<operation> added) {
    return queue_.push(std::move(added));
}

void reader_pool::close() {
    queue_.close();
    for (auto& each : threads_)
        each.join();
    threads_.clear();
    for (auto const& each : connections_)
        each->close();
}

namespace {

// An exception here would end the process: a connection that cannot be opened only fails its reads.
void open_again(connection& db) noexcept {
    try {
        (void)db.open();
    } catch (std::exception const&) {
        db.close();
    }
}

}  // namespace

void reader_pool::loop(connection& db) {
    bool broken = false;
    for (;;) {
        auto const taken = queue_.pop({1, 0});
        if (taken.empty()) return;
        for (auto const& each : taken) {
            if (!each->abandoned()) {
                if (broken) open_again(db);
                workplace at{db};
                db.end_by(std::chrono::steady_clock::now() + longest_);
                broken = !each->run(at);
            }
            each->finish();
        }
    }
}

}  // namespace store::sqlite
}  // namespace cxb::inline v1
