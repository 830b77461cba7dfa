#pragma once
// What a double that serves HTTP was asked and answered, and the answers a test scripted.
// Safe from any thread.

#include <mutex>

#include "cxb/testing/fake_control_plane.hpp"
#include "src/testing/change_signal.hpp"

namespace cxb::inline v1 {
namespace testing {

// problem+json of an error; `status` other than 0 replaces the error's own.
wire::http_response refused(error const& cause, int status = 0);

class request_book {
  public:
    void fail(scripted_failure rule);
    void clear_failures();
    // The answer of the first rule that fits, which is used up by one.
    std::optional<wire::http_response> scripted(wire::http_request const& request);

    void note(wire::http_request request, int status);
    // Something else that `wait_until` may wait for has changed.
    void tell();
    [[nodiscard]] std::vector<seen_request> requests(std::string_view path) const;
    [[nodiscard]] bool wait_until(std::function<bool()> const& done,
                                  std::chrono::milliseconds at_most) const;

  private:
    mutable std::mutex mutex_;
    change_signal changes_;
    std::vector<scripted_failure> failures_;
    std::vector<seen_request> seen_;
};

}  // namespace testing
}  // namespace cxb::inline v1
