#include "server/api/config/crm_request.hpp"

#include <algorithm>

#include "cxb/base/encoding.hpp"

namespace cxb::api {
namespace {

constexpr auto empty = domain::unresolved_policy::empty;

// A value from the CRM or the caller must not add header lines.
std::string one_line(std::string text) {
    std::erase_if(text, [](char c) { return c == '\r' || c == '\n' || c == '\0'; });
    return text;
}

}  // namespace

std::string crm_url(std::string const& url, std::map<std::string, std::string> const& query,
                    domain::template_variables const& variables) {
    std::string out = domain::compiled_template(url).render_url(variables, empty);
    char joint = out.find('?') == std::string::npos ? '?' : '&';
    for (auto const& [name, value] : query) {
        out.append(1, joint).append(percent_encode(name)).append("=");
        out.append(percent_encode(domain::render_template(value, variables, empty)));
        joint = '&';
    }
    return out;
}

wire::header_list crm_headers(std::map<std::string, std::string> const& headers,
                              domain::template_variables const& variables) {
    wire::header_list out;
    for (auto const& [name, value] : headers)
        out.set(name, one_line(domain::render_template(value, variables, empty)));
    return out;
}

void add_credentials(wire::header_list& headers, outbound_auth const& auth,
                     domain::template_variables const& variables) {
    auto const text = [&](std::string const& source) {
        return one_line(domain::render_template(source, variables, empty));
    };
    if (auth.type == "basic")
        headers.set("Authorization",
                    "Basic " + to_base64(text(auth.username) + ":" + text(auth.password.reveal())));
    else if (auth.type == "bearer")
        headers.set("Authorization", "Bearer " + text(auth.token.reveal()));
    else if (auth.type == "api_key" && !auth.header.empty())
        headers.set(auth.header, text(auth.value.reveal()));
}

std::string crm_fault_word(error const& cause) {
    int const status = cause.status();
    if (status != 0 && (status < 200 || status >= 300)) return "status_" + std::to_string(status);
    switch (cause.code()) {
        case errc::deadline_exceeded:
            return "timeout";
        case errc::blocked:
            return "blocked";
        case errc::too_large:
            return "too_large";
        default:
            return cause.reason() == "tls" ? "tls" : "connect";
    }
}

}  // namespace cxb::api
