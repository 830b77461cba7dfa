#include "server/common/settings/setting_rules.hpp"

#include <sys/stat.h>

#include <set>

#include "cxb/contract/shared_secret/shared_secret.hpp"
#include "cxb/domain/password_rules.hpp"
#include "cxb/domain/user_fields.hpp"
#include "server/common/settings/setting_checks.hpp"

namespace cxb::server {
namespace {

namespace shared_secret = contract::shared_secret;

constexpr std::int64_t pattern_workers = 16;  // C§8: what fleet readers' pattern can see

std::string refused(std::string_view code, std::string_view path) {
    return "refused: " + std::string(code) + ": " + std::string(path);
}

// A URL is only a secret when it carries credentials.
bool holds_secret(setting const& row, setting_value const& held) {
    auto const* const text = std::get_if<std::string>(&held.value);
    if (!row.secret || text == nullptr || text->empty()) return false;
    bool const is_url = row.path.size() > 4 && row.path.substr(row.path.size() - 4) == ".url";
    return !is_url || text->find('@') != std::string::npos;
}

bool open_to_others(std::string const& file) noexcept {
    struct stat facts{};
    return ::stat(file.c_str(), &facts) == 0 && (facts.st_mode & 077) != 0;
}

void refuse_open_files(unsigned process, setting_values const& values,
                       std::vector<std::string>& out) {
    for (auto const& row : all_settings()) {
        if ((row.used_by & process) == 0) continue;
        auto const& held = values.at(row.path);
        if (!holds_secret(row, held)) continue;
        auto const& file = held.origin == setting_origin::file ? held.source : held.file;
        if (!file.empty() && open_to_others(file))
            out.push_back(refused("secret_file_readable", row.path));
    }
}

void refuse_weak(setting_values const& values, std::string_view path, bool required,
                 std::vector<std::string>& out) {
    auto const value = values.secret(path);
    if (value.empty() && !required) return;
    for (auto const fault : shared_secret::weaknesses_of(value))
        out.push_back(refused(shared_secret::word_of(fault), path));
}

void refuse_api(setting_values const& values, std::vector<std::string>& out) {
    refuse_weak(values, "jwt.secret", true, out);
    refuse_weak(values, "jwt.secret_previous", false, out);
    auto const token_secret = values.secret("jwt.secret");
    if (!token_secret.empty() && token_secret == values.secret("core.secret"))
        out.push_back(refused("same_secret", "jwt.secret"));
    auto const& public_url = values.text("http.public_url");
    if (public_url.empty())
        out.push_back(refused("public_url_missing", "http.public_url"));
    else if (!setting_checks::base_url(public_url).empty())
        out.push_back(refused("public_url_invalid", "http.public_url"));
    if (values.maybe_boolean("telephony.simulated").value_or(false))
        out.push_back(refused("simulated_telephony", "telephony.simulated"));
    auto const password = values.secret("bootstrap.admin_password");
    if (!password.empty() &&
        !domain::check_password(password.reveal(), values.text("bootstrap.admin_email")))
        out.push_back(refused("weak_bootstrap_password", "bootstrap.admin_password"));
    constexpr std::int64_t full_waits = 100;
    if (values.integer("push.wait_scale_percent") != full_waits)
        out.push_back(refused("not_in_production", "push.wait_scale_percent"));
}

void refuse_core(setting_values const& values, std::vector<std::string>& out) {
    if (values.text("core.config_url").empty())
        out.push_back(refused("missing_url", "core.config_url"));
    if (values.text("core.media") == "simulated")
        out.push_back(refused("simulated_telephony", "core.media"));
    if (values.integer("core.max_concurrent_calls") != 1)
        out.push_back(refused("not_in_production", "core.max_concurrent_calls"));
    if (values.boolean("core.sim_fast"))
        out.push_back(refused("not_in_production", "core.sim_fast"));
}

void need_both(setting_values const& values, std::string_view first, std::string_view second,
               std::vector<fault>& out) {
    bool const one = !values.text(first).empty();
    bool const other = !values.text(second).empty();
    if (one == other) return;
    out.push_back({std::string(one ? second : first),
                   "must be set together with " + std::string(one ? first : second)});
}

// Told here, not by a first start that fails. In production a weak password is refused instead.
void check_first_admin(setting_values const& values, bool production, std::vector<fault>& out) {
    auto const& email = values.text("bootstrap.admin_email");
    auto const password = values.secret("bootstrap.admin_password");
    if (email.empty() || password.empty()) return;
    if (auto const good = domain::normalise_email(email); !good)
        out.push_back({"bootstrap.admin_email", good.error().faults().front().reason});
    auto const strong = domain::check_password(password.reveal(), email);
    if (!production && !strong)
        out.push_back({"bootstrap.admin_password", strong.error().faults().front().reason});
}

void need_s3_keys(setting_values const& values, std::vector<fault>& out) {
    if (!values.text("objects.url").starts_with("s3://")) return;
    for (std::string_view const path : {"objects.access_key", "objects.secret_key"})
        if (values.secret(path).empty())
            out.push_back({std::string(path), "must be set for objects.url s3://"});
}

std::string_view refusal_words(std::string_view line) {
    constexpr std::pair<std::string_view, std::string_view> rows[] = {
        {"missing_secret", "not set; openssl rand -hex 32 makes one"},
        {"short_secret", "under 32 bytes; openssl rand -hex 32 makes one"},
        {"default_secret", "everybody knows it; openssl rand -hex 32 makes one"},
        {"same_secret", "core.secret has the same value; workers must not sign log-ins"},
        {"public_url_missing", "set it to what CRMs and browsers use, https://cxb.example.com"},
        {"public_url_invalid", "must be an absolute http or https address without user info"},
        {"secret_file_readable", "group or others may read the file it stands in; chmod 600"},
        {"simulated_telephony", "simulated calls are for trials only"},
        {"weak_bootstrap_password", "10 bytes at least, no common word, not the email"},
        {"missing_url", "set it to where cxb-api serves configs, https://HOST/api/v1/config"},
        {"not_in_production", "is for trials only; leave it out"}};
    constexpr std::string_view begin = "refused: ";
    if (!line.starts_with(begin)) return {};
    auto const code = line.substr(begin.size(), line.find(':', begin.size()) - begin.size());
    for (auto const& [name, words] : rows)
        if (name == code) return words;
    return {};
}

}  // namespace

std::vector<fault> cross_faults(unsigned process, setting_values const& values) {
    std::vector<fault> out;
    bool const production = values.text("env") == "production";
    if ((process & for_api) != 0) {
        need_both(values, "http.tls_cert", "http.tls_key", out);
        need_both(values, "bootstrap.admin_email", "bootstrap.admin_password", out);
        check_first_admin(values, production, out);
        auto const& public_url = values.text("http.public_url");
        if (!production && !public_url.empty())
            if (auto reason = setting_checks::base_url(public_url); !reason.empty())
                out.push_back({"http.public_url", std::move(reason)});
        need_s3_keys(values, out);
        if (values.text("data_dir").empty()) out.push_back({"data_dir", "must not be empty"});
        if (values.text("http.bind").empty()) out.push_back({"http.bind", "must not be empty"});
    }
    if ((process & for_core) != 0) {
        need_both(values, "core.tls_cert", "core.tls_key", out);
        for (std::string_view const path : {"core.listen", "core.socket", "core.outbox_dir",
                                            "core.recordings_dir", "core.tts_cache_dir"})
            if (values.text(path).empty()) out.push_back({std::string(path), "must not be empty"});
        if (values.text("core.media") == "livekit" && values.text("livekit.url").empty())
            out.push_back({"livekit.url", "must be set for core.media livekit"});
    }
    return out;
}

std::vector<std::string> production_refusals(unsigned process, setting_values const& values) {
    std::vector<std::string> out;
    if (values.text("env") != "production") return out;
    if ((process & for_api) != 0) refuse_api(values, out);
    refuse_weak(values, "core.secret", true, out);
    refuse_weak(values, "core.secret_previous", false, out);
    if ((process & for_core) != 0) refuse_core(values, out);
    refuse_open_files(process, values, out);
    return out;
}

std::string problem_text(std::vector<std::string> const& problems) {
    std::string out;
    std::set<std::string_view> told;
    for (auto const& line : problems) {
        out += line + "\n";
        auto const words = refusal_words(line);
        if (!words.empty() && told.insert(words).second)
            out.append("    ").append(words).append("\n");
    }
    return out;
}

std::vector<std::string> setting_warnings(unsigned process, setting_values const& values) {
    std::vector<std::string> out;
    if ((process & for_core) != 0 && values.integer("core.workers") > pattern_workers)
        out.emplace_back("core.workers: fleet readers see at most 16 slots of a host");
    if ((process & for_api) != 0 && !values.text("redis.url").empty() &&
        values.secret("jwt.secret").empty())
        out.emplace_back("jwt.secret: several cxb-api need the same; each makes its own now");
    return out;
}

}  // namespace cxb::server
