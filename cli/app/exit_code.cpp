#include "cli/app/exit_code.hpp"

namespace cxb::cli {

exit_code exit_code_of(error const& failure) noexcept {
    if (failure.reason() == "usage") return exit_code::usage;
    switch (failure.code()) {
        case errc::unauthenticated:
        case errc::forbidden:
            return exit_code::not_allowed;
        case errc::not_found:
            return exit_code::not_found;
        case errc::unavailable:
        case errc::deadline_exceeded:
            return exit_code::unreachable;
        default:
            return exit_code::failed;
    }
}

error usage_error(std::string detail) {
    return error{errc::invalid, std::move(detail)}.with_reason("usage");
}

}  // namespace cxb::cli
