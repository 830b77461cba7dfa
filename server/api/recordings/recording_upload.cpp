#include "server/api/recordings/recording_upload.hpp"

#include "cxb/base/encoding.hpp"
#include "server/api/recordings/recording_source.hpp"
#include "src/base/fail_point.hpp"

namespace cxb::api {

result<void> upload_sink::write(std::string_view piece) {
    CXB_CHECK(writer_->write(piece));
    CXB_FAIL_POINT("upload.piece_written");
    hash_.update(piece);
    size_ += piece.size();
    return {};
}

result<void> upload_sink::finish() {
    CXB_CHECK(writer_->commit());
    digest_ = to_hex(hash_.finish());
    return {};
}

result<void> move_object(store::object_store& from, store::object_store& to,
                         std::string const& key) {
    CXB_TRY(auto const reader, from.open(key));
    CXB_TRY(auto const writer, to.create(key, upload_sink::max_bytes));
    std::string piece;
    for (;;) {
        CXB_CHECK(reader->read(piece, recording_piece));
        if (piece.empty()) break;
        CXB_CHECK(writer->write(piece));
    }
    CXB_CHECK(writer->commit());
    return from.remove(key);
}

}  // namespace cxb::api
