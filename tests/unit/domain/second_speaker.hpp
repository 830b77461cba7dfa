#pragma once
// Numbers, amounts, dates and days in words once more, by another algorithm: on decimal digits as
// text, from word lists of its own. It judges the routines under test and shares nothing with them.

#include <array>
#include <cstdint>
#include <sstream>
#include <stdexcept>
#include <string>
#include <string_view>
#include <vector>

namespace cxb_test {

inline std::vector<std::string> words_in(std::string const& text) {
    std::istringstream in(text);
    std::vector<std::string> out;
    for (std::string word; in >> word;)
        out.push_back(word);
    return out;
}

// The list of spec 20 §7, ten a line.
inline std::vector<std::string> const& hindi_list() {
    static auto const list = words_in(
        "शून्य एक दो तीन चार पाँच छह सात आठ नौ "
        "दस ग्यारह बारह तेरह चौदह पंद्रह सोलह सत्रह अठारह उन्नीस "
        "बीस इक्कीस बाईस तेईस चौबीस पच्चीस छब्बीस सत्ताईस अट्ठाईस उनतीस "
        "तीस इकतीस बत्तीस तैंतीस चौंतीस पैंतीस छत्तीस सैंतीस अड़तीस उनतालीस "
        "चालीस इकतालीस बयालीस तैंतालीस चौवालीस पैंतालीस छियालीस सैंतालीस अड़तालीस उनचास "
        "पचास इक्यावन बावन तिरेपन चौवन पचपन छप्पन सत्तावन अट्ठावन उनसठ "
        "साठ इकसठ बासठ तिरेसठ चौंसठ पैंसठ छियासठ सड़सठ अड़सठ उनहत्तर "
        "सत्तर इकहत्तर बहत्तर तिहत्तर चौहत्तर पचहत्तर छिहत्तर सतहत्तर अठहत्तर उनासी "
        "अस्सी इक्यासी बयासी तिरासी चौरासी पचासी छियासी सत्तासी अट्ठासी नवासी "
        "नब्बे इक्यानवे बानवे तिरानवे चौरानवे पचानवे छियानवे सत्तानवे अट्ठानवे निन्यानवे");
    return list;
}

inline std::vector<std::string> const& english_list() {
    static auto const list = [] {
        auto out = words_in(
            "zero one two three four five six seven eight nine ten eleven twelve thirteen fourteen "
            "fifteen sixteen seventeen eighteen nineteen");
        auto const units = out;
        for (auto const& ten : words_in("twenty thirty forty fifty sixty seventy eighty ninety")) {
            out.push_back(ten);
            for (std::size_t unit = 1; unit < 10; ++unit)
                out.push_back(ten + "-" + units[unit]);
        }
        return out;
    }();
    return list;
}

struct speaker_words {
    std::vector<std::string> const& small;
    std::array<std::string_view, 4> groups;  // hundred, thousand, lakh, crore
};

inline speaker_words hindi_speaker() {
    return {hindi_list(), {"सौ", "हज़ार", "लाख", "करोड़"}};
}
inline speaker_words english_speaker() {
    return {english_list(), {"hundred", "thousand", "lakh", "crore"}};
}

// Cuts the digits from the right: two, one, two, two, and all others before the crore.
inline std::string second_number(std::string digits, speaker_words const& say) {
    digits.erase(0, std::min(digits.find_first_not_of('0'), digits.size()));
    if (digits.empty()) return say.small[0];
    std::array<std::size_t, 4> const widths{2, 1, 2, 2};
    std::string out;
    auto const put = [&](std::string const& words, std::string_view group) {
        std::string part = words;
        if (!group.empty()) part.append(" ").append(group);
        out = out.empty() ? part : part + " " + out;
    };
    for (std::size_t i = 0; i < widths.size() && !digits.empty(); ++i) {
        std::size_t const from = digits.size() - std::min(widths[i], digits.size());
        auto const value = static_cast<std::size_t>(std::stoi(digits.substr(from)));
        digits.resize(from);
        if (value != 0) put(say.small[value], i == 0 ? std::string_view{} : say.groups[i - 1]);
    }
    if (digits.find_first_not_of('0') != std::string::npos)
        put(second_number(digits, say), say.groups[3]);
    return out;
}

// Rupees and paise as digits, paise already rounded.
inline std::string second_amount(std::string const& rupees, unsigned paise,
                                 speaker_words const& say) {
    bool const hindi = &say.small == &hindi_list();
    bool const none = rupees.find_first_not_of('0') == std::string::npos;
    std::string const words = second_number(rupees, say);
    bool const one = words == say.small[1];
    std::string const whole =
        words + (hindi ? (one ? " रुपया" : " रुपये") : (one ? " rupee" : " rupees"));
    if (paise == 0) return whole;
    std::string const rest = say.small[paise] + (hindi ? (paise == 1 ? " पैसा" : " पैसे")
                                                       : (paise == 1 ? " paisa" : " paise"));
    if (none) return rest;
    return whole + (hindi ? " " : " and ") + rest;
}

inline std::string second_ordinal(unsigned day) {
    static auto const low = words_in(
        "zeroth first second third fourth fifth sixth seventh eighth ninth tenth eleventh twelfth "
        "thirteenth fourteenth fifteenth sixteenth seventeenth eighteenth nineteenth twentieth");
    if (day < low.size()) return low[day];
    if (day == 30) return "thirtieth";
    return (day < 30 ? "twenty-" : "thirty-") + low[day % 10];
}

inline std::string second_year(unsigned year, bool hindi) {
    std::string const digits = std::to_string(year);
    auto const say = hindi ? hindi_speaker() : english_speaker();
    if (digits.size() < 4 || digits[1] == '0') {
        bool const plain = hindi || digits.size() < 4 || digits[0] == '1' ||
                           (digits[0] == '2' && digits[2] == '0');
        if (plain) return second_number(digits, say);
    }
    if (hindi && digits[0] != '1') return second_number(digits, say);
    std::string const front = second_number(digits.substr(0, 2), say);
    std::string const hundred(say.groups[0]);
    std::string const back = digits.substr(2);
    if (back == "00") return front + " " + hundred;
    if (hindi) return front + " " + hundred + " " + second_number(back, say);
    return front + " " + (back[0] == '0' ? "oh " : "") + second_number(back, say);
}

// A calendar that only counts: from 1 January of a year on, day by day.
struct second_calendar {
    unsigned year;
    unsigned month = 1;
    unsigned day = 1;

    [[nodiscard]] unsigned days_of_month() const {
        static unsigned const lengths[] = {31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31};
        bool const leap = year % 400 == 0 || (year % 4 == 0 && year % 100 != 0);
        return lengths[month - 1] + (month == 2 && leap ? 1 : 0);
    }
    void next() {
        if (++day <= days_of_month()) return;
        day = 1;
        if (++month <= 12) return;
        month = 1;
        ++year;
    }
};

inline std::string second_month(unsigned month, bool hindi) {
    static auto const hindi_months =
        words_in("जनवरी फ़रवरी मार्च अप्रैल मई जून जुलाई अगस्त सितंबर अक्टूबर नवंबर दिसंबर");
    static auto const english_months = words_in(
        "January February March April May June July August September October November December");
    return (hindi ? hindi_months : english_months)[month - 1];
}

inline std::string second_date(second_calendar const& date, unsigned current_year, bool hindi) {
    std::string out = hindi ? hindi_list()[date.day] : second_ordinal(date.day);
    out += " " + second_month(date.month, hindi);
    if (date.year != current_year) out += " " + second_year(date.year, hindi);
    return out;
}

}  // namespace cxb_test
