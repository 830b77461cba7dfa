#include "store/object_stores.hpp"

#include "cxb/store/directory/directory_object_store.hpp"
#include "support/s3_server.hpp"

namespace cxb::test {
namespace {

class directory_run final : public object_store_run {
  public:
    store::object_store& objects() override { return *objects_; }

  private:
    scratch_dir folder_;
    std::unique_ptr<store::object_store> objects_ =
        store::directory_object_store::open_at(folder_ / "objects", system_random()).value();
};

class s3_run final : public object_store_run {
  public:
    store::object_store& objects() override { return objects_; }

  private:
    std::unique_ptr<net::http_client> net_ = net::http_client::create().value();
    store::s3_object_store objects_{fresh_bucket(), *net_, real_clock()};
};

}  // namespace

store::s3_address fresh_bucket() {
    auto& server = shared_s3_server();
    store::s3_parts parts;
    parts.endpoint = server.url();
    parts.bucket = server.make_bucket();
    parts.access_key = s3_server::access_key;
    parts.secret_key = secret(s3_server::secret_key);
    return store::make_s3_address(std::move(parts)).value();
}

std::vector<object_engine> const& object_engines() {
    static std::vector<object_engine> const all{
        {"directory", [] { return std::string(); },
         [] { return std::make_unique<directory_run>(); }},
        {"s3", &missing_for_s3_server, [] { return std::make_unique<s3_run>(); }}};
    return all;
}

}  // namespace cxb::test
