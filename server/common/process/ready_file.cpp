#include "server/common/process/ready_file.hpp"

#include <unistd.h>

#include <fstream>

#include "cxb/wire/json.hpp"

namespace cxb::server {

ready_file::ready_file(ready_file&& other) noexcept : path_(std::exchange(other.path_, {})) {}

ready_file& ready_file::operator=(ready_file&& other) noexcept {
    if (this != &other) {
        remove();
        path_ = std::exchange(other.path_, {});
    }
    return *this;
}

ready_file::~ready_file() {
    remove();
}

result<ready_file> ready_file::write(std::filesystem::path path, std::string_view url) {
    ready_file out;
    if (path.empty()) return out;
    auto draft = path;
    draft += ".tmp";
    wire::json_object const line{{"pid", ::getpid()}, {"url", url}};
    std::ofstream file(draft, std::ios::binary | std::ios::trunc);
    file << wire::to_text(line) << '\n';
    file.close();
    std::error_code failed;
    if (file) std::filesystem::rename(draft, path, failed);
    if (!file || failed)
        return error{errc::unavailable, "The ready file cannot be written"}.with_note(
            {path.string()});
    out.path_ = std::move(path);
    return out;
}

void ready_file::remove() noexcept {
    if (path_.empty()) return;
    std::error_code ignored;
    std::filesystem::remove(path_, ignored);
    path_.clear();
}

}  // namespace cxb::server
