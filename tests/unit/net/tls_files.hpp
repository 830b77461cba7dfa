#pragma once
/// @file
/// Self-signed certificates made while a test runs.

#include <string>
#include <vector>

namespace cxb::net_test {

struct tls_files {
    std::string certificate;
    std::string key;
};

/// Writes `<dir>/<tag>.crt` and `.key`, valid for the DNS names and IP addresses given, from an
/// hour ago until `seconds_left` from now.
tls_files make_tls_files(std::string const& tag, std::vector<std::string> const& dns,
                         std::vector<std::string> const& ips = {}, long seconds_left = 3600);

}  // namespace cxb::net_test
