#include "server/api/event_stream_kit.hpp"

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>

#include "cxb/store/s3/s3_bucket.hpp"

namespace cxb::api::test {

stream_reader::stream_reader(std::string url, wire::header_list headers) {
    client::outgoing_request request{std::move(url), {}};
    request.message.method = "GET";
    request.message.headers = std::move(headers);
    boost::asio::co_spawn(loops_.executor(0), read(std::move(request)), boost::asio::detached);
    loops_.start();
}

stream_reader::~stream_reader() {
    loops_.stop();
}

boost::asio::awaitable<void> stream_reader::read(client::outgoing_request request) {
    client::transport_options how;
    how.stream = true;
    auto const got = co_await client_->send(std::move(request), how);
    if (got) {
        std::scoped_lock const lock(mutex_);
        status_ = got->status;
        headers_ = got->headers;
        text_ += got->body;
    }
    while (got && got->stream) {
        auto const piece = co_await store::next_piece(got->stream);
        std::scoped_lock const lock(mutex_);
        cut_off_ = !piece;
        if (!piece || piece->empty()) break;
        text_ += *piece;
    }
    std::scoped_lock const lock(mutex_);
    ended_ = true;
    cut_off_ = cut_off_ || !got;
}

int stream_reader::status() const {
    std::scoped_lock const lock(mutex_);
    return status_;
}

wire::header_list stream_reader::headers() const {
    std::scoped_lock const lock(mutex_);
    return headers_;
}

std::string stream_reader::text() const {
    std::scoped_lock const lock(mutex_);
    return text_;
}

bool stream_reader::ended() const {
    std::scoped_lock const lock(mutex_);
    return ended_;
}

bool stream_reader::cut_off() const {
    std::scoped_lock const lock(mutex_);
    return cut_off_;
}

bool stream_reader::opens() const {
    return hears(": hb\n");
}

bool stream_reader::hears(std::string const& part) const {
    return eventually([&] { return text().find(part) != std::string::npos; });
}

bool stream_reader::ends() const {
    return eventually([&] { return ended(); });
}

std::string stream_reader::last_id() const {
    auto const all = text();
    auto const at = all.rfind("id: ");
    return at == std::string::npos ? "" : all.substr(at + 4, all.find('\n', at) - at - 4);
}

std::vector<std::string> stream_reader::types() const {
    constexpr std::string_view mark = "event: ";
    std::vector<std::string> out;
    auto const all = text();
    for (auto at = all.find(mark); at != std::string::npos; at = all.find(mark, at + 1))
        out.push_back(all.substr(at + mark.size(), all.find('\n', at) - at - mark.size()));
    return out;
}

}  // namespace cxb::api::test
