#include "cxb/base/clock.hpp"

#include <algorithm>

#include "src/base/fail_point.hpp"

namespace cxb::inline v1 {
namespace {

class machine_clock final : public clock {
  public:
    [[nodiscard]] time_point now() const noexcept override {
        auto const at = std::chrono::floor<milliseconds>(std::chrono::system_clock::now());
#ifdef CXB_FAIL_POINTS
        return at + fail::clock_offset();
#else
        return at;
#endif
    }
    [[nodiscard]] std::chrono::nanoseconds steady() const noexcept override {
        return std::chrono::steady_clock::now().time_since_epoch();
    }
};

constexpr time_point first_moment{std::chrono::sys_days{std::chrono::year{1} / 1 / 1}};
constexpr time_point end_of_time{std::chrono::sys_days{std::chrono::year{10000} / 1 / 1}};

// A cursor over the text; every take_* returns -1 when the text does not fit.
struct scanner {
    std::string_view rest;

    int take_digits(int count) {
        if (rest.size() < static_cast<std::size_t>(count)) return -1;
        int value = 0;
        for (int i = 0; i < count; ++i) {
            char const c = rest[static_cast<std::size_t>(i)];
            if (c < '0' || c > '9') return -1;
            value = value * 10 + (c - '0');
        }
        rest.remove_prefix(static_cast<std::size_t>(count));
        return value;
    }
    bool take(char wanted) {
        if (rest.empty() || rest.front() != wanted) return false;
        rest.remove_prefix(1);
        return true;
    }
    bool take_any(char a, char b, char c) { return take(a) || take(b) || take(c); }
};

bool scan_decimals(scanner& in, int& ms) {
    ms = 0;
    if (!in.take('.')) return true;
    int digits = 0;
    while (!in.rest.empty() && in.rest.front() >= '0' && in.rest.front() <= '9') {
        if (digits < 3) ms = ms * 10 + (in.rest.front() - '0');
        ++digits;
        in.rest.remove_prefix(1);
    }
    for (int i = digits; i < 3; ++i)
        ms *= 10;
    return digits > 0;
}

// Minutes east of UTC; false when neither `Z` nor an offset stands here.
bool scan_zone(scanner& in, int& minutes) {
    minutes = 0;
    if (in.take('Z') || in.take('z')) return true;
    int sign = 0;
    if (in.take('+'))
        sign = 1;
    else if (in.take('-'))
        sign = -1;
    if (sign == 0) return false;
    int const hours = in.take_digits(2);
    if (!in.take(':')) return false;
    int const rest = in.take_digits(2);
    if (hours < 0 || hours > 23 || rest < 0 || rest > 59) return false;
    minutes = sign * (hours * 60 + rest);
    return true;
}

result<time_point> scan_timestamp(std::string_view text, bool zone_required) {
    using namespace std::chrono;
    auto const bad = [] { return error{errc::invalid, "not an RFC 3339 timestamp"}; };
    scanner in{text};
    int const y = in.take_digits(4);
    if (y < 1 || !in.take('-')) return bad();
    int const mo = in.take_digits(2);
    if (mo < 1 || !in.take('-')) return bad();
    int const d = in.take_digits(2);
    if (d < 1 || !in.take_any('T', 't', ' ')) return bad();
    int const h = in.take_digits(2);
    if (h < 0 || h > 23 || !in.take(':')) return bad();
    int const mi = in.take_digits(2);
    if (mi < 0 || mi > 59 || !in.take(':')) return bad();
    int s = in.take_digits(2);
    if (s < 0 || s > 60) return bad();
    if (s == 60) s = 59;  // a leap second has no value of its own on this clock
    int ms = 0;
    int offset = 0;
    if (!scan_decimals(in, ms)) return bad();
    if (!scan_zone(in, offset) && (zone_required || !in.rest.empty())) return bad();
    if (!in.rest.empty()) return bad();
    year_month_day const date{year{y}, month{static_cast<unsigned>(mo)},
                              day{static_cast<unsigned>(d)}};
    if (!date.ok()) return bad();
    auto const at = time_point{sys_days{date}} + hours{h} + minutes{mi - offset} + seconds{s} +
                    milliseconds{ms};
    // The offset may lead out of the years that the text form can hold.
    if (at < first_moment || at >= end_of_time) return bad();
    return at;
}

}  // namespace

clock const& real_clock() noexcept {
    static machine_clock const instance;
    return instance;
}

std::string format_timestamp(time_point at) {
    using namespace std::chrono;
    auto const day_start = floor<days>(at);
    year_month_day const date{day_start};
    hh_mm_ss const time{at - day_start};
    std::string out = "0000-00-00T00:00:00.000Z";
    auto const put = [&out](std::size_t end, std::int64_t value) {
        for (; value > 0; value /= 10)
            out[--end] = static_cast<char>('0' + value % 10);
    };
    put(4, std::clamp(static_cast<int>(date.year()), 0, 9999));
    put(7, static_cast<unsigned>(date.month()));
    put(10, static_cast<unsigned>(date.day()));
    put(13, time.hours().count());
    put(16, time.minutes().count());
    put(19, time.seconds().count());
    put(23, time.subseconds().count());
    return out;
}

result<time_point> parse_timestamp(std::string_view text) {
    return scan_timestamp(text, true);
}

result<time_point> parse_timestamp_or_utc(std::string_view text) {
    return scan_timestamp(text, false);
}

}  // namespace cxb::inline v1
