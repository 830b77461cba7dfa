#pragma once
/// @file
/// A resolver that knows what the test tells it.

#include <map>
#include <string>
#include <vector>

#include "cxb/net/resolver.hpp"

namespace cxb::api::test {

struct fake_names final : net::resolver {
    /// Filled before the app starts.
    std::map<std::string, std::vector<std::string>> known;

    boost::asio::awaitable<result<std::vector<domain::ip_address>>> resolve(
        std::string host) override {
        auto const at = known.find(host);
        if (at == known.end()) co_return error{errc::unavailable}.with_reason("resolve_failed");
        std::vector<domain::ip_address> out;
        for (auto const& text : at->second)
            out.push_back(*domain::ip_address::parse(text));
        co_return out;
    }
};

}  // namespace cxb::api::test
