#include "cxb/domain/login_throttle.hpp"

#include <arpa/inet.h>

#include <algorithm>
#include <cstring>

namespace cxb::inline v1 {
namespace domain {
namespace {

std::string text_of(int family, void const* address) {
    std::array<char, INET6_ADDRSTRLEN> text{};
    return inet_ntop(family, address, text.data(), text.size()) == nullptr ? std::string{}
                                                                           : text.data();
}

// Failures inside the window, oldest first.
std::vector<time_point> recent(std::span<time_point const> failures, time_point now) {
    std::vector<time_point> out;
    std::ranges::copy_if(failures, std::back_inserter(out),
                         [&](time_point at) { return at > now - login_window; });
    std::ranges::sort(out);
    return out;
}

}  // namespace

std::string throttle_address(std::string_view ip) {
    std::string const text(ip);
    in6_addr six{};
    if (inet_pton(AF_INET6, text.c_str(), &six) != 1) return text;
    if (IN6_IS_ADDR_V4MAPPED(&six)) return text_of(AF_INET, &six.s6_addr[12]);
    std::memset(&six.s6_addr[8], 0, 8);
    return text_of(AF_INET6, &six) + "/64";
}

std::array<throttle_counter, 3> login_counters(std::string_view email, std::string_view ip) {
    std::string const address = throttle_address(ip);
    std::string const who(email);
    return {{{"ei:" + who + " " + address, 5}, {"e:" + who, 20}, {"i:" + address, 50}}};
}

std::optional<seconds> refused_for(std::span<time_point const> failures, int limit,
                                   time_point now) {
    auto const times = recent(failures, now);
    auto const allowed = static_cast<std::size_t>(std::max(limit, 1));
    if (times.size() < allowed) return std::nullopt;
    time_point const free_at = times[times.size() - allowed] + login_window;
    return std::max(seconds{1}, std::chrono::ceil<seconds>(free_at - now));
}

std::vector<time_point> with_failure(std::span<time_point const> failures, int limit,
                                     time_point now) {
    auto times = recent(failures, now);
    times.push_back(now);
    auto const kept = static_cast<std::ptrdiff_t>(std::max(limit, 1));
    if (std::ssize(times) > kept) times.erase(times.begin(), times.end() - kept);
    return times;
}

}  // namespace domain
}  // namespace cxb::inline v1
