#include "src/store/sqlite/log_keeper.hpp"

#include "src/base/fail_point.hpp"

namespace cxb::inline v1 {
namespace store::sqlite {

namespace {
constexpr int step_pages = 2048;
}

log_keeper::log_keeper(connection_settings file, std::chrono::milliseconds quiet)
    : quiet_(quiet), db_(std::move(file)), next_(step_pages) {}

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
    bool const resting = !rest_;
    noted_ = true;
    rest_ = true;
    if (pages < step_pages) next_ = step_pages;
    if (pages >= next_) {
        next_ = pages + step_pages;
        due_ = true;
    }
    if (due_ || resting) wake_.notify_one();
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
    std::unique_lock lock(mutex_);
    for (;;) {
        wake_.wait(lock, [this] { return closed_ || due_ || rest_; });
        noted_ = false;
        wake_.wait_for(lock, quiet_, [this] { return closed_ || due_; });
        if (closed_) return;
        if (!due_ && noted_) continue;  // writes go on
        bool const by_step = due_;
        due_ = false;
        lock.unlock();
        // A failure leaves the log as it is; the next step tries again.
        CXB_FAIL_POINT("store.log.before_checkpoint");
        (void)db_.checkpoint();
        lock.lock();
        if (!by_step && !noted_) rest_ = false;
    }
}

}  // namespace store::sqlite
}  // namespace cxb::inline v1
