#include "server/api/recordings/recording_play.hpp"

#include "cxb/base/http_date.hpp"
#include "cxb/domain/recording_key.hpp"
#include "server/api/calls/call_redaction.hpp"
#include "server/api/recordings/recording_removal.hpp"

namespace cxb::api {

std::optional<std::string> recording_of(wire::json_object const& call) {
    if (is_redacted(call) || is_recording_removed(call)) return std::nullopt;
    return domain::recording_key_of(wire::text_at(call, "recording_key"),
                                    wire::text_at(call, "recording_url"));
}

wire::http_response play_answer(found_recording found, std::string_view key,
                                wire::json_object const& call, play_ask const& ask) {
    using domain::range_kind;
    wire::http_response answer;
    auto& headers = answer.headers;
    headers.set("Accept-Ranges", "bytes");
    if (!found.etag.empty()) headers.set("ETag", found.etag);
    if (found.modified) headers.set("Last-Modified", format_http_date(*found.modified));
    headers.set("Content-Type", std::string(domain::audio_content_type(key)));
    headers.set("Content-Disposition",
                domain::content_disposition(wire::text_at(call, "session_id"), key, ask.download));
    headers.set("X-Content-Type-Options", "nosniff");
    headers.set("Cache-Control", "private, no-store");
    auto const kind = found.range.kind;
    if (kind != range_kind::whole && found.size)
        headers.set("Content-Range", domain::content_range(found.range, *found.size));
    if (kind == range_kind::unsatisfiable) {
        answer.status = 416;
        return answer;
    }
    answer.status = kind == range_kind::partial ? 206 : 200;
    answer.stream = std::move(found.bytes);
    if (!answer.stream && found.size) {  // for HEAD: the length is told, no byte is sent
        answer.stream = std::make_shared<wire::body_stream>();
        answer.stream->length = kind == range_kind::partial ? found.range.length() : *found.size;
        answer.stream->next = [](std::string&) -> result<bool> { return false; };
    }
    return answer;
}

}  // namespace cxb::api
