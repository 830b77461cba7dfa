#pragma once
/// @file
/// All route tables of `cxb-api`: for the router, the OpenAPI document and the tests.

#include "server/common/http/router.hpp"

namespace cxb::api {

[[nodiscard]] server::router::tables const& route_tables();

}  // namespace cxb::api
