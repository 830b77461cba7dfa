#include "cxb/base/error.hpp"

#include <array>

namespace cxb::inline v1 {
namespace {

struct code_row {
    std::string_view name;
    bool may_repeat;
};

// Indexed by errc; the order is that of the enumeration.
constexpr std::array<code_row, 20> code_rows{
    {{"malformed", false},          {"invalid", false},          {"unsupported_type", false},
     {"unauthenticated", false},    {"forbidden", false},        {"not_found", false},
     {"method_not_allowed", false}, {"conflict", false},         {"precondition_failed", false},
     {"too_large", false},          {"header_too_large", false}, {"rate_limited", true},
     {"at_capacity", true},         {"unavailable", true},       {"deadline_exceeded", true},
     {"upstream_failed", true},     {"corrupt_data", false},     {"blocked", false},
     {"cancelled", false},          {"internal", false}}};
static_assert(code_rows.size() == static_cast<std::size_t>(errc::internal) + 1);

constexpr code_row const& row_of(errc code) noexcept {
    return code_rows.at(static_cast<std::size_t>(code));
}

}  // namespace

std::string_view name_of(errc code) noexcept {
    return row_of(code).name;
}
bool may_repeat(errc code) noexcept {
    return row_of(code).may_repeat;
}

error::error(errc code, std::string detail, std::source_location where)
    : code_(code), detail_(std::move(detail)), where_(where) {
    if (detail_.empty()) detail_ = std::string(name_of(code));
}

std::string_view error::reason() const noexcept {
    return reason_.empty() ? name_of(code_) : std::string_view(reason_);
}

error&& error::with_reason(std::string reason) && {
    reason_ = std::move(reason);
    return std::move(*this);
}
error&& error::with_note(private_note note) && {
    note_ = std::move(note);
    return std::move(*this);
}
error&& error::with_pointer(std::string pointer) && {
    pointer_ = std::move(pointer);
    return std::move(*this);
}
error&& error::with_faults(std::vector<fault> faults) && {
    faults_ = std::move(faults);
    return std::move(*this);
}
error&& error::with_member(std::string name, std::string json_text) && {
    members_.emplace_back(std::move(name), std::move(json_text));
    return std::move(*this);
}
error&& error::with_retry_after(std::chrono::seconds wait) && {
    retry_after_ = wait;
    return std::move(*this);
}
error&& error::with_status(int status) && {
    status_ = status;
    return std::move(*this);
}
error&& error::with_request_sent(sent_state sent) && {
    sent_ = sent;
    return std::move(*this);
}
error&& error::with_request_id(std::string id) && {
    request_id_ = std::move(id);
    return std::move(*this);
}

std::string error::to_log_text() const {
    std::string out{name_of(code_)};
    if (!reason_.empty()) out.append(" (").append(reason_).append(")");
    out.append(": ").append(detail_);
    if (!note_.text.empty()) out.append(" [").append(note_.text).append("]");
    constexpr std::size_t shown = 5;
    for (std::size_t i = 0; i < faults_.size() && i < shown; ++i)
        out.append("; ").append(faults_[i].pointer).append(": ").append(faults_[i].reason);
    out.append(" at ").append(where_.file_name()).append(":").append(std::to_string(where_.line()));
    return out;
}

error invalid_member(std::string pointer, std::string reason, std::source_location where) {
    std::vector<fault> faults;
    faults.push_back({std::move(pointer), std::move(reason)});
    return invalid_document(std::move(faults), where);
}

error invalid_document(std::vector<fault> faults, std::source_location where) {
    std::string detail;
    std::string pointer;
    if (!faults.empty()) {
        pointer = faults.front().pointer;
        detail = pointer.empty() ? faults.front().reason : pointer + ": " + faults.front().reason;
        if (faults.size() > 1) detail += " (and " + std::to_string(faults.size() - 1) + " more)";
    }
    error out{errc::invalid, std::move(detail), where};
    return std::move(out).with_pointer(std::move(pointer)).with_faults(std::move(faults));
}

}  // namespace cxb::inline v1
