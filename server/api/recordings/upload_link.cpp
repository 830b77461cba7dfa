#include "server/api/recordings/upload_link.hpp"

#include "cxb/contract/recording_token/recording_token.hpp"
#include "cxb/domain/recording_key.hpp"

namespace cxb::api {
namespace {

constexpr std::size_t day_bytes = 10;  // 2026-01-02

}  // namespace

error invalid_upload_link() {
    return error{errc::forbidden, "Invalid upload link"};
}

secret make_upload_link(std::string_view base, secret const& key, std::string_view session_id,
                        time_point began, time_point end) {
    std::string url = contract::recording_token::upload_url(base, key, session_id, end);
    url.insert(url.rfind('?') + 1, "d=" + format_timestamp(began).substr(0, day_bytes) + "&");
    return secret(std::move(url));
}

result<std::string> upload_target(std::string_view session_id, std::string_view day,
                                  time_point now) {
    if (day.empty()) return domain::make_recording_key(session_id, now);
    auto const began = parse_timestamp(std::string(day) + "T00:00:00Z");
    if (day.size() != day_bytes || !began) return invalid_upload_link();
    return domain::make_recording_key(session_id, *began);
}

}  // namespace cxb::api
