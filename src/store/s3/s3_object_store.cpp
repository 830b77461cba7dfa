#include "cxb/store/s3/s3_object_store.hpp"

#include <algorithm>
#include <array>

#include "cxb/base/encoding.hpp"

namespace cxb::inline v1 {
namespace store {

namespace asio = boost::asio;

namespace {

constexpr std::uint64_t usual_part = std::uint64_t{8} * 1024 * 1024;
constexpr std::uint64_t most_parts = 10000;

s3_limits with_little_patience(s3_limits limits) {
    constexpr std::chrono::milliseconds longest{1500};
    limits.connect = std::min(limits.connect, longest);
    limits.total = limits.transfer = std::min(limits.total, longest);
    limits.tries = 1;
    return limits;
}

// The port knows four faults.
error as_port_error(error const& failure) {
    switch (failure.code()) {
        case errc::invalid:
        case errc::not_found:
        case errc::too_large:
            return failure;
        default:
            return error{errc::unavailable, "Object store does not answer"}.with_note(
                {failure.to_log_text()});
    }
}

template <class T>
result<T> wait_for(client::background_runner& runner, asio::awaitable<result<T>> work) {
    auto got = runner.submit(std::move(work)).get();
    if (!got) return as_port_error(got.error());
    return got;
}

using body_ptr = std::shared_ptr<wire::body_stream>;

asio::awaitable<result<void>> let_go(body_ptr /*stream*/) {
    co_return result<void>{};
}

class s3_reader final : public object_reader {
  public:
    s3_reader(client::background_runner& runner, body_ptr stream)
        : runner_(runner), stream_(std::move(stream)) {}
    // The connection belongs to the runner's loop, so it is given up there.
    ~s3_reader() override {
        runner_.start(let_go(std::move(stream_)), [](auto const&) {});
    }
    s3_reader(s3_reader const&) = delete;
    s3_reader& operator=(s3_reader const&) = delete;

    result<void> read(std::string& piece, std::size_t at_most) override {
        if (ready_.empty()) {
            CXB_TRY(ready_, wait_for(runner_, next_piece(stream_)));
        }
        piece.assign(ready_, 0, at_most);
        ready_.erase(0, piece.size());
        return {};
    }

  private:
    client::background_runner& runner_;
    body_ptr stream_;
    std::string ready_;
};

class s3_writer final : public object_writer {
  public:
    s3_writer(s3_bucket& bucket, client::background_runner& runner, std::string key,
              std::uint64_t max_bytes)
        : bucket_(bucket),
          runner_(runner),
          key_(std::move(key)),
          room_(max_bytes),
          part_(std::max(usual_part, max_bytes / most_parts + 1)) {}
    ~s3_writer() override {
        if (!upload_.empty()) runner_.start(bucket_.drop_upload(key_, upload_), [](auto const&) {});
    }
    s3_writer(s3_writer const&) = delete;
    s3_writer& operator=(s3_writer const&) = delete;

    result<void> write(std::string_view piece) override {
        if (piece.size() > room_) return error{errc::too_large, "Object over its limit"};
        room_ -= piece.size();
        while (!piece.empty()) {
            auto const taken = std::min<std::uint64_t>(piece.size(), part_ - held_.size());
            held_.append(piece.substr(0, taken));
            piece.remove_prefix(taken);
            if (held_.size() == part_) CXB_CHECK(send_part());
        }
        return {};
    }

    result<object_info> commit() override {
        if (upload_.empty()) {
            CXB_CHECK(wait_for(runner_, bucket_.put(key_, std::move(held_))));
        } else {
            if (!held_.empty()) CXB_CHECK(send_part());
            CXB_CHECK(wait_for(runner_, bucket_.finish_upload(key_, upload_, etags_)));
            upload_.clear();
        }
        CXB_TRY(auto const made, wait_for(runner_, bucket_.stat(key_)));
        if (!made) return error{errc::unavailable, "Object was removed at once"};
        return *made;
    }

  private:
    result<void> send_part() {
        if (upload_.empty()) {
            CXB_TRY(upload_, wait_for(runner_, bucket_.begin_upload(key_)));
        }
        auto const number = static_cast<int>(etags_.size() + 1);
        CXB_TRY(auto etag, wait_for(runner_, bucket_.put_part(key_, upload_, number,
                                                              std::exchange(held_, {}))));
        etags_.push_back(std::move(etag));
        return {};
    }

    s3_bucket& bucket_;
    client::background_runner& runner_;
    std::string key_;
    std::uint64_t room_;
    std::uint64_t part_;
    std::string held_;
    std::string upload_;
    std::vector<std::string> etags_;
};

}  // namespace

s3_object_store::s3_object_store(s3_address at, client::transport& net, clock const& time,
                                 random_source& random, s3_limits limits)
    : bucket_(at, net, time, limits),
      probed_(std::move(at), net, time, with_little_patience(limits)),
      random_(random) {}

s3_object_store::~s3_object_store() {
    runner_.wait();
}

result<std::optional<object_info>> s3_object_store::stat(std::string_view key) {
    return wait_for(runner_, bucket_.stat(std::string(key)));
}

result<std::unique_ptr<object_reader>> s3_object_store::open(std::string_view key,
                                                             std::uint64_t offset) {
    s3_read what;
    what.key = key;
    what.first = offset;
    CXB_TRY(auto stream, wait_for(runner_, bucket_.read(std::move(what))));
    return std::unique_ptr<object_reader>(std::make_unique<s3_reader>(runner_, std::move(stream)));
}

result<std::unique_ptr<object_writer>> s3_object_store::create(std::string_view key,
                                                               std::uint64_t max_bytes) {
    if (!is_object_key(key)) return invalid_member("/key", "not an object key");
    return std::unique_ptr<object_writer>(
        std::make_unique<s3_writer>(bucket_, runner_, std::string(key), max_bytes));
}

result<void> s3_object_store::remove(std::string_view key) {
    return wait_for(runner_, bucket_.remove(std::string(key)));
}

result<void> s3_object_store::ping() {
    std::array<std::byte, 8> name{};
    random_.fill(name);
    return wait_for(
        runner_, probed_.probe(to_hex({reinterpret_cast<char const*>(name.data()), name.size()})));
}

}  // namespace store
}  // namespace cxb::inline v1
