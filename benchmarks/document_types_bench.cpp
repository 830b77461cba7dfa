// Every document type of the registry: reading, checking and writing its largest document of the
// golden corpus, beside Boost.JSON alone on the same bytes; frames of the media WebSockets, of
// which a call sends and gets 50 a second; tokens and webhooks of LiveKit.
// Names: <type>/<operation>/<variant>/<size>; report.py makes the ratios.
#include <benchmark/benchmark.h>

#include <boost/json/monotonic_resource.hpp>
#include <deque>
#include <filesystem>

#include "benchmarks/support/contract_cases.hpp"
#include "benchmarks/support/raw_json_text.hpp"
#include "benchmarks/support/raw_openssl.hpp"
#include "cxb/base/encoding.hpp"
#include "cxb/contract/livekit/webhook.hpp"
#include "cxb/contract/media_ws/dialler.hpp"
#include "cxb/contract/registry.hpp"

namespace cxb::bench {
namespace {

namespace dialler = contract::media_ws::dialler;
namespace livekit = contract::livekit;

std::string largest_document(contract::document_type const& type) {
    auto const folder =
        std::filesystem::path(CXB_SOURCE_DIR) / "tests/contract/corpus/v1" / std::string(type.name);
    std::string largest;
    for (auto const& entry : std::filesystem::directory_iterator(folder)) {
        auto const name = entry.path().filename().string();
        if (name.ends_with(".expected.json")) continue;
        auto text = corpus_text(std::string(type.name) + "/" + name);
        if (text.size() > largest.size()) largest = std::move(text);
    }
    return largest;
}

void normalise(benchmark::State& state, contract::document_type const& type,
               std::string const& text) {
    (void)need(type.normalise(text, {}));
    measure(state, text.size(), [&] {
        auto const written = type.normalise(text, {});
        benchmark::DoNotOptimize(&written);
    });
}

void through_dom(benchmark::State& state, std::string const& text) {
    std::vector<unsigned char> buffer(text.size() * 16 + 1024);
    measure(state, text.size(), [&] {
        boost::json::monotonic_resource memory(buffer.data(), buffer.size());
        auto const written = boost::json::serialize(boost::json::parse(text, &memory));
        benchmark::DoNotOptimize(written.data());
    });
}

constexpr auto parse_inbound = [](std::string_view text) {
    return dialler::parse_inbound_message(text);
};
constexpr auto parse_outbound = [](std::string_view text) {
    return dialler::parse_outbound_message(text);
};

constexpr std::string_view api_secret = "0123456789abcdef0123456789abcdef";
constexpr time_point token_time{seconds{1767323045}};

std::string worker_token() {
    secret const key{std::string(api_secret)};
    return need(livekit::mint_token("devkey", key, livekit::worker("call-17"), token_time));
}

std::string event_token(std::string_view body) {
    livekit::api_credentials const key{"devkey", secret{std::string(api_secret)}};
    return need(livekit::sign_webhook(body, key, token_time));
}

void mint(benchmark::State& state, std::string_view) {
    secret const key{std::string(api_secret)};
    auto const request = livekit::worker("call-17");
    measure(state, worker_token().size(), [&] {
        auto const token = livekit::mint_token("devkey", key, request, token_time);
        benchmark::DoNotOptimize(&token);
    });
}

// The signature alone, of a token whose header and claims are there already.
void sign_alone(benchmark::State& state, std::string_view) {
    auto const token = worker_token();
    auto const dot = token.rfind('.');
    std::string_view const signed_part = std::string_view(token).substr(0, dot);
    raw_hmac hmac;
    require(to_base64url(bytes_of(hmac.of(api_secret, {signed_part}))) == token.substr(dot + 1),
            "the yardstick signs something else");
    measure(state, token.size(), [&] {
        auto const signature = hmac.of(api_secret, {signed_part});
        benchmark::DoNotOptimize(&signature);
    });
}

void verify(benchmark::State& state, std::string_view body) {
    livekit::api_credentials const known[] = {{"devkey", secret{std::string(api_secret)}}};
    auto const token = event_token(body);
    (void)need(livekit::verify_webhook(body, token, known, token_time));
    measure(state, body.size(), [&] {
        auto const event = livekit::verify_webhook(body, token, known, token_time);
        benchmark::DoNotOptimize(&event);
    });
}

// The digests that a verification needs: of the token and of the body.
void digests_alone(benchmark::State& state, std::string_view body) {
    auto const token = event_token(body);
    auto const signed_part = std::string_view(token).substr(0, token.rfind('.'));
    raw_hmac hmac;
    measure(state, body.size(), [&] {
        auto const signature = hmac.of(api_secret, {signed_part});
        auto const digest = raw_sha256(body);
        benchmark::DoNotOptimize(&signature);
        benchmark::DoNotOptimize(&digest);
    });
}

constexpr bench_row frame_in[] = {
    {"dialler_frame/parse/cxb", &parse_case<parse_inbound>},
    {"dialler_frame/parse/boost_monotonic", &parse_monotonic},
    {"dialler_frame/parse/boost_default", &parse_default},
};
constexpr bench_row frame_out[] = {
    {"dialler_frame/serialize/cxb", &serialize_case<parse_outbound>},
    {"dialler_frame/serialize/boost", &serialize_dom},
};
constexpr bench_row tokens[] = {
    {"livekit_token/mint/cxb", &mint},
    {"livekit_token/mint/openssl", &sign_alone},
};
constexpr bench_row events[] = {
    {"livekit_webhook/verify/cxb", &verify},
    {"livekit_webhook/verify/boost_parse", &parse_monotonic},
    {"livekit_webhook/verify/openssl", &digests_alone},
};

void add_type(contract::document_type const& type, std::string const& text) {
    auto const name = std::string(type.name) + "/normalise/";
    benchmark::RegisterBenchmark((name + "cxb/corpus").c_str(), [&](benchmark::State& state) {
        normalise(state, type, text);
    })->Unit(benchmark::kMicrosecond);
    benchmark::RegisterBenchmark((name + "boost/corpus").c_str(), [&](benchmark::State& state) {
        through_dom(state, text);
    })->Unit(benchmark::kMicrosecond);
}

[[maybe_unused]] bool const registered = [] {
    static std::deque<std::string> texts;  // keeps its elements in place
    for (auto const& type : contract::document_types())
        add_type(type, texts.emplace_back(largest_document(type)));
    auto const& in = texts.emplace_back(corpus_text("dialler_media/001_silence.json"));
    for (auto const& row : frame_in)
        add_row(row, "media", in);
    auto const& out =
        texts.emplace_back(corpus_text("dialler_reverse_media/001_spec_example.json"));
    for (auto const& row : frame_out)
        add_row(row, "reverse-media", out);
    auto const& event = texts.emplace_back(corpus_text("livekit_event/001_sip_caller_joined.json"));
    for (auto const& row : tokens)
        add_row(row, "worker", event);
    for (auto const& row : events)
        add_row(row, "joined", event);
    return true;
}();

}  // namespace
}  // namespace cxb::bench
