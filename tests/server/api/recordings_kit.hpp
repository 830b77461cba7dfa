#pragma once
/// @file
/// Calls with recordings, for tests that play them from wherever they lie: the S3 server, the
/// folder of the process, worker hosts.

#include "cxb/contract/recording_token/recording_token.hpp"
#include "server/api/api_fixture.hpp"
#include "support/required.hpp"
#include "support/s3_server.hpp"

namespace cxb::api::test {

using cxb::test::s3_server;
using cxb::test::shared_s3_server;

/// Bytes in which every place can be told.
[[nodiscard]] std::string audio(std::size_t size);

/// A worker host with one recording; `ranges` false: it has never heard of them.
[[nodiscard]] peer::reply_fn host_with(std::string key, std::string bytes, bool ranges);

class recording_test : public api_test {
  protected:
    /// The S3 server is needed: a fresh bucket.
    void need_s3();
    /// `minio` of the settings: `bucket_`, and what `extra` says otherwise.
    answer set_minio(json_object extra = {});
    void set_fleet(std::vector<std::string> urls);
    /// Session of a call whose result names this key.
    std::string call_with(std::string const& key);
    /// Path of the call's public link.
    std::string public_path(std::string const& session);
    answer play(std::string const& path, wire::header_list headers = {},
                std::string const& method = "GET");
    /// Sends to any URL, without credentials.
    answer send_to(std::string const& method, std::string const& url, std::string body = {},
                   wire::header_list headers = {});
    /// Puts an object into the bucket without our code.
    void put_into_bucket(std::string const& key, std::string const& bytes);
    [[nodiscard]] std::string objects_folder() const { return settings.data_dir + "/objects"; }
    /// Puts an object into the folder of the process.
    void put_into_folder(std::string const& key, std::string const& bytes);

    std::string bucket_;
    std::string bot_;

  private:
    net::event_loops out_loops_{1};
    std::unique_ptr<net::http_client> out_ = net::http_client::create().value();
    bool out_runs_ = false;
};

}  // namespace cxb::api::test
