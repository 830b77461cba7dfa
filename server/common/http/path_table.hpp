#pragma once
/// @file
/// Patterns compiled into a tree of segments: look-up touches no heap and no pattern twice.
///
/// Literals win over parameters and parameters over a rest parameter; when the more literal branch
/// holds no row for the method, the others are tried. Thread-safety: const after filling.

#include <array>
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "server/common/http/route.hpp"

namespace cxb::server {

class path_table {
  public:
    static constexpr std::size_t max_params = 8;
    static constexpr std::size_t max_segments = 24;

    /// `route_index` counts rows in the order they were added.
    struct match {
        route const* row = nullptr;
        std::size_t route_index = 0;
        std::array<std::string_view, max_params> raw_params{};  ///< percent-encoded
        std::size_t param_count = 0;
        std::uint32_t methods = 0;  ///< of all rows on this path; 0 = path unknown
        bool any_origin = false;    ///< a row on this path is open to any origin
    };

    path_table();
    ~path_table();
    path_table(path_table&&) noexcept;

    /// Throws `std::logic_error` for a malformed pattern, an unknown method or a second row for
    /// the same method and pattern.
    void add(route const& row);
    /// `path` as received, without query. A GET row also serves HEAD.
    [[nodiscard]] match find(std::string_view method, std::string_view path) const noexcept;
    /// Names of the pattern's parameters in order.
    [[nodiscard]] static std::vector<std::string_view> param_names(std::string_view pattern);
    /// `GET, HEAD, OPTIONS`: value of `Allow` for a set of methods.
    [[nodiscard]] static std::string allow_text(std::uint32_t methods);

  private:
    struct node;
    std::unique_ptr<node> root_;
    std::size_t count_ = 0;
};

}  // namespace cxb::server
