// cxb::store_s3: an address and a signed link; a server is not needed for them.
#include "cxb/store/s3/s3_object_store.hpp"

int main() {
    auto const at = cxb::store::parse_s3_url("s3://recordings?endpoint=http://minio:9000", "key",
                                             cxb::secret("secret"));
    if (!at) return 1;
    auto const link = cxb::store::presigned_url(*at, "GET", "a.wav", cxb::real_clock().now(),
                                                std::chrono::seconds{60});
    return link.reveal().starts_with("http://minio:9000/recordings/a.wav?X-Amz-") ? 0 : 1;
}
