#include "server/api/recordings/recording_play.hpp"

#include <algorithm>

#include "cxb/base/http_date.hpp"
#include "cxb/base/limits.hpp"
#include "cxb/domain/byte_range.hpp"
#include "cxb/domain/recording_key.hpp"
#include "server/api/calls/call_redaction.hpp"

namespace cxb::api {
namespace {

constexpr std::size_t piece_size = 64 * limits::kib;

error not_found() {
    return error{errc::not_found, "Recording not found"};
}

std::shared_ptr<wire::body_stream> stream_of(std::unique_ptr<store::object_reader> reader,
                                             std::uint64_t length) {
    auto stream = std::make_shared<wire::body_stream>();
    stream->length = length;
    std::shared_ptr<store::object_reader> const source = std::move(reader);
    auto const left = std::make_shared<std::uint64_t>(length);
    stream->next = [source, left](std::string& piece) -> result<bool> {
        if (*left == 0) return false;
        CXB_CHECK(source->read(piece, std::min<std::uint64_t>(piece_size, *left)));
        // The file got shorter while it was read: the connection ends without its last bytes.
        if (piece.empty()) return error{errc::corrupt_data, "recording ended early"};
        *left -= piece.size();
        return true;
    };
    return stream;
}

}  // namespace

result<wire::http_response> play_recording(store::object_store& objects,
                                           wire::json_object const& call, play_ask const& ask) {
    if (is_redacted(call)) return not_found();
    auto const key = domain::recording_key_of(wire::text_at(call, "recording_key"),
                                              wire::text_at(call, "recording_url"));
    if (!key) return not_found();
    CXB_TRY(auto const info, objects.stat(*key));
    if (!info) return not_found();
    auto const range =
        domain::judge_range(ask.range, ask.if_range, info->etag, info->modified, info->size);
    wire::http_response answer;
    auto& headers = answer.headers;
    headers.set("Accept-Ranges", "bytes");
    headers.set("ETag", info->etag);
    headers.set("Last-Modified", format_http_date(info->modified));
    headers.set("Content-Type", std::string(domain::audio_content_type(*key)));
    headers.set("Content-Disposition",
                domain::content_disposition(wire::text_at(call, "session_id"), *key, ask.download));
    headers.set("X-Content-Type-Options", "nosniff");
    headers.set("Cache-Control", "private, no-store");
    if (range.kind != domain::range_kind::whole)
        headers.set("Content-Range", domain::content_range(range, info->size));
    if (range.kind == domain::range_kind::unsatisfiable) {
        answer.status = 416;
        return answer;
    }
    bool const partial = range.kind == domain::range_kind::partial;
    answer.status = partial ? 206 : 200;
    auto reader = objects.open(*key, partial ? range.first : 0);
    if (!reader) return not_found();
    answer.stream = stream_of(*std::move(reader), partial ? range.length() : info->size);
    return answer;
}

}  // namespace cxb::api
