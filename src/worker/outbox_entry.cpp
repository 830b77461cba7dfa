#include "src/worker/outbox_entry.hpp"

#include <algorithm>
#include <cctype>
#include <cstdio>

#include "cxb/base/crypto.hpp"
#include "cxb/base/limits.hpp"

namespace cxb::inline v1 {
namespace worker {

namespace {

error corrupt(std::string detail) {
    return error{errc::corrupt_data, std::move(detail)}.with_reason("corrupt");
}

bool is_entry_name(std::string_view name) {
    if (!name.ends_with(entry_suffix)) return false;
    name.remove_suffix(entry_suffix.size());
    if (name.size() < 15 || name[13] != '-') return false;
    auto const digits = name.substr(0, 13);
    return std::all_of(digits.begin(), digits.end(), [](char c) { return c >= '0' && c <= '9'; }) &&
           is_outbox_id(name.substr(14));
}

result<time_point> time_at(wire::json_object const& object, std::string_view name) {
    auto at = parse_timestamp(wire::text_at(object, name));
    if (!at) return corrupt("bad " + std::string(name));
    return *at;
}

void take(wire::json_object const& from, std::string_view name, std::string& into) {
    into = std::string(wire::text_at(from, name));
}

}  // namespace

bool is_outbox_id(std::string_view id) noexcept {
    if (id.empty() || id.size() > 128 || id.front() == '.') return false;
    return std::all_of(id.begin(), id.end(), [](unsigned char c) {
        return std::isalnum(c) != 0 || c == '.' || c == '_' || c == ':' || c == '-';
    });
}

std::string entry_name(outbox_header const& header) {
    char stamp[24];
    std::snprintf(stamp, sizeof stamp, "%013lld",
                  static_cast<long long>(to_epoch_ms(header.created_at)));
    std::string name(stamp);
    name += '-';
    name += header.id;
    name += entry_suffix;
    return name;
}

std::string header_line(outbox_header const& header) {
    wire::json_object line;
    line["v"] = 1;
    line["class"] = word_of(header.kind);
    line["id"] = header.id;
    line["session_id"] = header.session_id;
    line["url"] = header.url;
    line["created_at"] = format_timestamp(header.created_at);
    line["expires_at"] = format_timestamp(header.expires_at);
    line["length"] = header.length;
    line["sha256"] = header.sha256;
    return wire::to_text(line) + "\n";
}

result<outbox_header> read_header(std::string_view text) {
    auto const end = text.find('\n');
    if (end == std::string_view::npos) return corrupt("no header line");
    auto parsed = wire::parse_json(text.substr(0, end), 16 * limits::kib);
    if (!parsed || !parsed->is_object()) return corrupt("header is not JSON");
    auto const& object = parsed->get_object();
    if (wire::int_at(object, "v") != 1) return corrupt("unknown version");
    outbox_header header;
    auto const kind = value_of<outbox_class>(wire::text_at(object, "class"));
    if (!kind) return corrupt("unknown class");
    header.kind = *kind;
    take(object, "id", header.id);
    take(object, "session_id", header.session_id);
    take(object, "url", header.url);
    take(object, "sha256", header.sha256);
    if (!is_outbox_id(header.id) || header.url.empty()) return corrupt("bad id or url");
    auto const length = wire::int_at(object, "length", -1);
    if (length < 0) return corrupt("bad length");
    header.length = static_cast<std::uint64_t>(length);
    CXB_TRY(header.created_at, time_at(object, "created_at"));
    CXB_TRY(header.expires_at, time_at(object, "expires_at"));
    return header;
}

result<split_entry> split(std::string_view name, std::string_view text) {
    if (!is_entry_name(name)) return corrupt("bad file name");
    CXB_TRY(auto header, read_header(text));
    auto const body = text.substr(text.find('\n') + 1);
    if (body.size() != header.length) return corrupt("length differs");
    if (sha256_hex(body) != header.sha256) return corrupt("sha256 differs");
    return split_entry{std::move(header), body};
}

std::string to_text(outbox_death const& death) {
    wire::json_object out;
    out["reason"] = death.reason;
    out["status"] = death.status;
    out["detail"] = death.detail;
    wire::json_array errors;
    for (auto const& text : death.errors)
        errors.emplace_back(text);
    out["errors"] = std::move(errors);
    out["at"] = format_timestamp(death.at);
    return wire::to_text(out);
}

outbox_death read_death(std::string_view text) {
    outbox_death death;
    auto const parsed = wire::parse_json(text, limits::mib);
    if (!parsed || !parsed->is_object()) return death;
    auto const& object = parsed->get_object();
    take(object, "reason", death.reason);
    take(object, "detail", death.detail);
    death.status = static_cast<int>(wire::int_at(object, "status"));
    if (auto const at = parse_timestamp(wire::text_at(object, "at"))) death.at = *at;
    auto const* errors = wire::find_path(object, "errors");
    if (errors != nullptr && errors->is_array())
        for (auto const& item : errors->get_array())
            if (item.is_string()) death.errors.emplace_back(item.get_string().c_str());
    return death;
}

std::string to_text(call_journal const& journal) {
    wire::json_object out;
    out["v"] = 1;
    out["call_id"] = journal.call_id;
    out["session_id"] = journal.session_id;
    out["campaign_session_id"] = journal.campaign_session_id;
    out["bot_id"] = journal.bot_id;
    out["results_url"] = journal.results_url;
    out["webhook_url"] = journal.webhook_url;
    out["started_at"] = format_timestamp(journal.started_at);
    out["more"] = journal.more;
    return wire::to_text(out);
}

result<call_journal> read_journal(std::string_view text) {
    auto const parsed = wire::parse_json(text, limits::mib);
    if (!parsed || !parsed->is_object()) return corrupt("journal is not JSON");
    auto const& object = parsed->get_object();
    call_journal journal;
    take(object, "call_id", journal.call_id);
    take(object, "session_id", journal.session_id);
    take(object, "campaign_session_id", journal.campaign_session_id);
    take(object, "bot_id", journal.bot_id);
    take(object, "results_url", journal.results_url);
    take(object, "webhook_url", journal.webhook_url);
    if (journal.call_id.empty()) return corrupt("journal names no call");
    CXB_TRY(journal.started_at, time_at(object, "started_at"));
    auto const* more = wire::find_path(object, "more");
    if (more != nullptr && more->is_object()) journal.more = more->get_object();
    return journal;
}

std::string journal_name(std::string const& call_id) {
    return (is_outbox_id(call_id) ? call_id : sha256_hex(call_id)) + ".json";
}

}  // namespace worker
}  // namespace cxb::inline v1
