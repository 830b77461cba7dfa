#pragma once
/// @file
/// The log-in throttle over the store: counters of `domain/login_throttle.hpp` in the collection
/// `login_throttle`, shared by all processes (spec 20 §2.3). Rows expire with their window.

#include <string>

#include "cxb/base/clock.hpp"
#include "cxb/store/document_store.hpp"

namespace cxb::api {

class login_throttle {
  public:
    login_throttle(store::document_store& store, clock const& time) : store_(store), time_(time) {}
    /// Errors: `rate_limited` `Too many login attempts` with the time to wait.
    store::async<void> check(std::string email, std::string address);
    /// Notes one failure in all three counters.
    store::async<void> failed(std::string email, std::string address);
    /// Clears the counter of this email from this address.
    store::async<void> succeeded(std::string email, std::string address);

  private:
    store::document_store& store_;
    clock const& time_;
};

}  // namespace cxb::api
