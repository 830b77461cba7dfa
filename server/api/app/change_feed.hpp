#pragma once
/// @file
/// Keeps the snapshots of bots and settings of all processes together (spec 20 §4, §8 "Caching"):
/// tells the others what was saved here, and takes over at once what others saved.
///
/// | topic    | body                    | sent after                  |
/// |----------|-------------------------|-----------------------------|
/// | bots     | `{id, version}`         | a bot was saved or deleted  |
/// | settings | `{version}`             | a settings block was saved  |
///
/// News are hints. What is missed is found by the version poll every 2 s, and everything is read
/// again when the bus says that it may have missed something. News of versions that are known
/// already (one's own among them) cost nothing. At most `max_pending` bots wait to be read; beyond
/// that all are looked through.
///
/// Users and API keys need no news: every request reads them from the store.
/// Thread-safety: any thread.

#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/awaitable.hpp>
#include <memory>
#include <string>

#include "cxb/store/event_bus.hpp"
#include "server/api/bots/bot_directory.hpp"
#include "server/api/settings/settings_directory.hpp"
#include "server/common/log.hpp"

namespace cxb::api {

class change_feed {
  public:
    static constexpr std::size_t max_pending = 1000;

    /// All must outlive the feed; reading happens on `home`.
    change_feed(store::event_bus& bus, bot_directory& bots, settings_directory& system,
                server::logger& log, boost::asio::any_io_executor home);
    /// Hears no more; what is being read goes on until the executor ends.
    ~change_feed();
    change_feed(change_feed const&) = delete;
    change_feed& operator=(change_feed const&) = delete;

  private:
    struct state;
    store::event_bus& bus_;
    std::shared_ptr<state> state_;
    int bots_id_ = 0;
    int settings_id_ = 0;
};

}  // namespace cxb::api
