#include "src/base/fail_point.hpp"

#ifdef CXB_FAIL_POINTS

#include <fcntl.h>
#include <sys/mman.h>
#include <unistd.h>

#include <atomic>
#include <charconv>
#include <csignal>
#include <cstdlib>
#include <iostream>
#include <limits>
#include <string>
#include <thread>
#include <vector>

namespace cxb::inline v1 {
namespace fail {
namespace {

constexpr int configuration_fault = 78;
constexpr std::string_view wait_word = "wait:";

struct order {
    std::size_t point;
    std::uint64_t first;
    std::uint64_t last;
    bool kills;
    milliseconds wait;
};

[[noreturn]] void refuse(std::string const& why) {
    std::cerr << "CXB_FAIL_POINTS: " << why << '\n';
    std::_Exit(configuration_fault);
}

bool read_number(std::string_view text, std::uint64_t& into) {
    auto const read = std::from_chars(text.data(), text.data() + text.size(), into);
    return read.ec == std::errc{} && read.ptr == text.data() + text.size();
}

bool read_times(std::string_view text, order& into) {
    into.first = 1;
    into.last = std::numeric_limits<std::uint64_t>::max();
    if (text == "*") return true;
    auto const dash = text.find('-');
    bool const is_range = dash != std::string_view::npos;
    if (!read_number(text.substr(0, dash), into.first)) return false;
    into.last = into.first;
    return (!is_range || read_number(text.substr(dash + 1), into.last)) && into.first > 0 &&
           into.last >= into.first;
}

bool read_action(std::string_view text, order& into) {
    into.kills = text == "kill";
    if (into.kills) return true;
    std::uint64_t wait = 0;
    if (!text.starts_with(wait_word) || !read_number(text.substr(wait_word.size()), wait))
        return false;
    into.wait = milliseconds(static_cast<std::int64_t>(wait));
    return true;
}

order read_order(std::string_view text) {
    auto const at = text.find('@');
    auto const equals = text.find('=');
    order made{points.size(), 0, 0, false, {}};
    for (std::size_t i = 0; i < points.size(); ++i)
        if (points[i].name == text.substr(0, std::min(at, equals))) made.point = i;
    if (made.point == points.size()) refuse("no fail-point has the name in " + std::string(text));
    if (at == std::string_view::npos || equals == std::string_view::npos || equals < at ||
        !read_times(text.substr(at + 1, equals - at - 1), made) ||
        !read_action(text.substr(equals + 1), made))
        refuse("not understood: " + std::string(text) + " (name@n=kill, name@n-m=wait:ms)");
    return made;
}

std::vector<order> read_orders() {
    std::vector<order> out;
    char const* const given = std::getenv("CXB_FAIL_POINTS");  // NOLINT(concurrency-mt-unsafe)
    std::string_view rest(given != nullptr ? given : "");
    while (!rest.empty()) {
        auto const end = std::min(rest.find(';'), rest.size());
        out.push_back(read_order(rest.substr(0, end)));
        rest.remove_prefix(std::min(end + 1, rest.size()));
    }
    return out;
}

std::atomic<std::int64_t> const* map_offset() {
    char const* const file = std::getenv("CXB_CLOCK_OFFSET_FILE");  // NOLINT(concurrency-mt-unsafe)
    if (file == nullptr) return nullptr;
    int const fd = ::open(file, O_RDONLY | O_CLOEXEC);
    if (fd < 0) refuse("CXB_CLOCK_OFFSET_FILE cannot be read");
    void* const at = ::mmap(nullptr, sizeof(std::int64_t), PROT_READ, MAP_SHARED, fd, 0);
    ::close(fd);
    if (at == MAP_FAILED) refuse("CXB_CLOCK_OFFSET_FILE cannot be mapped");
    return static_cast<std::atomic<std::int64_t> const*>(at);
}

std::array<std::atomic<std::uint64_t>, points.size()> passed;

std::vector<order> const& orders() {
    static std::vector<order> const given = read_orders();
    return given;
}

// Before `main`: a wrong text must not first be noticed when a point is passed.
[[maybe_unused]] auto const checked_at_start = orders().size();

}  // namespace

void pass(std::size_t point) noexcept {
    auto const now = ++passed[point];
    for (auto const& each : orders()) {
        if (each.point != point || now < each.first || now > each.last) continue;
        if (each.kills) (void)::kill(::getpid(), SIGKILL);
        std::this_thread::sleep_for(each.wait);
    }
}

milliseconds clock_offset() noexcept {
    static auto const* const mapped = map_offset();
    return milliseconds(mapped != nullptr ? mapped->load(std::memory_order_relaxed) : 0);
}

}  // namespace fail
}  // namespace cxb::inline v1

#endif
