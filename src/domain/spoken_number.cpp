#include "cxb/domain/spoken_number.hpp"

namespace cxb::inline v1 {
namespace domain {
namespace {

// clang-format off
constexpr std::string_view hindi_words[100] = {
    "शून्य", "एक", "दो", "तीन", "चार", "पाँच", "छह", "सात", "आठ", "नौ", "दस", "ग्यारह", "बारह",
    "तेरह", "चौदह", "पंद्रह", "सोलह", "सत्रह", "अठारह", "उन्नीस", "बीस", "इक्कीस", "बाईस",
    "तेईस", "चौबीस", "पच्चीस", "छब्बीस", "सत्ताईस", "अट्ठाईस", "उनतीस", "तीस", "इकतीस",
    "बत्तीस", "तैंतीस", "चौंतीस", "पैंतीस", "छत्तीस", "सैंतीस", "अड़तीस", "उनतालीस", "चालीस",
    "इकतालीस", "बयालीस", "तैंतालीस", "चौवालीस", "पैंतालीस", "छियालीस", "सैंतालीस", "अड़तालीस",
    "उनचास", "पचास", "इक्यावन", "बावन", "तिरेपन", "चौवन", "पचपन", "छप्पन", "सत्तावन",
    "अट्ठावन", "उनसठ", "साठ", "इकसठ", "बासठ", "तिरेसठ", "चौंसठ", "पैंसठ", "छियासठ", "सड़सठ",
    "अड़सठ", "उनहत्तर", "सत्तर", "इकहत्तर", "बहत्तर", "तिहत्तर", "चौहत्तर", "पचहत्तर",
    "छिहत्तर", "सतहत्तर", "अठहत्तर", "उनासी", "अस्सी", "इक्यासी", "बयासी", "तिरासी", "चौरासी",
    "पचासी", "छियासी", "सत्तासी", "अट्ठासी", "नवासी", "नब्बे", "इक्यानवे", "बानवे", "तिरानवे",
    "चौरानवे", "पचानवे", "छियानवे", "सत्तानवे", "अट्ठानवे", "निन्यानवे",
};
// clang-format on

constexpr std::string_view english_words[20] = {
    "zero",     "one",     "two",     "three",     "four",     "five",    "six",
    "seven",    "eight",   "nine",    "ten",       "eleven",   "twelve",  "thirteen",
    "fourteen", "fifteen", "sixteen", "seventeen", "eighteen", "nineteen"};
constexpr std::string_view english_tens[10] = {"",      "",      "twenty",  "thirty", "forty",
                                               "fifty", "sixty", "seventy", "eighty", "ninety"};

struct group {
    std::uint64_t value;
    std::string_view hindi;
    std::string_view english;
};
constexpr group groups[] = {
    {10'000'000, "करोड़", "crore"},
    {100'000, "लाख", "lakh"},
    {1000, "हज़ार", "thousand"},
    {100, "सौ", "hundred"},
};

std::string small_hindi(std::uint64_t number) {
    return std::string(hindi_words[number]);
}

std::string small_english(std::uint64_t number) {
    if (number < std::size(english_words)) return std::string(english_words[number]);
    std::string out(english_tens[number / 10]);
    if (number % 10 != 0) out.append("-").append(english_words[number % 10]);
    return out;
}

void append_word(std::string& out, std::string_view word) {
    if (!out.empty()) out += ' ';
    out += word;
}

std::string in_words(std::uint64_t number, std::string_view group::* name,
                     std::string (*small)(std::uint64_t)) {
    std::string out;
    std::uint64_t rest = number;
    for (auto const& each : groups) {
        if (rest < each.value) continue;
        append_word(out, in_words(rest / each.value, name, small));
        append_word(out, each.*name);
        rest %= each.value;
    }
    if (rest != 0 || out.empty()) append_word(out, small(rest));
    return out;
}

}  // namespace

std::string number_in_hindi(std::uint64_t number) {
    return in_words(number, &group::hindi, &small_hindi);
}

std::string number_in_english(std::uint64_t number) {
    return in_words(number, &group::english, &small_english);
}

spoken_text number_in_words(std::uint64_t number) {
    return {number_in_hindi(number), number_in_english(number)};
}

}  // namespace domain
}  // namespace cxb::inline v1
