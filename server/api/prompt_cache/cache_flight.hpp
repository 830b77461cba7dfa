#pragma once
/// @file
/// The state of one creation between its steps. Private to prompt_cache/.

#include <boost/asio/steady_timer.hpp>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <unordered_map>
#include <vector>

#include "server/api/prompt_cache/live_prompt_caches.hpp"

namespace cxb::api {

// What a maker is content with, and what it is told about.
struct live_prompt_caches::wish {
    std::string by;
    /// Of a state that serves: is it what is wished for?
    std::function<bool(cache_state const&)> content_with;
    std::string gone{};  ///< name that the provider no longer knows
};

// How it ended.
struct live_prompt_caches::made {
    result<cache_state> state = error{errc::internal};
    bool hopeless = false;
    std::optional<seconds> wait{};  ///< the provider's advice
    bool superseded = false;        ///< the bot was changed meanwhile: to be decided anew
};

// One creation and those who wait for it. Guarded by the mutex of the table.
struct live_prompt_caches::flight {
    std::shared_ptr<made const> outcome;
    std::vector<std::shared_ptr<boost::asio::steady_timer>> waiting;
};

// Lives as long as anybody flies, also while the process ends.
struct live_prompt_caches::flight_table {
    std::mutex mutex;
    std::unordered_map<std::string, std::shared_ptr<flight>> open;
    void land(std::string const& bot_id, flight& done, std::shared_ptr<made const> outcome);
};

struct live_prompt_caches::joined {
    std::shared_ptr<flight> with;
    bool leads = false;
};

// Ends the flight whatever becomes of the one that leads.
struct live_prompt_caches::landing {
    std::shared_ptr<flight_table> table;
    std::string bot_id;
    std::shared_ptr<flight> mine;
    std::shared_ptr<made const> outcome;
    ~landing() { table->land(bot_id, *mine, std::move(outcome)); }
};

struct live_prompt_caches::creation {
    std::string bot_id;
    wish what;
    boost::asio::steady_timer::time_point until{};  ///< nobody is waited for any longer
    std::optional<server::loop_lease> lease{};      ///< one that was given back is not taken again
    bot_ptr bot{};
    settings_ptr system{};
    cache_state state{};
    std::string version{};  ///< of static prompt and tools, as wanted

    [[nodiscard]] bool is_content(cache_state const& with, time_point now) const {
        return serves(with, version, now) && what.content_with(with);
    }
};

}  // namespace cxb::api
