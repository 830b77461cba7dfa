#pragma once
// A wire type with one member of every kind, used by the tests of this folder.
#include <chrono>
#include <map>

#include "cxb/wire/field_table.hpp"

namespace cxb::inline v1 {
namespace wire_sample {

enum class colour { red, green };
enum class size_word { small, large };

}  // namespace wire_sample

template <>
struct enum_words<wire_sample::colour> {
    using enum wire_sample::colour;
    static constexpr std::pair<wire_sample::colour, std::string_view> words[] = {{red, "red"},
                                                                                 {green, "green"}};
    static constexpr std::pair<std::string_view, wire_sample::colour> aliases[] = {{"rot", red}};
};
template <>
struct enum_words<wire_sample::size_word> {
    using enum wire_sample::size_word;
    static constexpr std::pair<wire_sample::size_word, std::string_view> words[] = {
        {small, "small"}, {large, "large"}};
};

namespace wire_sample {

struct item {
    std::string name;
    std::optional<double> score;
    wire::raw_json rest = wire::raw_json::object();
    friend bool operator==(item const&, item const&) = default;
};

struct timing {
    std::chrono::seconds wait_seconds{60};
    std::chrono::milliseconds delay_ms{300};
    std::chrono::milliseconds stop_secs{800};
    std::chrono::duration<double, std::milli> took_ms{0};
    friend bool operator==(timing const&, timing const&) = default;
};

struct document {
    std::string id;
    std::string title;
    std::optional<std::string> voice;
    bool enabled = true;
    int turns = 3;
    std::int64_t big = 0;
    double ratio = 0.5;
    std::optional<time_point> at;
    secret api_key;
    wire::raw_json extra = wire::raw_json::object();
    std::optional<wire::raw_json> data;
    open_enum<colour> tint;
    size_word size = size_word::small;
    timing times;
    std::vector<item> tools;
    std::vector<item> strict_items;
    std::vector<std::string> words{"haan", "hmm"};
    std::vector<std::int64_t> numbers;
    std::map<std::string, std::string> headers;
    nullable<std::string> note;
    std::optional<std::string> url;
    std::optional<bool> flag;
    std::optional<std::int64_t> attempt;
    std::optional<wire::raw_json> mock;
    std::optional<std::string> peer;  // a text, or a whole number
    std::string endpoint;             // a text, or a number
    std::string retention = "in_memory";
    wire::raw_json ext = wire::raw_json::object();
    friend bool operator==(document const&, document const&) = default;
};

struct holder {
    timing times;
    wire::raw_json all = wire::raw_json::object();
    friend bool operator==(holder const&, holder const&) = default;
};

CXB_WIRE_DECLARE_PART(item);
CXB_WIRE_DECLARE_PART(timing);
CXB_WIRE_DECLARE(document);
CXB_WIRE_DECLARE(holder);

}  // namespace wire_sample
}  // namespace cxb::inline v1
