#include <sys/stat.h>

#include <fstream>

#include "cxb/base/encoding.hpp"
#include "cxb/base/http_date.hpp"
#include "cxb/domain/byte_range.hpp"
#include "cxb/domain/recording_key.hpp"
#include "cxb/worker/call_start.hpp"
#include "src/worker/host_state.hpp"

namespace cxb::inline v1 {
namespace worker {

namespace fs = std::filesystem;

namespace {

constexpr std::size_t piece_size = 64 * limits::kib;

std::shared_ptr<wire::body_stream> stream_of(std::shared_ptr<std::ifstream> file,
                                             std::uint64_t length) {
    auto out = std::make_shared<wire::body_stream>();
    out->length = length;
    out->next = [file = std::move(file),
                 left = length](std::string& piece) mutable -> result<bool> {
        piece.resize(std::min<std::uint64_t>(left, piece_size));
        if (piece.empty()) return false;
        if (!file->read(piece.data(), static_cast<std::streamsize>(piece.size())))
            return error{errc::unavailable, "Recording cannot be read"};
        left -= piece.size();
        return true;
    };
    return out;
}

}  // namespace

wire::http_response recording_answer(fs::path const& root, std::string_view encoded_key,
                                     wire::http_request const& request) {
    auto absent = start_refusal(error{errc::not_found, "Recording not found"}, "");
    auto const key = percent_decode(encoded_key);
    if (root.empty() || !key || !domain::is_recording_key(*key) || key->ends_with(".part") ||
        key->starts_with('.'))
        return absent;
    auto const path = root / *key;
    struct stat facts{};
    if (::stat(path.c_str(), &facts) != 0 || !S_ISREG(facts.st_mode)) return absent;
    auto const size = static_cast<std::uint64_t>(facts.st_size);
    auto file = std::make_shared<std::ifstream>(path, std::ios::binary);
    if (!*file) return absent;
    time_point const modified{
        milliseconds{facts.st_mtim.tv_sec * 1000 + facts.st_mtim.tv_nsec / 1'000'000}};
    std::string const etag =
        "\"" + std::to_string(size) + "-" + std::to_string(to_epoch_ms(modified)) + "\"";
    auto const range = domain::judge_range(request.headers.get("Range"),
                                           request.headers.get("If-Range"), etag, modified, size);
    wire::http_response out;
    out.headers.set("ETag", etag);
    out.headers.set("Last-Modified", format_http_date(modified));
    out.headers.set("Content-Type", std::string(domain::audio_content_type(*key)));
    out.headers.set("Accept-Ranges", "bytes");
    if (range.kind != domain::range_kind::whole)
        out.headers.set("Content-Range", domain::content_range(range, size));
    if (range.kind == domain::range_kind::unsatisfiable) {
        out.status = 416;
        return out;
    }
    bool const partial = range.kind == domain::range_kind::partial;
    out.status = partial ? 206 : 200;
    if (partial) file->seekg(static_cast<std::streamoff>(range.first));
    out.stream = stream_of(std::move(file), partial ? range.length() : size);
    return out;
}

}  // namespace worker
}  // namespace cxb::inline v1
