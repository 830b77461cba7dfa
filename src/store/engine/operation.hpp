#pragma once
/// @file
/// Operations of an engine whose threads offer a `Workplace`: what the work sees while it runs.

#include <exception>
#include <type_traits>

#include "src/store/engine/pending_operation.hpp"

CXB_EXPORT_BEGIN
namespace cxb::inline v1 {
namespace store::engine {

template <class Workplace>
class operation : public pending_operation {
  public:
    /// Engine thread. False: the work failed or threw. May be run again when what it did was
    /// undone; the last outcome counts.
    [[nodiscard]] virtual bool run(Workplace& at) = 0;
};

/// An operation that gives a `T`.
template <class Workplace, class T>
class typed_operation final : public operation<Workplace> {
  public:
    using body = std::function<result<T>(Workplace&)>;

    explicit typed_operation(body work) : work_(std::move(work)) {}

    bool run(Workplace& at) override {
        thrown_ = nullptr;
        try {
            outcome_.emplace(work_(at));
        } catch (...) {
            thrown_ = std::current_exception();
            return false;
        }
        return outcome_->has_value();
    }

    void fail(error cause) override { outcome_.emplace(std::move(cause)); }

    /// The outcome, once finished. Throws what the body threw.
    [[nodiscard]] result<T> take() {
        if (thrown_) std::rethrow_exception(thrown_);
        return *std::move(outcome_);
    }

  private:
    body work_;
    std::optional<result<T>> outcome_;
    std::exception_ptr thrown_;
};

}  // namespace store::engine
}  // namespace cxb::inline v1
CXB_EXPORT_END
