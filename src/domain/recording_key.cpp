#include "cxb/domain/recording_key.hpp"

#include <algorithm>
#include <array>
#include <utility>

#include "cxb/base/encoding.hpp"
#include "cxb/wire/patterns.hpp"

namespace cxb::inline v1 {
namespace domain {
namespace {

// Session ids of other programs may hold what a header line must not.
bool breaks_quotes(char c) {
    return c < ' ' || c == '"' || c == '\\' || c == '/' || static_cast<unsigned char>(c) >= 0x7f;
}

std::string_view last_segment(std::string_view path) {
    return path.substr(path.rfind('/') + 1);  // npos + 1 = 0: no slash, the whole text
}

}  // namespace

bool is_recording_key(std::string_view key) noexcept {
    return wire::matches(wire::patterns::recording_key, key);
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

std::string content_disposition(std::string_view name, std::string_view key, bool download) {
    std::string out = download ? "attachment" : "inline";
    std::string const ending = file_ending(key);
    std::string safe(name);
    std::ranges::replace_if(safe, breaks_quotes, '_');
    out.append("; filename=\"").append(safe);
    if (!ending.empty()) out.append(".").append(ending);
    return out.append("\"");
}

}  // namespace domain
}  // namespace cxb::inline v1
