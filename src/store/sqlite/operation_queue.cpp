#include "src/store/sqlite/operation_queue.hpp"

namespace cxb::inline v1 {
namespace store::sqlite {

result<void> operation_queue::push(std::shared_ptr<operation> added) {
    {
        std::lock_guard const lock(mutex_);
        if (closed_) return error{errc::unavailable, "Store is closed"};
        bool const full = waiting_.size() >= limits_.count ||
                          (!waiting_.empty() && bytes_ + added->bytes > limits_.bytes);
        if (full)
            return error{errc::unavailable, "Store is busy"}.with_retry_after(
                std::chrono::seconds{1});
        bytes_ += added->bytes;
        waiting_.push_back(std::move(added));
    }
    ready_.notify_one();
    return {};
}

std::vector<std::shared_ptr<operation>> operation_queue::pop(queue_limits group) {
    std::unique_lock lock(mutex_);
    ready_.wait(lock, [&] { return closed_ || !waiting_.empty(); });
    std::vector<std::shared_ptr<operation>> taken;
    std::size_t bytes = 0;
    while (!waiting_.empty() && taken.size() < group.count) {
        auto& next = waiting_.front();
        if (!taken.empty() && bytes + next->bytes > group.bytes) break;
        bytes += next->bytes;
        bytes_ -= next->bytes;
        taken.push_back(std::move(next));
        waiting_.pop_front();
    }
    return taken;
}

void operation_queue::close() {
    {
        std::lock_guard const lock(mutex_);
        closed_ = true;
    }
    ready_.notify_all();
}

std::size_t operation_queue::depth() const {
    std::lock_guard const lock(mutex_);
    return waiting_.size();
}

}  // namespace store::sqlite
}  // namespace cxb::inline v1
