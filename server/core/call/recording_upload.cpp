#include "server/core/call/recording_upload.hpp"

#include <algorithm>
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
constexpr milliseconds one_try{10000};
constexpr milliseconds all_tries{30000};
constexpr milliseconds pause{1000};
constexpr std::size_t piece_size = 64 * limits::kib;

}  // namespace

asio::awaitable<result<void>> put_recording(client::transport& net,
                                            contract::runtime_config::recording_storage storage,
                                            std::filesystem::path file, milliseconds longest) {
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
    how.total = longest;
    auto const answer = co_await net.send(std::move(request), how);
    if (!answer) co_return answer.error();
    if (answer->status / 100 != 2)
        co_return error{errc::upstream_failed, "Upload refused"}.with_status(answer->status);
    co_return result<void>{};
}

asio::awaitable<bool> upload_recording(client::transport& net, clock const& time,
                                       contract::runtime_config::recording_storage storage,
                                       std::filesystem::path file, std::chrono::nanoseconds until) {
    until = std::min<std::chrono::nanoseconds>(until, time.steady() + all_tries);
    auto const left = [&] { return std::chrono::floor<milliseconds>(until - time.steady()); };
    asio::steady_timer timer(co_await asio::this_coro::executor);
    for (int tried = 0; tried < most_tries; ++tried) {
        if (tried > 0) {
            if (left() <= pause) co_return false;
            timer.expires_after(pause);
            co_await timer.async_wait(asio::as_tuple(asio::use_awaitable));
        }
        auto const longest = std::min(one_try, left());
        if (longest <= milliseconds::zero()) co_return false;
        auto const done = co_await put_recording(net, storage, file, longest);
        if (done) co_return true;
    }
    co_return false;
}

}  // namespace core
}  // namespace cxb::inline v1
