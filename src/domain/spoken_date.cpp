#include "cxb/domain/spoken_date.hpp"

#include <algorithm>
#include <charconv>

#include "cxb/base/encoding.hpp"

namespace cxb::inline v1 {
namespace domain {
namespace {

// clang-format off
constexpr std::string_view hindi_months[12] = {
    "जनवरी", "फ़रवरी", "मार्च", "अप्रैल", "मई", "जून",
    "जुलाई", "अगस्त", "सितंबर", "अक्टूबर", "नवंबर", "दिसंबर"};
// clang-format on
constexpr std::string_view ordinals[31] = {
    "first",        "second",         "third",         "fourth",        "fifth",
    "sixth",        "seventh",        "eighth",        "ninth",         "tenth",
    "eleventh",     "twelfth",        "thirteenth",    "fourteenth",    "fifteenth",
    "sixteenth",    "seventeenth",    "eighteenth",    "nineteenth",    "twentieth",
    "twenty-first", "twenty-second",  "twenty-third",  "twenty-fourth", "twenty-fifth",
    "twenty-sixth", "twenty-seventh", "twenty-eighth", "twenty-ninth",  "thirtieth",
    "thirty-first"};
constexpr std::size_t short_name = 3;  // letters of a month in `DD-Mon-YYYY`

// Reads from the front; 0 when what is asked for does not stand there, which is no day, month or
// year either.
struct scanner {
    std::string_view rest;

    int digits(std::size_t count) {
        if (rest.size() < count) return 0;
        int value = 0;
        auto const* const end = rest.data() + count;
        auto const read = std::from_chars(rest.data(), end, value);
        if (read.ec != std::errc{} || read.ptr != end || value < 0) return 0;
        rest.remove_prefix(count);
        return value;
    }
    bool take(char wanted) {
        if (!rest.starts_with(wanted)) return false;
        rest.remove_prefix(1);
        return true;
    }
    // The month whose name, or the first `letters` of it, stands before `stop`.
    int month_before(char stop, std::size_t letters) {
        auto const word = rest.substr(0, rest.find(stop));
        for (unsigned month = 1; month <= 12; ++month) {
            if (!iequals(word, month_name(month).substr(0, letters))) continue;
            rest.remove_prefix(word.size());
            return static_cast<int>(month);
        }
        return 0;
    }
};

std::optional<local_day> existing(int year, int month, int day) {
    if (year < 1 || year > 9999 || month < 1 || day < 1) return std::nullopt;
    local_day const made{std::chrono::year{year}, std::chrono::month{unsigned(month)},
                         std::chrono::day{unsigned(day)}};
    if (!made.ok()) return std::nullopt;
    return made;
}

std::optional<local_day> year_first(std::string_view text) {
    scanner in{text};
    int const year = in.digits(4);
    if (!in.take('-')) return std::nullopt;
    int const month = in.digits(2);
    if (!in.take('-')) return std::nullopt;
    int const day = in.digits(2);
    if (!in.rest.empty()) return std::nullopt;
    return existing(year, month, day);
}

// `mark` stands on both sides of the month, which is a number or a name of `letters` letters.
std::optional<local_day> day_first(std::string_view text, char mark, std::size_t letters) {
    scanner in{text};
    int const day = in.digits(2);
    if (!in.take(mark)) return std::nullopt;
    int const month = letters == 0 ? in.digits(2) : in.month_before(mark, letters);
    if (!in.take(mark)) return std::nullopt;
    int const year = in.digits(4);
    if (!in.rest.empty()) return std::nullopt;
    return existing(year, month, day);
}

struct day_first_form {
    char mark;
    std::size_t letters;  // of the month's name; 0: a number
};
constexpr day_first_form day_first_forms[] = {
    {'-', 0}, {'/', 0}, {'-', short_name}, {' ', std::string_view::npos}};

std::string year_in_hindi(unsigned year) {
    if (year < 1100 || year > 1999) return number_in_hindi(year);
    std::string out = number_in_hindi(year / 100) + " सौ";
    if (year % 100 != 0) out += " " + number_in_hindi(year % 100);
    return out;
}

std::string year_in_english(unsigned year) {
    if (year < 1100 || (year >= 2000 && year <= 2009)) return number_in_english(year);
    std::string out = number_in_english(year / 100) + " ";
    unsigned const rest = year % 100;
    if (rest == 0) return out + "hundred";
    return out + (rest < 10 ? "oh " : "") + number_in_english(rest);
}

}  // namespace

std::optional<local_day> parse_spoken_date(std::string_view text, time_zone const& zone) {
    std::string_view const plain = trim(text);
    if (auto const day = year_first(plain)) return day;
    for (auto const& form : day_first_forms)
        if (auto const day = day_first(plain, form.mark, form.letters)) return day;
    if (auto const moment = parse_timestamp(plain)) {
        local_day const day = zone.at(*moment).day;
        // The zone may lead out of the years that are read.
        return existing(int{day.year()}, int(unsigned{day.month()}), int(unsigned{day.day()}));
    }
    return std::nullopt;
}

spoken_text date_in_words(local_day day, std::chrono::year current_year) {
    unsigned const number{day.day()};
    unsigned const month{day.month()};
    spoken_text out;
    out.hi = number_in_hindi(number) + " " + std::string(hindi_months[month - 1]);
    out.en = std::string(ordinals[number - 1]) + " " + std::string(month_name(month));
    if (day.year() == current_year) return out;
    auto const year = static_cast<unsigned>(int{day.year()});
    out.hi += " " + year_in_hindi(year);
    out.en += " " + year_in_english(year);
    return out;
}

spoken_text spoken_date(std::string_view text, time_point now, time_zone const& zone) {
    auto const day = parse_spoken_date(text, zone);
    return day ? date_in_words(*day, zone.at(now).day.year()) : spoken_as_is(text);
}

std::int64_t days_until(local_day day, time_point now, time_zone const& zone) {
    return (std::chrono::sys_days{day} - std::chrono::sys_days{zone.at(now).day}).count();
}

spoken_text days_in_words(std::int64_t days) {
    if (days < 0 || days > spoken_days_limit) return spoken_as_is(std::to_string(days));
    spoken_text out = number_in_words(static_cast<std::uint64_t>(days));
    out.hi += " दिन";
    out.en += days == 1 ? " day" : " days";
    return out;
}

spoken_text spoken_days(std::string_view text) {
    std::string_view const plain = trim(text);
    std::int64_t days = 0;
    auto const* const end = plain.data() + plain.size();
    auto const read = std::from_chars(plain.data(), end, days);
    bool const whole = !plain.empty() && read.ec == std::errc{} && read.ptr == end;
    if (!whole || days < 0 || days > spoken_days_limit) return spoken_as_is(text);
    return days_in_words(days);
}

}  // namespace domain
}  // namespace cxb::inline v1
