#pragma once
/// @file
/// Which bot a dialled number has, and which trunk an outbound call takes: the answers of
/// `GET /api/v1/sip/lookup` and `GET /api/v1/sip/outbound-trunk` (spec 10 §3.8). 404: none.
/// Unknown members are ignored. Thread-safety: plain values.

#include <string>

#include "cxb/wire/field_table.hpp"

CXB_EXPORT_BEGIN
namespace cxb::inline v1 {
namespace contract::lookup {

/// The bot of a dialled number.
struct did_binding {
    std::string bot_id;
    std::string carrier_id;
    std::string did_id;
    friend bool operator==(did_binding const&, did_binding const&) = default;
};
CXB_WIRE_DECLARE(did_binding);

/// The way out for a number, with the carrier's limits.
///
/// | field             | absent means | unit                                                      |
/// |-------------------|--------------|-----------------------------------------------------------|
/// | trunk_id          | required     | the room server's trunk                                   |
/// | number            | ""           | number to show                                            |
/// | carrier_id        | ""           |                                                           |
/// | outbound_cps      | 1            | new calls a second, may have a fraction                   |
/// | outbound_burst    | 1            | calls that may start together                             |
/// | outbound_channels | 10           | calls at once                                             |
struct outbound_trunk {
    std::string trunk_id;
    std::string number;
    std::string carrier_id;
    double outbound_cps = 1;
    int outbound_burst = 1;
    int outbound_channels = 10;
    friend bool operator==(outbound_trunk const&, outbound_trunk const&) = default;
};
CXB_WIRE_DECLARE(outbound_trunk);

}  // namespace contract::lookup
}  // namespace cxb::inline v1
CXB_EXPORT_END
