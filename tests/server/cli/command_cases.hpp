#pragma once
// Every command of `cxb` as it is used once: what it sends, what people see, what programs read.

#include <string>
#include <vector>

#include "cxb/wire/http_message.hpp"

namespace cxb_test {

enum class sent_access { key, core_secret, nothing };

/// A command that speaks to the API.
struct remote_case {
    std::string command;             ///< noun and verb, as `command_name`
    std::vector<std::string> words;  ///< a right use
    std::vector<std::string> wrong;  ///< a use that is refused before anything is sent
    std::string input;               ///< standard input
    std::string method;
    std::string target;
    std::string body;
    cxb::wire::header_list headers;
    sent_access access = sent_access::key;
    std::string answer;
    std::string text;      ///< standard output for people
    std::string document;  ///< with --json
};

/// A command that needs no API, or asks it more than one thing; its own test says what it does.
struct other_case {
    std::string command;
    std::vector<std::string> wrong;
};

[[nodiscard]] std::vector<remote_case> const& remote_cases();
/// Those of users and the audit trail; a part of them.
[[nodiscard]] std::vector<remote_case> access_cases();
/// Of them, those about bots.
[[nodiscard]] std::vector<remote_case> bot_cases();
/// The part of them that asks about analytics.
[[nodiscard]] std::vector<remote_case> analytics_cases();
/// Those of jobs and webhook endpoints; a part of them.
[[nodiscard]] std::vector<remote_case> ops_cases();
/// Those of carriers, numbers, Exotel and SIP; a part of them.
[[nodiscard]] std::vector<remote_case> telephony_cases();
/// Those that ask why and try a bot out; a part of them.
[[nodiscard]] std::vector<remote_case> live_cases();
[[nodiscard]] std::vector<other_case> const& other_cases();

}  // namespace cxb_test
