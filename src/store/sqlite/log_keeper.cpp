#include "src/store/sqlite/log_keeper.hpp"

namespace cxb::inline v1 {
namespace store::sqlite {

namespace {
constexpr int step_pages = 2048;
}

log_keeper::log_keeper(connection_settings file) : db_(std::move(file)), next_(step_pages) {}

log_keeper::~log_keeper() {
    close();
}

result<void> log_keeper::start() {
    CXB_CHECK(db_.open());
    thread_ = std::thread([this] { loop(); });
    return {};
}

void log_keeper::note(int pages) {
    std::lock_guard const lock(mutex_);
    if (pages < step_pages) next_ = step_pages;
    if (pages < next_) return;
    next_ = pages + step_pages;
    due_ = true;
    wake_.notify_one();
}

void log_keeper::close() {
    {
        std::lock_guard const lock(mutex_);
        closed_ = true;
    }
    wake_.notify_one();
    if (thread_.joinable()) thread_.join();
    db_.close();
}

void log_keeper::loop() {
    for (;;) {
        std::unique_lock lock(mutex_);
        wake_.wait(lock, [this] { return closed_ || due_; });
        if (closed_) return;
        due_ = false;
        lock.unlock();
        // A failure leaves the log as it is; the next step tries again.
        (void)db_.checkpoint();
    }
}

}  // namespace store::sqlite
}  // namespace cxb::inline v1
