#pragma once
/// @file
/// Reads server-sent events (WHATWG HTML §9.2) from pieces of any size.

#include <functional>
#include <string>
#include <string_view>

#include "cxb/base/result.hpp"

namespace cxb::cli {

struct server_event {
    std::string id;  ///< the last one told so far
    std::string type;
    std::string data;
};

class event_reader {
  public:
    using handler = std::function<result<void>(server_event const&)>;
    explicit event_reader(handler take) : take_(std::move(take)) {}
    /// Gives each event that is whole to the handler. Errors: `corrupt_data` for what is no such
    /// stream or a line over 1 MiB; those of the handler.
    [[nodiscard]] result<void> feed(std::string_view piece);
    /// What an interrupted connection begins anew: half an event is forgotten, the last id stays.
    void restart();
    [[nodiscard]] std::string const& last_id() const noexcept { return told_.id; }

  private:
    result<void> take_line(std::string_view line);
    result<void> dispatch();

    handler take_;
    std::string rest_;
    std::string next_id_;
    server_event told_;
    bool any_data_ = false;
};

}  // namespace cxb::cli
