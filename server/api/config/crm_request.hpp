#pragma once
/// @file
/// Building a request to the CRM from a bot's block: URL, query, headers, credentials, body
/// (spec 20 §9, 21 §3.1), and the words for its faults. Shared by pre-fetch and push; pure.

#include <string>

#include "cxb/client/transport.hpp"
#include "cxb/domain/template_text.hpp"
#include "server/api/bots/bot_document.hpp"

namespace cxb::api {

/// `url` with `query` appended, values percent-encoded, unresolved tokens "".
[[nodiscard]] std::string crm_url(std::string const& url,
                                  std::map<std::string, std::string> const& query,
                                  domain::template_variables const& variables);

/// Configured headers rendered; line breaks in values are removed.
[[nodiscard]] wire::header_list crm_headers(std::map<std::string, std::string> const& headers,
                                            domain::template_variables const& variables);

/// Adds what `auth` asks for. Credentials are templates too.
void add_credentials(wire::header_list& headers, outbound_auth const& auth,
                     domain::template_variables const& variables);

/// The word for an exchange that gave no usable answer: timeout, connect, tls, blocked,
/// too_large; `status_<n>` when the peer did answer, with another status than 2xx.
[[nodiscard]] std::string crm_fault_word(error const& cause);

}  // namespace cxb::api
