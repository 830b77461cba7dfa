#include "cxb/contract/lookup/prompt_cache.hpp"

namespace cxb::inline v1 {
namespace contract::lookup {
namespace {

using wire::field;

constexpr wire::field_row request_rows[] = {
    field<&cache_recreate_request::static_version>("static_version")
        .required()
        .doc("Names the static prompt and the tools."),
    field<&cache_recreate_request::cached_content_name>("cached_content_name")
        .doc("The cache object that is gone."),
};

constexpr wire::field_row answer_rows[] = {
    field<&cache_recreated::cached_content_name>("cached_content_name")
        .required()
        .doc("The provider's cache object."),
    field<&cache_recreated::static_version>("static_version").doc("What it was made from."),
    field<&cache_recreated::expires_at>("expires_at").doc("Until when it lives."),
};

}  // namespace

CXB_WIRE_TYPE(cache_recreate_request,
              wire::table<cache_recreate_request>("A worker asks for a new cache.", request_rows))
CXB_WIRE_TYPE(cache_recreated, wire::table<cache_recreated>("The new prompt cache.", answer_rows))

}  // namespace contract::lookup
}  // namespace cxb::inline v1
