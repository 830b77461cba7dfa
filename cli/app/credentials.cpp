#include "cli/app/credentials.hpp"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <fstream>
#include <iterator>

#include "cli/app/exit_code.hpp"
#include "cxb/wire/json.hpp"

namespace cxb::cli {
namespace {

constexpr unsigned others = 077;

result<wire::json_object> read_all(std::filesystem::path const& path) {
    struct stat about{};
    if (::stat(path.c_str(), &about) != 0) return wire::json_object{};
    if ((about.st_mode & others) != 0)
        return error{errc::forbidden, path.string() + " can be read by others. Run: chmod 600 " +
                                          path.string() + ", then cxb login"};
    std::ifstream in(path, std::ios::binary);
    std::string const text{std::istreambuf_iterator<char>(in), {}};
    auto parsed = wire::parse_json(text);
    if (!parsed || !parsed->is_object())
        return error{errc::corrupt_data,
                     path.string() + " is not readable. Remove it and run: cxb login"};
    return std::move(parsed->as_object());
}

error cannot_write(std::filesystem::path const& path) {
    return usage_error("Cannot write " + path.string());
}

result<void> write_all(std::filesystem::path const& path, wire::json_object const& all) {
    std::error_code fault;
    std::filesystem::create_directories(path.parent_path(), fault);
    if (fault) return cannot_write(path);
    ::chmod(path.parent_path().c_str(), S_IRWXU);
    std::string const text = wire::to_text(all) + "\n";
    std::string const fresh = path.string() + ".new";
    ::unlink(fresh.c_str());
    int const file =
        ::open(fresh.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, S_IRUSR | S_IWUSR);
    if (file < 0) return cannot_write(path);
    bool const written =
        ::write(file, text.data(), text.size()) == static_cast<ssize_t>(text.size()) &&
        ::fsync(file) == 0;
    ::close(file);
    if (!written || ::rename(fresh.c_str(), path.c_str()) != 0) return cannot_write(path);
    return {};
}

}  // namespace

result<credentials_file> credentials_file::locate(std::string const& xdg_config_home,
                                                  std::string const& home) {
    if (xdg_config_home.empty() && home.empty())
        return usage_error("Neither XDG_CONFIG_HOME nor HOME is set, so tokens cannot be kept");
    std::filesystem::path const base = xdg_config_home.empty()
                                           ? std::filesystem::path(home) / ".config"
                                           : std::filesystem::path(xdg_config_home);
    return credentials_file(base / "cxb" / "credentials.json");
}

result<std::optional<stored_token>> credentials_file::find(std::string const& url) const {
    CXB_TRY(auto const all, read_all(path_));
    auto const* entry = all.if_contains(url);
    if (entry == nullptr || !entry->is_object()) return std::optional<stored_token>{};
    stored_token out;
    out.token = secret(std::string(wire::text_at(entry->get_object(), "token")));
    CXB_TRY(out.expires_at, parse_timestamp(wire::text_at(entry->get_object(), "expires_at")));
    return std::optional(std::move(out));
}

result<void> credentials_file::put(std::string const& url, stored_token const& entry) const {
    CXB_TRY(auto all, read_all(path_));
    all[url] = wire::json_object{{"token", entry.token.reveal()},
                                 {"expires_at", format_timestamp(entry.expires_at)}};
    return write_all(path_, all);
}

result<bool> credentials_file::remove(std::string const& url) const {
    CXB_TRY(auto all, read_all(path_));
    if (all.erase(url) == 0) return false;
    CXB_CHECK(write_all(path_, all));
    return true;
}

}  // namespace cxb::cli
