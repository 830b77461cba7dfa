#pragma once
/// @file
/// A worker's outbox: takes finished results, keeps them on disk and delivers each at least once
/// (spec 10 §11.4).
///
/// ```cpp
/// CXB_TRY(auto outbox, worker::result_outbox::open(std::move(options)));   // locks, recovers
/// co_spawn(io, outbox->run(), ...);                                        // sends until stop()
/// CXB_CO_CHECK(co_await outbox->put({.id = result_id, ...}));              // durable on return
/// ```
///
/// At `open` what a crash left behind is put in order: half files are removed, damaged entries go
/// to `dead`, and every journal of a call without a result becomes the result that
/// `options::crash_body` makes of it. While `run` goes on, the same is done every 60 s for sibling
/// folders whose owner is gone, and entries that an operator put back are found.
///
/// Errors of `put`: `unavailable` (disk; post directly and go not ready), `invalid` (id).
/// Delivery is at least once; `result_id` makes repeats harmless.
///
/// Thread-safety: coroutines and `stop`/`wake` on one executor; `full()`, `config_refused()` and
/// `metrics()` from any thread. The synced writes of `put` and the journals run on a thread of the
/// outbox. The execution context outlives the outbox.

#include <boost/asio/awaitable.hpp>
#include <chrono>
#include <cstdint>
#include <filesystem>
#include <functional>
#include <memory>
#include <optional>
#include <string>

#include "cxb/base/clock.hpp"
#include "cxb/base/random.hpp"
#include "cxb/base/result.hpp"
#include "cxb/client/transport.hpp"
#include "cxb/worker/outbox_directory.hpp"

CXB_EXPORT_BEGIN
namespace cxb::inline v1 {
namespace worker {

/// Something to deliver by POST.
struct outbox_item {
    outbox_class kind = outbox_class::result;
    std::string id;  ///< result_id, or any other id that repeats can be told by
    std::string session_id;
    std::string url;
    std::string body;       ///< JSON, sent as it is
    std::string ends_call;  ///< call_id whose journal goes once this is durable; "" none
};

/// What became of an item; told once per item.
struct outbox_outcome {
    outbox_class kind = outbox_class::result;
    std::string id;
    std::string session_id;
    bool delivered = false;
    int status = 0;        ///< last HTTP status
    std::string reason;    ///< why it died: refused, gave_up, expired, corrupt
    std::string response;  ///< body of the 2xx answer
};

/// Values of the `cxb_outbox_*` metrics.
struct outbox_metrics {
    std::uint64_t entries = 0;
    std::uint64_t bytes = 0;
    std::uint64_t oldest_seconds = 0;
    std::uint64_t dead_total = 0;
    std::uint64_t delivered_total = 0;
};

class result_outbox {
  public:
    /// A result made for a call that died with its worker. Empty: nothing is posted for it.
    using crash_body = std::function<std::optional<outbox_item>(call_journal const&)>;

    struct options {
        std::filesystem::path root;  ///< `CXB_OUTBOX_DIR`
        std::string worker_id;
        clock const* time = nullptr;             ///< default: the real clock
        random_source* random = nullptr;         ///< default: the system's
        client::transport* transport = nullptr;  ///< required for `run`
        /// Headers of each request (secret, user agent), asked for when sending.
        std::function<wire::header_list()> headers;
        crash_body crashed;  ///< unset: leftovers of calls are dropped
        std::function<void(outbox_outcome const&)> settled;
        /// Told of everything an operator should read: (error or not, text without secrets).
        std::function<void(bool error, std::string const& text)> log;
        std::chrono::milliseconds request_timeout{15000};
        std::chrono::milliseconds scan_interval{60000};
        std::uint64_t max_entries = 10000;
        std::uint64_t max_bytes = 1ULL << 30;
        outbox_directory::options disk;
    };

    /// Locks the folder and recovers. Blocks up to `disk.lock_wait`. Errors: `conflict`
    /// (`outbox_locked`), `unavailable`.
    [[nodiscard]] static result<std::unique_ptr<result_outbox>> open(options settings);
    ~result_outbox();
    result_outbox(result_outbox const&) = delete;
    result_outbox& operator=(result_outbox const&) = delete;

    /// Makes an item durable and due. Also accepted while `full()`.
    [[nodiscard]] boost::asio::awaitable<result<void>> put(outbox_item item);
    /// Writes or replaces the journal of a call durably.
    [[nodiscard]] boost::asio::awaitable<result<void>> put_journal(call_journal journal);
    /// Forgets a call that needs no result.
    [[nodiscard]] boost::asio::awaitable<result<void>> remove_journal(std::string call_id);

    /// Does the disk take a write as large as most results? Nothing stays of it.
    [[nodiscard]] boost::asio::awaitable<result<void>> try_disk();

    /// Sends until `stop()`. Run it once; `put` may come before, its entries wait on disk.
    [[nodiscard]] boost::asio::awaitable<void> run();
    /// Ends `run` after the requests in flight.
    void stop();
    /// Makes `run` look at the clock and the folder again now.
    void wake();
    /// Waits until nothing is left to send, or `deadline` (steady clock). True when empty. Without
    /// a `run` that goes on nothing is sent, so it then says at once whether something is left.
    [[nodiscard]] boost::asio::awaitable<bool> flush(
        std::chrono::steady_clock::time_point deadline);

    /// Blocks until the disk thread has done what it was given; not from that thread. Once an event
    /// loop has stopped, nothing is sent to it any more after this, so that it may be destroyed
    /// while cut coroutines still hold the outbox.
    void wait_for_disk();

    /// At 10,000 entries or 1 GiB; false again below 90 % of both.
    [[nodiscard]] bool full() const noexcept;
    [[nodiscard]] bool config_refused() const noexcept;
    [[nodiscard]] outbox_metrics metrics() const noexcept;
    [[nodiscard]] std::filesystem::path const& folder() const noexcept;

  private:
    struct state;
    explicit result_outbox(std::shared_ptr<state> inner);
    std::shared_ptr<state> state_;
};

/// Scheme, host and port of an absolute URL: what shares one fate in the schedule.
[[nodiscard]] std::string origin_of(std::string_view url);

}  // namespace worker
}  // namespace cxb::inline v1
CXB_EXPORT_END
