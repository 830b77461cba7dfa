#pragma once
/// @file
/// Rules for the texts of settings, named in the rows of the setting table. Each gives "" for a
/// good text, else the reason. Empty texts are judged by the rule's name: `optional_…` take them,
/// and all others are only asked when the text is not empty.

#include <string>
#include <string_view>

namespace cxb::server::setting_checks {

[[nodiscard]] std::string ip_text(std::string_view text);
[[nodiscard]] std::string cidr_text(std::string_view text);
/// Absolute http or https URL without user info, query and fragment.
[[nodiscard]] std::string base_url(std::string_view text);
[[nodiscard]] std::string optional_http_url(std::string_view text);
/// `https://host[:port]`, nothing behind.
[[nodiscard]] std::string origin_text(std::string_view text);
[[nodiscard]] std::string store_url(std::string_view text);
[[nodiscard]] std::string redis_url(std::string_view text);
[[nodiscard]] std::string objects_url(std::string_view text);
[[nodiscard]] std::string livekit_url(std::string_view text);
[[nodiscard]] std::string wss_url(std::string_view text);
/// As the stored fleet list: http or https, no user info, no link-local address.
[[nodiscard]] std::string fleet_url(std::string_view text);
/// `127.0.0.1:8001`, `[::1]:8001`.
[[nodiscard]] std::string address_and_port(std::string_view text);
[[nodiscard]] std::string optional_address_and_port(std::string_view text);
[[nodiscard]] std::string socket_path(std::string_view text);
/// `20000-20999`
[[nodiscard]] std::string port_range(std::string_view text);
/// Base64 of 32 bytes.
[[nodiscard]] std::string aes_key(std::string_view text);
[[nodiscard]] std::string region_code(std::string_view text);
[[nodiscard]] std::string zone_name(std::string_view text);
[[nodiscard]] std::string guard_entry(std::string_view text);
[[nodiscard]] std::string preload_word(std::string_view text);

}  // namespace cxb::server::setting_checks
