// What guards requests: shared secrets and API keys that come in, signatures of webhooks that go
// out and come in, beside OpenSSL alone on the same bytes.
// Names: <type>/<operation>/<variant>/<size>; report.py makes the ratios.
#include <benchmark/benchmark.h>

#include <array>
#include <optional>
#include <utility>

#include "benchmarks/support/contract_cases.hpp"
#include "benchmarks/support/raw_openssl.hpp"
#include "benchmarks/support/result_body.hpp"
#include "cxb/base/encoding.hpp"
#include "cxb/contract/api_key/api_key.hpp"
#include "cxb/contract/shared_secret/shared_secret.hpp"
#include "cxb/contract/webhook/signature.hpp"

namespace cxb::bench {
namespace {

namespace api_key = contract::api_key;
namespace shared_secret = contract::shared_secret;
namespace webhook = contract::webhook;

constexpr std::int64_t epoch_seconds = 1767323045;
constexpr time_point now{seconds{epoch_seconds}};

// Secrets of one length: with another the plain comparison would have nothing to do.
constexpr std::string_view current_secret = "0123456789abcdef0123456789abcdef";
constexpr std::string_view previous_secret = "fedcba9876543210fedcba9876543210";
constexpr std::string_view wrong_secret = "0123456789abcdef0123456789abcdeX";

shared_secret::keyring keys() {
    return {secret{std::string(current_secret)}, secret{std::string(previous_secret)}};
}

// What a worker sends with a result; the secret twice, in both spellings.
wire::header_list worker_headers(std::string_view sent) {
    wire::header_list headers{
        {"Host", "127.0.0.1:8080"},     {"User-Agent", "cxb-core/1.0.0"},
        {"Accept", "application/json"}, {"Content-Type", "application/json"},
        {"Content-Length", "61440"},    {"X-Request-ID", "00000000-0000-7000-8000-00000000beef"}};
    shared_secret::add_headers(headers, {secret{std::string(sent)}, {}});
    return headers;
}

constexpr std::size_t secret_lines = 2;

void verify_secret(benchmark::State& state, std::string_view sent) {
    auto const ring = keys();
    auto const headers = worker_headers(sent);
    require(shared_secret::verify(headers, ring).has_value() == (sent != wrong_secret),
            "the secret is judged wrongly");
    measure(state, sent.size(), [&] {
        auto const judged = shared_secret::verify(headers, ring);
        benchmark::DoNotOptimize(&judged);
    });
}

// The least that hides lengths: the digests of both secrets are kept, each line is hashed.
void compare_digests(benchmark::State& state, std::string_view sent) {
    std::array<raw_digest, 2> const kept{raw_sha256(current_secret), raw_sha256(previous_secret)};
    measure(state, sent.size(), [&] {
        bool fits = false;
        for (std::size_t line = 0; line < secret_lines; ++line) {
            auto const digest = raw_sha256(sent);
            for (auto const& one : kept)
                fits |= same_bytes(bytes_of(digest), bytes_of(one));
        }
        benchmark::DoNotOptimize(fits);
    });
}

// The least at all, which tells lengths.
void compare_bytes(benchmark::State& state, std::string_view sent) {
    measure(state, sent.size(), [&] {
        bool fits = false;
        for (std::size_t line = 0; line < secret_lines; ++line) {
            benchmark::DoNotOptimize(sent);
            fits |= same_bytes(sent, current_secret);
            fits |= same_bytes(sent, previous_secret);
        }
        benchmark::DoNotOptimize(fits);
    });
}

void hash_key(benchmark::State& state, std::string_view key) {
    require(api_key::lookup_hash(key) == to_hex(bytes_of(raw_sha256(key))), "another hash");
    measure(state, key.size(), [&] {
        auto const hash = api_key::lookup_hash(key);
        benchmark::DoNotOptimize(&hash);
    });
}

void hash_alone(benchmark::State& state, std::string_view key) {
    measure(state, key.size(), [&] {
        auto const digest = raw_sha256(key);
        benchmark::DoNotOptimize(&digest);
    });
}

// What every request with a key costs beside the look-up in the store: its hash, and judging the
// record that was found.
void verify_key(benchmark::State& state, std::string_view key) {
    std::optional<api_key::api_key_record> const found{{true, "2027-01-02T03:04:05.000Z"}};
    require(api_key::check(found, now).has_value(), "the key is refused");
    measure(state, key.size(), [&] {
        auto const hash = api_key::lookup_hash(key);
        auto const judged = api_key::check(found, now);
        benchmark::DoNotOptimize(&hash);
        benchmark::DoNotOptimize(&judged);
    });
}

// One message with its secret, as sent and as received.
struct message {
    std::array<secret, 1> secrets{secret{"whsec_MDEyMzQ1Njc4OWFiY2RlZjAxMjM0NTY3ODlhYmNkZWY="}};
    secret key = need(webhook::key_of(secrets[0]));
    std::string id = "msg_01kdz9h7v8000000000000cafe";
    std::string timestamp = std::to_string(epoch_seconds);

    [[nodiscard]] std::string sign(std::string_view body) const {
        return need(webhook::sign(secrets, id, epoch_seconds, body));
    }
    [[nodiscard]] raw_digest sign_alone(raw_hmac& hmac, std::string_view body) const {
        return hmac.of(key.reveal(), {id, ".", timestamp, ".", body});
    }
};

void sign_webhook(benchmark::State& state, std::string_view body) {
    message const sent;
    measure(state, body.size(), [&] {
        auto const signature = webhook::sign(sent.secrets, sent.id, epoch_seconds, body);
        benchmark::DoNotOptimize(&signature);
    });
}

void sign_alone(benchmark::State& state, std::string_view body) {
    message const sent;
    raw_hmac hmac;
    require("v1," + to_base64(bytes_of(sent.sign_alone(hmac, body))) == sent.sign(body),
            "the yardstick signs something else");
    measure(state, body.size(), [&] {
        auto const signature = sent.sign_alone(hmac, body);
        benchmark::DoNotOptimize(&signature);
    });
}

void verify_webhook(benchmark::State& state, std::string_view body) {
    message const sent;
    wire::header_list headers{{"Host", "crm.example.com"},
                              {"Content-Type", "application/json"},
                              {"Content-Length", std::to_string(body.size())}};
    require(webhook::add_headers(headers, sent.secrets, sent.id, now, body).has_value() &&
                webhook::verify(headers, body, sent.secrets, now).has_value(),
            "the signature is refused");
    measure(state, body.size(), [&] {
        auto const judged = webhook::verify(headers, body, sent.secrets, now);
        benchmark::DoNotOptimize(&judged);
    });
}

void verify_alone(benchmark::State& state, std::string_view body) {
    message const sent;
    raw_hmac hmac;
    auto const wanted = sent.sign_alone(hmac, body);
    measure(state, body.size(), [&] {
        bool const fits = same_bytes(bytes_of(sent.sign_alone(hmac, body)), bytes_of(wanted));
        benchmark::DoNotOptimize(fits);
    });
}

constexpr bench_row secret_rows[] = {
    {"shared_secret/verify/cxb", &verify_secret},
    {"shared_secret/verify/openssl_sha256", &compare_digests},
    {"shared_secret/verify/openssl_memcmp", &compare_bytes},
};
constexpr bench_row key_rows[] = {
    {"api_key/hash/cxb", &hash_key},
    {"api_key/hash/openssl_sha256", &hash_alone},
    {"api_key/verify/cxb", &verify_key},
    {"api_key/verify/openssl_sha256", &hash_alone},
};
constexpr bench_row webhook_rows[] = {
    {"webhook/sign/cxb", &sign_webhook},
    {"webhook/sign/openssl_hmac", &sign_alone},
    {"webhook/verify/cxb", &verify_webhook},
    {"webhook/verify/openssl_hmac", &verify_alone},
};

[[maybe_unused]] bool const registered = [] {
    static std::array<std::pair<char const*, std::string>, 3> const secrets{
        {{"right", std::string(current_secret)},
         {"previous", std::string(previous_secret)},
         {"wrong", std::string(wrong_secret)}}};
    for (auto const& [size, sent] : secrets)
        for (auto const& row : secret_rows)
            add_row(row, size, sent);
    // One of ours, and the longest that is taken.
    static std::array<std::pair<char const*, std::string>, 2> const api_keys{
        {{"35b", "vx_MDEyMzQ1Njc4OWFiY2RlZjAxMjM0NTY3"},
         {"128b", std::string(api_key::max_header_bytes, 'k')}}};
    for (auto const& [size, key] : api_keys)
        for (auto const& row : key_rows)
            add_row(row, size, key);
    static std::array<std::pair<char const*, std::string>, 3> const bodies{
        {{"1k", make_prompt_text(1024)},
         {"10k", make_prompt_text(10U * 1024U)},
         {"60k", make_prompt_text(60U * 1024U)}}};
    for (auto const& [size, body] : bodies)
        for (auto const& row : webhook_rows)
            add_row(row, size, body);
    return true;
}();

}  // namespace
}  // namespace cxb::bench
