// Any bytes as any document: the parsers give a value or an error, strictly and tolerantly; what is
// accepted is written in a form that reads as itself, and has a form for logs.
#include <cstdint>
#include <cstdlib>
#include <string>
#include <string_view>
#include <vector>

#include "cxb/contract/fleet/fleet_health.hpp"
#include "cxb/contract/media_ws/dialler.hpp"
#include "cxb/contract/media_ws/exotel.hpp"
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

// A frame that is a message is written in a form that is the same message.
template <class Message>
void read_frame(result<Message> const& once,
                result<Message> (*parse)(std::string_view, wire::parse_options)) {
    if (!once) return;
    if (!validate(*once)) std::abort();
    auto const again = parse(serialize(*once), {.max_bytes = limits::mib});
    if (!again || *again != *once) std::abort();
}

template <class Message>
using frame_parser = result<Message> (*)(std::string_view, wire::parse_options);

void read_frames(std::string_view text) {
    namespace dialler = contract::media_ws::dialler;
    namespace exotel = contract::media_ws::exotel;
    read_frame(dialler::parse_inbound_message(text),
               frame_parser<dialler::inbound_message>(&dialler::parse_inbound_message));
    read_frame(dialler::parse_outbound_message(text),
               frame_parser<dialler::outbound_message>(&dialler::parse_outbound_message));
    read_frame(exotel::parse_inbound_message(text),
               frame_parser<exotel::inbound_message>(&exotel::parse_inbound_message));
    read_frame(exotel::parse_outbound_message(text),
               frame_parser<exotel::outbound_message>(&exotel::parse_outbound_message));
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(std::uint8_t const* data, std::size_t size) {
    std::string_view const text(reinterpret_cast<char const*>(data), size);
    for (auto const& type : contract::document_types())
        read_as(type, text);
    read_frames(text);
    (void)contract::fleet::parse_fleet_health(200, text);
    (void)contract::fleet::parse_worker_health(text);
    auto const stored = domain::read_result(text);
    if (stored && stored->session_id().empty()) std::abort();
    return 0;
}
