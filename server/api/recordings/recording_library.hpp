#pragma once
/// @file
/// Where recordings are (spec 21 §4): the settings' S3 store, the process object store, the worker
/// hosts, in this order; and the links by which workers put them there and browsers get them.
///
/// Found by the first source that has the key. What a source answers otherwise is logged and the
/// next one asked; a bucket or host has 5 s to its first byte, all together 15 s.
///
/// The S3 store of the settings is used when endpoint, both keys and bucket are set. Its endpoint
/// is asked through the transport for storage, which refuses link-local addresses.
/// Thread-safety: usable from all event loops.

#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "server/api/fleet/fleet_service.hpp"
#include "server/api/recordings/recording_source.hpp"
#include "server/common/http/secret_gate.hpp"
#include "server/common/log.hpp"

namespace cxb::api {

/// What a library works with; all outlive it.
struct library_means {
    settings_directory& system;
    fleet_service& hosts;
    store::object_store& objects;  ///< of the process
    store::s3_bucket* bucket;      ///< the same as coroutines when it is S3, else null
    /// To buckets and hosts. Its own, so that slow listeners hold no connection a dialout needs.
    client::transport& storage;
    server::secret_gate const& core;
    server::logger& log;
    clock const& time;
    random_source& random;
};

/// How the S3 store of the settings is.
struct storage_report {
    bool ok = false;
    milliseconds latency{0};
    std::string error;  ///< in words; "" when ok
};

/// What one source said to a search.
struct source_answer {
    enum class word { found, missing, failed };
    std::string source;  ///< `minio`, `objects`, or the URL of a worker host
    bool is_host = false;
    word said = word::missing;
    std::string error;  ///< reason of a failure, a word
};

class recording_library {
  public:
    explicit recording_library(library_means means) : with_(means) {}

    /// Errors: `not_found` `Recording not found` when no source has it.
    async<found_recording> find(std::string key, play_ask ask);
    /// The same search without the audio: what each source said, up to the one that has it.
    async<std::vector<source_answer>> look(std::string key);
    /// A presigned PUT, when an S3 store is usable: the settings', else the process's.
    [[nodiscard]] std::optional<secret> upload_url(std::string_view key, time_point now,
                                                   time_point end) const;
    /// A presigned GET for 24 h by way of `minio.public_endpoint`; empty when there is none, or
    /// the object is not there.
    async<std::optional<std::string>> browser_url(std::string key);
    /// Removes the object from the S3 store of the settings and from the process object store; one
    /// that is not there is removed. Worker hosts keep theirs: there is no way to ask them. Errors:
    /// those of the stores; then it is for the caller to try again.
    async<void> remove(std::string key);
    /// Puts, reads and removes a small object. Never fails itself.
    boost::asio::awaitable<storage_report> test();

  private:
    struct search;
    using finder = std::function<async<found_recording>(milliseconds left)>;
    async<void> run(search& at);
    async<bool> try_source(search& at, std::string_view name, finder find, bool is_host = false);
    async<bool> try_hosts(search& at);
    async<found_recording> ask_bucket(store::s3_address where, client::transport& net,
                                      std::string key, play_ask ask, milliseconds left);

    library_means with_;
};

/// The S3 store of the settings. Errors: `not_found` when it is not set up, `invalid` when its
/// parts do not fit.
[[nodiscard]] result<store::s3_address> storage_address(minio_block const& block);

}  // namespace cxb::api
