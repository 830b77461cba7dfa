#include "server/api/recordings/recording_source.hpp"

#include <algorithm>
#include <limits>

#include "cxb/base/http_date.hpp"

namespace cxb::api {
namespace {

constexpr int looks_at_most = 2;  // an object that is replaced meanwhile is looked at again

error not_found() {
    return error{errc::not_found, "Recording not found"};
}

error ended_early() {
    return error{errc::corrupt_data, "recording ended early"};
}

std::shared_ptr<wire::body_stream> stream_of(std::unique_ptr<store::object_reader> reader,
                                             std::uint64_t length) {
    auto stream = std::make_shared<wire::body_stream>();
    stream->length = length;
    std::shared_ptr<store::object_reader> const source = std::move(reader);
    auto const left = std::make_shared<std::uint64_t>(length);
    stream->next = [source, left](std::string& piece) -> result<bool> {
        if (*left == 0) return false;
        CXB_CHECK(source->read(piece, std::min<std::uint64_t>(recording_piece, *left)));
        if (piece.empty()) return ended_early();
        *left -= piece.size();
        return true;
    };
    return stream;
}

found_recording facts_of(store::object_info const& info, play_ask const& ask) {
    found_recording out;
    out.size = info.size;
    out.etag = info.etag;
    out.modified = info.modified;
    out.range = domain::judge_range(ask.range, ask.if_range, info.etag, info.modified, info.size);
    return out;
}

bool needs_bytes(found_recording const& found, play_ask const& ask) noexcept {
    return !ask.head && found.range.kind != domain::range_kind::unsatisfiable;
}

// What a range looks like before the size is known; a host is not asked for what is no range.
bool is_range(std::string_view header) {
    constexpr auto any_size = std::numeric_limits<std::uint64_t>::max();
    return domain::parse_range(header, any_size).kind == domain::range_kind::partial;
}

found_recording told_by(wire::http_response const& answer) {
    found_recording out;
    out.etag = answer.headers.get("ETag");
    if (!out.etag.ends_with('"')) out.etag.clear();
    out.modified = parse_http_date(answer.headers.get("Last-Modified"));
    return out;
}

result<found_recording> from_whole(wire::http_response const& answer, play_ask const& ask) {
    auto out = told_by(answer);
    if (!answer.stream) return error{errc::corrupt_data, "no body"};
    out.size = answer.stream->length;
    bool const cut = out.size.has_value();
    if (cut)
        out.range = domain::judge_range(ask.range, ask.if_range, out.etag, out.modified, *out.size);
    if (!needs_bytes(out, ask)) return out;
    if (!cut)
        out.bytes = answer.stream;
    else if (out.range.kind == domain::range_kind::partial)
        out.bytes = part_of(answer.stream, out.range.first, out.range.length());
    else
        out.bytes = part_of(answer.stream, 0, *out.size);
    return out;
}

// Empty: the host gave a part, but a whole body is due.
result<std::optional<found_recording>> from_part(wire::http_response const& answer,
                                                 play_ask const& ask) {
    auto out = told_by(answer);
    if (!domain::if_range_holds(ask.if_range, out.etag, out.modified))
        return std::optional<found_recording>{};
    auto const part = domain::parse_content_range(answer.headers.get("Content-Range"));
    if (!part || !part->size || !answer.stream)
        return error{errc::corrupt_data, "206 without a readable Content-Range"};
    out.size = part->size;
    out.range = domain::parse_range(ask.range, *part->size);
    if (out.range.kind != domain::range_kind::partial || out.range.first != part->first ||
        out.range.last != part->last)
        return error{errc::corrupt_data, "206 with another range"};
    if (!ask.head) out.bytes = part_of(answer.stream, 0, out.range.length());
    return std::optional(std::move(out));
}

}  // namespace

std::shared_ptr<wire::body_stream> part_of(std::shared_ptr<wire::body_stream> whole,
                                           std::uint64_t skip, std::uint64_t length) {
    struct rest {
        std::uint64_t skip;
        std::uint64_t left;
    };
    auto const at = std::make_shared<rest>(rest{skip, length});
    auto out = std::make_shared<wire::body_stream>();
    out->length = length;
    out->next = [whole, at](std::string& piece) -> result<bool> {
        if (at->left == 0) return false;
        CXB_TRY(bool const more, whole->next(piece));
        if (piece.empty() && !more) return ended_early();
        auto const cut = std::min<std::uint64_t>(at->skip, piece.size());
        piece.erase(0, cut);
        at->skip -= cut;
        if (piece.size() > at->left) piece.resize(at->left);
        at->left -= piece.size();
        return at->left > 0;
    };
    if (whole->when_ready)
        out->when_ready = [whole](std::function<void()> wake) {
            whole->when_ready(std::move(wake));
        };
    return out;
}

async<found_recording> find_in_bucket(store::s3_bucket& bucket, std::string key, play_ask ask) {
    for (int look = 1;; ++look) {
        CXB_CO_TRY(auto const info, co_await bucket.stat(key));
        if (!info) co_return not_found();
        auto out = facts_of(*info, ask);
        if (!needs_bytes(out, ask)) co_return out;
        bool const partial = out.range.kind == domain::range_kind::partial;
        auto const length = partial ? out.range.length() : info->size;
        store::s3_read what{.key = key, .first = 0, .last = {}, .etag = info->etag};
        if (partial) {
            what.first = out.range.first;
            what.last = out.range.last;
        }
        auto const bytes = co_await bucket.read(std::move(what));
        if (bytes) {
            out.bytes = part_of(*bytes, 0, length);
            co_return out;
        }
        if (bytes.error().code() != errc::precondition_failed || look == looks_at_most)
            co_return bytes.error();
    }
}

result<found_recording> find_in_store(store::object_store& objects, std::string const& key,
                                      play_ask const& ask) {
    CXB_TRY(auto const info, objects.stat(key));
    if (!info) return not_found();
    auto out = facts_of(*info, ask);
    if (!needs_bytes(out, ask)) return out;
    bool const partial = out.range.kind == domain::range_kind::partial;
    CXB_TRY(auto reader, objects.open(key, partial ? out.range.first : 0));
    out.bytes = stream_of(std::move(reader), partial ? out.range.length() : info->size);
    return out;
}

async<found_recording> find_on_host(client::core_client& host, std::string key, play_ask ask,
                                    client::call_options how) {
    client::recording_params params{
        .key = std::move(key), .range = is_range(ask.range) ? ask.range : "", .stream = true};
    auto answer = co_await host.recording(params, how);
    constexpr int unsatisfiable = 416;
    if (answer && answer->status == 206) {
        CXB_CO_TRY(auto part, from_part(*answer, ask));
        if (part) co_return *std::move(part);
    } else if (answer || answer.error().status() != unsatisfiable) {
        if (!answer) co_return answer.error();
        co_return from_whole(*answer, ask);
    }
    // The size, or the whole after all.
    params.range.clear();
    CXB_CO_TRY(auto const whole, co_await host.recording(std::move(params), std::move(how)));
    co_return from_whole(whole, ask);
}

}  // namespace cxb::api
