#pragma once
/// @file
/// Bounds of carriers (spec 21 §7); those of numbers stand in their field table.

#include <chrono>
#include <cstddef>

namespace cxb::api {

inline constexpr std::size_t carrier_name_bytes = 80;
inline constexpr std::size_t sip_address_bytes = 255;
inline constexpr std::size_t did_label_bytes = 80;
inline constexpr std::size_t did_number_bytes = 64;  ///< as typed; stored ones are shorter
inline constexpr std::size_t did_id_bytes = 64;
inline constexpr std::size_t max_carrier_addresses = 100;
inline constexpr std::size_t max_dids = 1000;  ///< of one carrier: 409 `too_many_numbers`
inline constexpr std::size_t min_number_digits = 3;
inline constexpr std::size_t max_number_digits = 15;

/// Of a carrier with all its numbers.
inline constexpr std::size_t carrier_body_bytes = std::size_t{512} * 1024;

/// How long a write waits for LiveKit to follow.
inline constexpr std::chrono::seconds sync_patience{5};
/// A synchronisation that has taken so long has died with its process.
inline constexpr std::chrono::seconds sync_lease{90};
/// Ids asked for at once by the trunk health loop.
inline constexpr std::size_t trunks_at_once = 100;
inline constexpr std::size_t sync_error_bytes = 500;

}  // namespace cxb::api
