#include "server/core/call/recording_upload.hpp"

#include <boost/asio/as_tuple.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/this_coro.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <fstream>
#include <system_error>

namespace cxb::inline v1 {
namespace core {

namespace asio = boost::asio;

namespace {

constexpr int most_tries = 3;
constexpr seconds one_try{10};
constexpr seconds pause{1};
constexpr std::size_t piece_size = 64 * limits::kib;

}  // namespace

asio::awaitable<result<void>> put_recording(
    client::transport& net, contract::runtime_config::recording_storage const& storage,
    std::filesystem::path file) {
    std::error_code ec;
    auto const size = std::filesystem::file_size(file, ec);
    auto bytes = std::make_shared<std::ifstream>(file, std::ios::binary);
    if (ec || !*bytes || !storage.upload_url)
        co_return error{errc::unavailable, "Recording cannot be read"};
    client::outgoing_request request;
    request.url = storage.upload_url->reveal();
    request.message.method = "PUT";
    request.message.headers.set("Content-Type", "audio/wav");
    for (auto const& [name, value] : storage.upload_headers)
        request.message.headers.set(name, value);
    request.upload = std::make_shared<wire::body_stream>();
    request.upload->length = size;
    request.upload->next = [bytes, left = size](std::string& piece) mutable -> result<bool> {
        piece.resize(std::min<std::uintmax_t>(left, piece_size));
        if (piece.empty()) return false;
        if (!bytes->read(piece.data(), static_cast<std::streamsize>(piece.size())))
            return error{errc::unavailable, "Recording cannot be read"};
        left -= piece.size();
        return true;
    };
    client::transport_options how;
    how.total = one_try;
    auto const answer = co_await net.send(std::move(request), how);
    if (!answer) co_return answer.error();
    if (answer->status / 100 != 2)
        co_return error{errc::upstream_failed, "Upload refused"}.with_status(answer->status);
    co_return result<void>{};
}

asio::awaitable<bool> upload_recording(client::transport& net,
                                       contract::runtime_config::recording_storage const& storage,
                                       std::filesystem::path file) {
    asio::steady_timer timer(co_await asio::this_coro::executor);
    for (int tried = 0; tried < most_tries; ++tried) {
        if (tried > 0) {
            timer.expires_after(pause);
            co_await timer.async_wait(asio::as_tuple(asio::use_awaitable));
        }
        if (co_await put_recording(net, storage, file)) co_return true;
    }
    co_return false;
}

}  // namespace core
}  // namespace cxb::inline v1
