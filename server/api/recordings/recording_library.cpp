#include "server/api/recordings/recording_library.hpp"

#include <algorithm>
#include <array>

#include "cxb/base/encoding.hpp"

namespace cxb::api {
namespace {

constexpr milliseconds one_source{5000};  // connecting included
constexpr milliseconds all_sources{15000};
constexpr int bucket_tries = 2;
constexpr std::chrono::hours browser_life{24};

error not_found() {
    return error{errc::not_found, "Recording not found"};
}

store::s3_limits limits_within(milliseconds left) {
    return {.connect = store::s3_limits{}.connect,
            .total = std::min(one_source, left),
            .transfer = std::min(one_source, left),
            .tries = bucket_tries};
}

store::s3_parts parts_of(minio_block const& block) {
    return {.endpoint = block.endpoint,
            .bucket = block.bucket,
            .region = block.region,
            .access_key = block.access_key.reveal(),
            .secret_key = block.secret_key,
            .secure = block.secure};
}

// As browsers reach it: the signature holds the public host, the region stays the store's.
result<store::s3_address> public_address(minio_block const& block, store::s3_address const& inner) {
    if (block.public_endpoint.empty()) return not_found();
    auto parts = parts_of(block);
    parts.endpoint = block.public_endpoint;
    parts.region = inner.region;
    return store::make_s3_address(std::move(parts));
}

}  // namespace

result<store::s3_address> storage_address(minio_block const& block) {
    if (block.endpoint.empty() || block.bucket.empty() || block.access_key.empty() ||
        block.secret_key.empty())
        return error{errc::not_found, "minio is not configured"};
    return store::make_s3_address(parts_of(block));
}

struct recording_library::search {
    std::string key;
    play_ask ask;
    std::chrono::nanoseconds end;
    std::optional<found_recording> found;
    std::vector<source_answer> asked;

    void failed(std::string_view source, bool is_host, error const& why) {
        asked.push_back(
            {std::string(source), is_host, source_answer::word::failed, std::string(why.reason())});
    }
};

// True: the search is over.
async<bool> recording_library::try_source(search& at, std::string_view name, finder find,
                                          bool is_host) {
    auto const left = std::chrono::floor<milliseconds>(at.end - with_.time.steady());
    if (left <= milliseconds::zero()) co_return true;
    auto got = co_await find(left);
    if (got) {
        at.found = *std::move(got);
        at.asked.push_back({std::string(name), is_host, source_answer::word::found, {}});
        co_return true;
    }
    if (got.error().code() == errc::not_found) {
        at.asked.push_back({std::string(name), is_host, source_answer::word::missing, {}});
        co_return false;
    }
    at.failed(name, is_host, got.error());
    with_.log.warn("recording source failed",
                   {{"source", server::plain(name)}, {"cause", got.error()}});
    co_return false;
}

// Like `find_in_bucket`, with a bucket that lives as long as the question.
async<found_recording> recording_library::ask_bucket(store::s3_address where,
                                                     client::transport& net, std::string key,
                                                     play_ask ask, milliseconds left) {
    store::s3_bucket bucket(std::move(where), net, with_.time, limits_within(left));
    co_return co_await find_in_bucket(bucket, std::move(key), std::move(ask));
}

async<bool> recording_library::try_hosts(search& at) {
    for (auto const& url : with_.hosts.urls()) {
        client::client_options options;
        options.base_url = url;
        options.keys = *with_.core.keys();
        options.transport = &with_.storage;
        options.time = &with_.time;
        client::core_client host(std::move(options));
        CXB_CO_TRY(bool const over,
                   co_await try_source(
                       at, url,
                       [&](milliseconds left) {
                           client::call_options how;
                           how.deadline = with_.time.steady() + std::min(one_source, left);
                           return find_on_host(host, at.key, at.ask, std::move(how));
                       },
                       true));
        if (over) break;
    }
    co_return true;
}

async<void> recording_library::run(search& at) {
    bool over = false;
    auto const minio = storage_address(with_.system.get()->minio);
    if (!minio && minio.error().code() != errc::not_found) {
        at.failed("minio", false, minio.error());
        with_.log.warn("recording source failed", {{"source", "minio"}, {"cause", minio.error()}});
    }
    if (minio) {
        CXB_CO_TRY(over, co_await try_source(at, "minio", [&](milliseconds left) {
                       return ask_bucket(*minio, with_.storage, at.key, at.ask, left);
                   }));
    }
    if (!over) {
        CXB_CO_TRY(over, co_await try_source(
                             at, "objects", [&](milliseconds left) -> async<found_recording> {
                                 if (with_.bucket == nullptr)
                                     co_return find_in_store(with_.objects, at.key, at.ask);
                                 co_return co_await ask_bucket(with_.bucket->address(),
                                                               with_.storage, at.key, at.ask, left);
                             }));
    }
    if (!over) CXB_CO_CHECK(co_await try_hosts(at));
    co_return result<void>{};
}

async<found_recording> recording_library::find(std::string key, play_ask ask) {
    search at{std::move(key), std::move(ask), with_.time.steady() + all_sources, {}, {}};
    CXB_CO_CHECK(co_await run(at));
    if (!at.found) co_return not_found();
    co_return *std::move(at.found);
}

// One byte, so that a host does not begin to send the whole.
async<std::vector<source_answer>> recording_library::look(std::string key) {
    play_ask ask;
    ask.range = "bytes=0-0";
    ask.head = true;
    search at{std::move(key), std::move(ask), with_.time.steady() + all_sources, {}, {}};
    CXB_CO_CHECK(co_await run(at));
    co_return std::move(at.asked);
}

std::optional<secret> recording_library::upload_url(std::string_view key, time_point now,
                                                    time_point end) const {
    auto const life = std::chrono::ceil<seconds>(end - now);
    if (auto const minio = storage_address(with_.system.get()->minio); minio)
        return store::presigned_url(*minio, "PUT", key, now, life);
    if (with_.bucket == nullptr) return std::nullopt;
    return store::presigned_url(with_.bucket->address(), "PUT", key, now, life);
}

async<std::optional<std::string>> recording_library::browser_url(std::string key) {
    auto const settings = with_.system.get();
    auto const inner = storage_address(settings->minio);
    if (!inner) co_return std::optional<std::string>{};
    auto const outer = public_address(settings->minio, *inner);
    if (!outer) co_return std::optional<std::string>{};
    store::s3_bucket bucket(*inner, with_.storage, with_.time, limits_within(one_source));
    auto const there = co_await bucket.stat(key);
    if (!there)
        with_.log.warn("recording source failed", {{"source", "minio"}, {"cause", there.error()}});
    if (!there || !*there) co_return std::optional<std::string>{};
    co_return store::presigned_url(*outer, "GET", key, with_.time.now(), browser_life).reveal();
}

async<void> recording_library::remove(std::string key) {
    auto const minio = storage_address(with_.system.get()->minio);
    if (minio) {
        store::s3_bucket bucket(*minio, with_.storage, with_.time, limits_within(one_source));
        CXB_CO_CHECK(co_await bucket.remove(key));
    } else if (minio.error().code() != errc::not_found) {
        co_return minio.error();
    }
    if (with_.bucket == nullptr) co_return with_.objects.remove(key);
    store::s3_bucket bucket(with_.bucket->address(), with_.storage, with_.time,
                            limits_within(one_source));
    co_return co_await bucket.remove(std::move(key));
}

boost::asio::awaitable<storage_report> recording_library::test() {
    auto const began = with_.time.steady();
    storage_report out;
    auto const where = storage_address(with_.system.get()->minio);
    result<void> done = where ? result<void>{} : where.error();
    if (where) {
        store::s3_bucket bucket(*where, with_.storage, with_.time, limits_within(one_source));
        std::array<std::byte, 8> name{};
        with_.random.fill(name);
        done = co_await bucket.probe(
            to_hex({reinterpret_cast<char const*>(name.data()), name.size()}));
    }
    out.ok = done.has_value();
    out.latency = std::chrono::duration_cast<milliseconds>(with_.time.steady() - began);
    if (!done) {
        auto const failure = done.error();
        auto const& faults = failure.faults();
        out.error = faults.empty() ? failure.detail()
                                   : "minio" + faults[0].pointer + ": " + faults[0].reason;
    }
    co_return out;
}

}  // namespace cxb::api
