#include "server/api/recordings/recording_upload.hpp"

#include "cxb/base/encoding.hpp"
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

}  // namespace cxb::api
