// Any bytes as any document: the parsers give a value or an error, strictly and tolerantly; what is
// accepted is written in a form that reads as itself, and has a form for logs.
#include <cstdint>
#include <cstdlib>
#include <string>
#include <string_view>
#include <vector>

#include "cxb/contract/fleet/fleet_health.hpp"
#include "cxb/contract/registry.hpp"
#include "cxb/domain/result_payload.hpp"

namespace {

using namespace cxb;

void read_as(contract::document_type const& type, std::string_view text) {
    std::vector<fault> warnings;
    (void)type.normalise(text, {.tolerant_items = true, .warnings = &warnings});
    auto const once = type.normalise(text, {});
    if (!once) return;
    // Unknown members of the top level go one level down, so the deepest documents get too deep.
    auto const twice = type.normalise(*once, {});
    if (twice ? *twice != *once : twice.error().code() != errc::malformed) std::abort();
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(std::uint8_t const* data, std::size_t size) {
    std::string_view const text(reinterpret_cast<char const*>(data), size);
    for (auto const& type : contract::document_types())
        read_as(type, text);
    (void)contract::fleet::parse_fleet_health(200, text);
    (void)contract::fleet::parse_worker_health(text);
    auto const stored = domain::read_result(text);
    if (stored && stored->session_id().empty()) std::abort();
    return 0;
}
