#pragma once
/// @file
/// Bodies of `/ops` (spec 21 §9.1). Their tables give parser, faults and schema.

#include <string>

#include "cxb/base/clock.hpp"
#include "cxb/wire/field_table.hpp"

namespace cxb::api {

/// Which dead jobs are to run again: of one kind, created in `from` <= t < `to`.
struct dead_letter_body {
    std::string kind;
    time_point from;
    time_point to;
    std::string bot_id;  ///< "": of any bot and of none
};

CXB_WIRE_DECLARE(dead_letter_body);

}  // namespace cxb::api
