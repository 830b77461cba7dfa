#include "cxb/domain/login_throttle.hpp"

#include <algorithm>

#include "cxb/domain/ip_address.hpp"

namespace cxb::inline v1 {
namespace domain {
namespace {

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
    constexpr std::array<std::uint8_t, 12> mapped_prefix{0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xff, 0xff};
    auto address = ip_address::parse(ip);
    if (!address) return std::string(ip);
    if (!address->v6) return address->to_text();
    if (std::ranges::equal(address->view().first(12), mapped_prefix))
        return ip_address::from_bytes(address->view().last(4))->to_text();
    std::fill(address->bytes.begin() + 8, address->bytes.end(), std::uint8_t{0});
    return address->to_text() + "/64";
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
