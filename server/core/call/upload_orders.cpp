#include "server/core/call/upload_orders.hpp"

#include <fcntl.h>
#include <unistd.h>

#include <cerrno>
#include <fstream>
#include <sstream>
#include <system_error>

#include "cxb/base/crypto.hpp"
#include "cxb/base/limits.hpp"
#include "cxb/wire/json.hpp"

namespace cxb::inline v1 {
namespace core {

namespace fs = std::filesystem;
namespace cr = contract::call_results;
namespace rc = contract::runtime_config;

namespace {

constexpr std::string_view suffix = ".json";
constexpr std::size_t longest_order = 64 * limits::mib;
constexpr std::string_view half_written = ".tmp";

error disk_failure(std::string_view what) {
    return error{errc::unavailable, "Upload order cannot be written"}.with_note(
        private_note{std::string(what) + ": " + std::generic_category().message(errno)});
}

std::string to_text(upload_order const& order) {
    wire::json_object headers;
    for (auto const& [name, value] : order.storage.upload_headers)
        headers[name] = value;
    wire::json_object out{{"v", 1},
                          {"key", order.key},
                          {"upload_url", order.storage.upload_url->reveal()},
                          {"upload_headers", std::move(headers)},
                          {"results_to", order.results_to}};
    if (order.storage.expires_at) out["expires_at"] = format_timestamp(*order.storage.expires_at);
    if (order.result) out["result"] = cr::serialize(*order.result);
    return wire::to_text(out);
}

result<upload_order> read(fs::path const& file) {
    std::ifstream in(file, std::ios::binary);
    if (!in) return error{errc::not_found, "No such upload order"};
    std::stringstream text;
    text << in.rdbuf();
    auto const parsed = wire::parse_json(text.str(), longest_order);
    if (!parsed || !parsed->is_object())
        return error{errc::corrupt_data, "Upload order is not JSON"};
    auto const& object = parsed->as_object();
    upload_order out;
    out.key = std::string(wire::text_at(object, "key"));
    out.results_to = std::string(wire::text_at(object, "results_to"));
    out.storage.kind = rc::storage_kind::upload_url;
    out.storage.upload_url = secret(std::string(wire::text_at(object, "upload_url")));
    if (auto const at = parse_timestamp(wire::text_at(object, "expires_at")))
        out.storage.expires_at = *at;
    if (auto const* headers = object.if_contains("upload_headers"); headers && headers->is_object())
        for (auto const& [name, value] : headers->as_object())
            if (value.is_string())
                out.storage.upload_headers.emplace(name, std::string(value.as_string()));
    if (auto const body = wire::text_at(object, "result"); !body.empty()) {
        CXB_TRY(auto result, cr::parse_call_results(body));
        out.result = std::move(result);
    }
    return out;
}

result<void> write_synced(fs::path const& file, std::string_view bytes) {
    int const fd = ::open(file.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
    if (fd < 0) return disk_failure("open");
    result<void> done;
    while (done && !bytes.empty()) {
        auto const n = ::write(fd, bytes.data(), bytes.size());
        if (n < 0 && errno == EINTR) continue;
        if (n < 0)
            done = disk_failure("write");
        else
            bytes.remove_prefix(static_cast<std::size_t>(n));
    }
    if (done && ::fdatasync(fd) != 0) done = disk_failure("fdatasync");
    ::close(fd);
    return done;
}

result<void> sync_folder(fs::path const& folder) {
    int const fd = ::open(folder.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    if (fd < 0) return disk_failure("open");
    int const failed = ::fsync(fd);
    ::close(fd);
    return failed != 0 ? result<void>(disk_failure("fsync")) : result<void>{};
}

}  // namespace

fs::path upload_orders::file_of(std::string const& key) const {
    return folder_ / (sha256_hex(key) + std::string(suffix));
}

result<void> upload_orders::prepare() {
    std::error_code ec;
    fs::create_directories(folder_, ec);
    if (!ec) fs::permissions(folder_, fs::perms::owner_all, ec);
    if (ec) return error{errc::unavailable, "core.recordings_dir cannot be written"};
    for (fs::directory_iterator at(folder_, ec), end; !ec && at != end; at.increment(ec)) {
        std::error_code gone;
        if (at->path().extension() == half_written) fs::remove(at->path(), gone);
    }
    return {};
}

result<void> upload_orders::keep(upload_order const& order) {
    auto const file = file_of(order.key);
    auto half = file;
    half += half_written;
    CXB_CHECK(write_synced(half, to_text(order)));
    if (::rename(half.c_str(), file.c_str()) != 0) return disk_failure("rename");
    return sync_folder(folder_);
}

result<upload_order> upload_orders::find(std::string const& key) const {
    return read(file_of(key));
}

std::vector<upload_order> upload_orders::list() const {
    std::vector<upload_order> out;
    std::error_code ec;
    for (fs::directory_iterator at(folder_, ec), end; !ec && at != end; at.increment(ec))
        if (at->path().extension() == suffix)
            if (auto order = read(at->path())) out.push_back(*std::move(order));
    return out;
}

void upload_orders::drop(std::string const& key) {
    std::error_code ec;
    fs::remove(file_of(key), ec);
}

}  // namespace core
}  // namespace cxb::inline v1
