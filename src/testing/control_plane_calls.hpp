#pragma once
// The calls a fake control plane knows: skeletons, results by the real merge rule, CDRs in any
// order. Guarded by its owner.

#include <map>
#include <optional>
#include <string>

#include "cxb/base/clock.hpp"
#include "cxb/contract/runtime_config/request.hpp"
#include "cxb/contract/shared_secret/shared_secret.hpp"
#include "cxb/wire/json.hpp"

namespace cxb::inline v1 {
namespace testing {

class control_plane_calls {
  public:
    explicit control_plane_calls(clock const& time) : time_(time) {}

    // The session of a config fetch, its skeleton made if need be. Errors: `conflict`
    // `session_completed`.
    result<std::string> open(std::string const& bot_id,
                             contract::runtime_config::config_request const& asked);
    // Body of the 200 answer. Errors: those of read_posted.
    result<std::string> take_result(std::string_view body);
    result<std::string> take_cdr(std::string_view body);

    [[nodiscard]] wire::json_object const* find(std::string_view session_id) const;
    [[nodiscard]] int effects(std::string_view session_id) const;

  private:
    void settle(wire::json_object& call);

    clock const& time_;
    std::map<std::string, wire::json_object, std::less<>> calls_;
    std::map<std::string, int, std::less<>> effects_;
    std::map<std::string, std::string, std::less<>> sessions_by_fetch_;
    std::map<std::string, wire::json_object, std::less<>> waiting_cdrs_;
    std::map<std::string, std::string, std::less<>> newest_of_stream_;
};

}  // namespace testing
}  // namespace cxb::inline v1
