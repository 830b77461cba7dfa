#include "cxb/testing/temp_dir.hpp"

#include <cerrno>
#include <cstdlib>
#include <system_error>

namespace cxb::inline v1 {
namespace testing {

temp_dir::temp_dir() {
    auto pattern = (std::filesystem::temp_directory_path() / "cxb-XXXXXX").string();
    if (::mkdtemp(pattern.data()) == nullptr)
        throw std::system_error(errno, std::generic_category(), "mkdtemp");
    path_ = pattern;
}

temp_dir::~temp_dir() {
    std::error_code ignored;
    std::filesystem::remove_all(path_, ignored);
}

std::string temp_dir::file(std::string_view name) const { return (path_ / name).string(); }

}  // namespace testing
}  // namespace cxb::inline v1
