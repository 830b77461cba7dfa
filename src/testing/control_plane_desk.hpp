#pragma once
// The agent desk of a fake control plane: who waits, and what Cores told about them. Guarded by its
// owner.

#include <map>
#include <string>
#include <vector>

#include "cxb/base/clock.hpp"
#include "cxb/testing/fake_control_plane.hpp"

namespace cxb::inline v1 {
namespace testing {

class control_plane_desk {
  public:
    explicit control_plane_desk(clock const& time) : time_(time) {}

    desk_conditions conditions;

    // Bodies of the 200 answers. Errors: those of the parsers, `conflict` with the reasons of
    // spec 10 §10; of `update` also `not_found`.
    result<std::string> enqueue(std::string_view body);
    // `what`: the last step of the path.
    result<std::string> update(std::string_view call_id, std::string_view what,
                               std::string_view body);

    [[nodiscard]] desk_entry const* find(std::string_view call_id) const;
    // Call ids in the order of service.
    [[nodiscard]] std::vector<std::string> waiting() const;

  private:
    [[nodiscard]] std::string answer_of(desk_entry const& entry, bool duplicate) const;

    clock const& time_;
    std::map<std::string, desk_entry, std::less<>> entries_;
    std::vector<std::string> arrivals_;
};

}  // namespace testing
}  // namespace cxb::inline v1
