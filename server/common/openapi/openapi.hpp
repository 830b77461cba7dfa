#pragma once
/// @file
/// The OpenAPI 3.1 document, made from the route tables and the contracts' schemas, and the page
/// that shows it without any outside file.
///
/// Every row becomes an operation with its parameters, body, answers, security and error answers.
/// A schema text stands once under `components/schemas`, named after its `title`, or else after the
/// operation; its local references are rewritten to that place.

#include <memory>
#include <mutex>
#include <span>
#include <string>
#include <string_view>

#include "server/common/http/route.hpp"

namespace cxb::server {

struct openapi_info {
    std::string title;
    std::string version;
    std::string description;
};

/// Compact text; keys in the order of the tables, so two builds give the same bytes.
[[nodiscard]] std::string openapi_document(openapi_info const& info,
                                           std::span<route const* const> routes);

/// Served at `/openapi.json`; add it to the services. The document is made when somebody asks for
/// it first: a start need not wait for it. Thread-safe.
class openapi_page {
  public:
    using maker = std::string (*)();
    explicit openapi_page(maker make) : make_(make) {}
    [[nodiscard]] std::shared_ptr<std::string const> document();

  private:
    maker make_;
    std::once_flag made_;
    std::shared_ptr<std::string const> document_;
};

handler_result get_openapi(request_context& context);
handler_result get_docs(request_context& context);

/// `/openapi.json` and `/docs`.
[[nodiscard]] std::span<route const> openapi_routes() noexcept;

/// Self-contained page that reads `openapi.json` beside it.
[[nodiscard]] std::string_view docs_html() noexcept;

}  // namespace cxb::server
