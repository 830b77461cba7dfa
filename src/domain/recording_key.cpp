#include "cxb/domain/recording_key.hpp"

#include <algorithm>
#include <array>
#include <utility>

#include "cxb/base/encoding.hpp"

namespace cxb::inline v1 {
namespace domain {
namespace {

constexpr std::size_t max_key_bytes = 512;

bool is_key_character(char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
           std::string_view("!_.*'()/-").find(c) != std::string_view::npos;
}

bool has_parent_segment(std::string_view key) {
    while (!key.empty()) {
        auto const segment = key.substr(0, key.find('/'));
        if (segment == "..") return true;
        key.remove_prefix(std::min(key.size(), segment.size() + 1));
    }
    return false;
}

std::string_view last_segment(std::string_view path) {
    return path.substr(path.rfind('/') + 1);  // npos + 1 = 0: no slash, the whole text
}

}  // namespace

bool is_recording_key(std::string_view key) noexcept {
    return !key.empty() && key.size() <= max_key_bytes && key.front() != '/' &&
           std::ranges::all_of(key, is_key_character) && !has_parent_segment(key);
}

std::optional<std::string> recording_key_of(std::string_view recording_key,
                                            std::string_view recording_url) {
    std::string key(recording_key);
    if (key.empty()) {
        auto const path = recording_url.substr(0, recording_url.find_first_of("?#"));
        auto decoded = percent_decode(last_segment(path));
        if (!decoded) return std::nullopt;
        key = *std::move(decoded);
    }
    return is_recording_key(key) ? std::optional{std::move(key)} : std::nullopt;
}

std::string make_recording_key(std::string_view session_id, time_point at) {
    std::string day = format_timestamp(at).substr(0, 10);
    std::ranges::replace(day, '-', '/');
    return day.append("/").append(session_id).append(".wav");
}

std::string file_ending(std::string_view key) {
    auto const name = last_segment(key);
    auto const dot = name.rfind('.');
    return dot == std::string_view::npos ? std::string{} : to_lower(name.substr(dot + 1));
}

std::string_view audio_content_type(std::string_view key) {
    static constexpr std::array<std::pair<std::string_view, std::string_view>, 4> types{
        {{"wav", "audio/wav"}, {"mp3", "audio/mpeg"}, {"ogg", "audio/ogg"}, {"m4a", "audio/mp4"}}};
    std::string const ending = file_ending(key);
    auto const* found = std::ranges::find(types, std::string_view(ending),
                                          &std::pair<std::string_view, std::string_view>::first);
    return found == types.end() ? "application/octet-stream" : found->second;
}

std::string content_disposition(std::string_view session_id, std::string_view key, bool download) {
    std::string out = download ? "attachment" : "inline";
    std::string const ending = file_ending(key);
    out.append("; filename=\"").append(session_id);
    if (!ending.empty()) out.append(".").append(ending);
    return out.append("\"");
}

}  // namespace domain
}  // namespace cxb::inline v1
