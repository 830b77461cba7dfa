// Any bytes as the short texts that strangers send: addresses, ranges, templates, times, tokens,
// numbers. Each reader gives a value or an error, and what it wrote it can read.
#include <array>
#include <cstdint>
#include <cstdlib>
#include <string>
#include <string_view>

#include "cxb/base/clock.hpp"
#include "cxb/base/encoding.hpp"
#include "cxb/contract/recording_token/recording_token.hpp"
#include "cxb/contract/webhook/signature.hpp"
#include "cxb/domain/byte_range.hpp"
#include "cxb/domain/interruption.hpp"
#include "cxb/domain/ip_address.hpp"
#include "cxb/domain/outbound_guard.hpp"
#include "cxb/domain/phone_number.hpp"
#include "cxb/domain/recording_key.hpp"
#include "cxb/domain/spoken_amount.hpp"
#include "cxb/domain/spoken_date.hpp"
#include "cxb/domain/template_text.hpp"
#include "cxb/domain/user_fields.hpp"
#include "cxb/wire/http_message.hpp"
#include "cxb/wire/jws.hpp"

namespace {

using namespace cxb;

void require(bool holds) {
    if (!holds) std::abort();
}

void read_urls(std::string_view text) {
    if (auto const url = domain::parse_http_url(text)) {
        require(url->port != 0 && !url->host.empty() && url->target.starts_with('/'));
        auto const again =
            domain::parse_http_url(url->scheme + "://" + url->authority() + url->target);
        require(again && again->host == url->host && again->port == url->port);
    }
    domain::guard_policy const strict{true, domain::guard_mode::user_url, {}};
    (void)domain::check_url(strict, text);
    (void)domain::parse_guard_allow_entry(text);
    if (auto const query = wire::query_list::parse(text))
        require(wire::query_list::parse(query->to_text()).has_value());
    if (auto const address = domain::ip_address::parse(text))
        require(domain::ip_address::parse(address->to_text()).has_value());
}

void read_encodings(std::string_view text) {
    if (auto const bytes = from_base64(text)) require(to_base64(*bytes) == text);
    if (auto const bytes = from_base64url(text)) require(to_base64url(*bytes) == text);
    if (auto const bytes = from_hex(text)) require(to_hex(*bytes) == to_lower(text));
    require(percent_decode(percent_encode(text)).value() == text);
    require(!is_utf8(text) || is_utf8(utf8_prefix(text, text.size() / 2)));
    if (auto const at = parse_timestamp(text))
        require(parse_timestamp(format_timestamp(*at)).value() == *at);
}

void read_templates(std::string_view text) {
    domain::compiled_template const compiled{std::string(text)};
    wire::json_object const call{{"a", "{{a}}"}};
    domain::template_variables view;
    view.call = &call;
    (void)compiled.render_url(view, domain::unresolved_policy::empty);
    auto const same = compiled.render({}, domain::unresolved_policy::literal);
    require(same == text);
    (void)domain::has_unclosed_token(text);
    domain::interruption_rule rule;
    rule.backchannels = {std::string(text)};
    (void)domain::judge_interruption(rule, text, {});
}

void read_spoken(std::string_view text) {
    auto const as_is = domain::spoken_as_is(text);
    auto const paise = domain::parse_amount(text);
    require(!paise || (*paise >= 0 && *paise <= domain::amount_limit * 100));
    require((domain::spoken_amount(text) == as_is) != paise.has_value());
    auto const day = domain::parse_spoken_date(text, {});
    require(!day || day->ok());
    require((domain::spoken_date(text, {}, {}) == as_is) != day.has_value());
    auto const days = domain::spoken_days(text);
    require(days == as_is || days.en.ends_with("day") || days.en.ends_with("days"));
}

void read_tokens(std::string_view text) {
    std::array const keys{secret("k")};
    require(!wire::jws_verify(text, wire::jws_algorithm::hs256, keys));
    (void)contract::webhook::key_of(secret(std::string(text)));
    time_point const now{};
    wire::header_list const headers{{"webhook-id", "i"},
                                    {"webhook-timestamp", std::string(text)},
                                    {"webhook-signature", std::string(text)}};
    require(!contract::webhook::verify(headers, text, keys, now));
    require(!contract::recording_token::verify_upload(keys[0], "s", text, text, now));
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(std::uint8_t const* data, std::size_t size) {
    constexpr std::size_t longest = 4096;
    std::string_view const text(reinterpret_cast<char const*>(data), std::min(size, longest));
    read_urls(text);
    read_encodings(text);
    read_templates(text);
    read_spoken(text);
    read_tokens(text);
    auto const range = domain::parse_range(text, 1000);
    require(range.kind != domain::range_kind::partial ||
            (range.first <= range.last && range.last < 1000));
    (void)domain::to_e164(text, "IN");
    (void)domain::bare_number(text);
    (void)domain::normalise_email(text);
    if (auto const key = domain::recording_key_of({}, text))
        require(domain::is_recording_key(*key));
    return 0;
}
