#include "server/api/access/bootstrap.hpp"

#include <fcntl.h>
#include <unistd.h>

#include <array>
#include <fstream>
#include <span>

#include "cxb/base/encoding.hpp"

namespace cxb::api {

namespace fs = std::filesystem;

namespace {

constexpr std::size_t token_size = 32;

std::string stored_token(fs::path const& file) {
    std::ifstream in(file);
    std::string text;
    std::getline(in, text);
    return text;
}

}  // namespace

fs::path bootstrap_token_file(fs::path const& data_dir) {
    return data_dir / "bootstrap-token";
}

result<void> ensure_bootstrap_token(fs::path const& data_dir, random_source& random) {
    fs::path const path = bootstrap_token_file(data_dir);
    if (stored_token(path).size() == token_size) return {};
    remove_bootstrap_token(data_dir);  // cut short by a crash: nobody could use it
    std::array<std::byte, 24> bytes{};
    random.fill(bytes);
    std::string const text =
        to_base64url({reinterpret_cast<char const*>(bytes.data()), bytes.size()}) + "\n";
    int const file = ::open(path.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
    if (file < 0)
        return error{errc::unavailable, "Cannot write the bootstrap token"}.with_note(
            {path.string()});
    ssize_t const written = ::write(file, text.data(), text.size());
    ::close(file);
    if (written != static_cast<ssize_t>(text.size()))
        return error{errc::unavailable, "Cannot write the bootstrap token"}.with_note(
            {path.string()});
    return {};
}

result<void> check_bootstrap_token(fs::path const& data_dir, secret const& given) {
    std::string stored = stored_token(bootstrap_token_file(data_dir));
    if (stored.empty() || secret(stored) != given)
        return error{errc::forbidden, "Invalid bootstrap token"};
    return {};
}

void remove_bootstrap_token(fs::path const& data_dir) noexcept {
    std::error_code ignored;
    fs::remove(bootstrap_token_file(data_dir), ignored);
}

}  // namespace cxb::api
