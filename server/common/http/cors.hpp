#pragma once
/// @file
/// Cross-origin rules: exact origins from `http.cors_origins`, `*` for rows that say so.
///
/// Tokens travel in headers, never in cookies, so credentials are not allowed. Thread-safety:
/// const after construction.

#include <string>
#include <string_view>
#include <vector>

#include "cxb/wire/http_message.hpp"

namespace cxb::server {

class cors_rules {
  public:
    explicit cors_rules(std::vector<std::string> origins) : origins_(std::move(origins)) {}
    /// Adds `Access-Control-Allow-Origin` and what goes with it when the origin may read.
    void add_headers(wire::http_request const& request, bool any_origin,
                     wire::header_list& answer) const;
    /// Adds what a pre-flight asks for. `allow` lists the path's methods.
    void add_preflight(wire::http_request const& request, bool any_origin, std::string const& allow,
                       wire::header_list& answer) const;

  private:
    [[nodiscard]] bool allowed(std::string_view origin) const noexcept;
    std::vector<std::string> origins_;
};

}  // namespace cxb::server
