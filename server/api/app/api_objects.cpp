// Where objects lie (spec 20 §1 objects.url), and the way to S3 stores.
#include "cxb/store/directory/directory_object_store.hpp"
#include "server/api/app/api_parts.hpp"

namespace cxb::api {
namespace {

constexpr std::string_view directory_scheme = "dir:";
constexpr std::size_t most_listeners = 256;  // of one bucket or host, on each event loop

}  // namespace

result<void> api_app::parts::open_objects() {
    // Endpoints are data of operators, as worker URLs are: only what no store can be is refused.
    CXB_TRY(auto policy, domain::make_guard_policy(settings.production(), {},
                                                   domain::guard_mode::operator_fleet));
    net::http_client_options options;
    options.ca_file = settings.http.ca_file;
    options.max_connections = most_listeners;
    options.names = names;
    CXB_TRY(storage_client,
            net::guarded_http_client::create(std::move(policy), std::move(options)));
    auto const& chosen = settings.store;
    if (chosen.objects_url.starts_with(directory_scheme)) {
        CXB_TRY(objects, store::directory_object_store::open_at(
                             chosen.objects_url.substr(directory_scheme.size()), random));
        return {};
    }
    auto where = store::parse_s3_url(chosen.objects_url, chosen.objects_access_key.reveal(),
                                     chosen.objects_secret_key);
    if (!where) return error{errc::invalid, "objects.url: " + where.error().detail()};
    auto opened =
        std::make_unique<store::s3_object_store>(*std::move(where), *storage_client, time, random);
    bucket = &opened->bucket();
    objects = std::move(opened);
    // Whoever was cut off on the way sends it again.
    std::filesystem::path const folder = std::filesystem::path(settings.data_dir) / "uploads";
    std::error_code unknown;
    std::filesystem::remove_all(folder, unknown);
    CXB_TRY(spool, store::directory_object_store::open_at(folder, random));
    return {};
}

}  // namespace cxb::api
