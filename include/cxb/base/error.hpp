#pragma once
/// @file
/// What can go wrong, in one closed and protocol-neutral list, and the value that tells it.
///
/// An `error` says four things to four readers: `code()` to programs (what class of fault, may it
/// be repeated), `reason()` to API clients (a stable machine word such as `bot_locked`),
/// `detail()` to people, and `note()` to the operator's log only. Public detail and private note
/// are different types, so that one cannot be passed for the other.
///
/// | member        | type               | absent means            | who reads                     |
/// |---------------|--------------------|-------------------------|-------------------------------|
/// | code          | errc               | (always there)          | callers, HTTP mapping         |
/// | reason        | text               | the name of `code`      | API clients, as `code`        |
/// | detail        | text               | the name of `code`      | people; never holds secrets   |
/// | note          | private_note       | ""                      | logs only                     |
/// | pointer       | JSON Pointer       | fault is not in a body  | API clients                   |
/// | faults        | list               | single fault            | API clients, as `errors[]`    |
/// | members       | name -> JSON text  | none                    | API clients, extra members    |
/// | retry_after   | seconds            | no advice               | clients, `Retry-After`        |
/// | status        | int                | 0: not from a peer      | clients: HTTP status received |
/// | request_sent  | sent_state         | no                      | clients: may the peer have
/// acted |
///
/// Thread-safety: a value type; const access is safe from any thread.

#include <chrono>
#include <optional>
#include <source_location>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "cxb/version.hpp"

CXB_EXPORT_BEGIN
namespace cxb::inline v1 {

/// The closed list of fault classes. What the caller should do stands beside each.
enum class errc {
    malformed,            ///< not readable at all (bad JSON): do not repeat, fix the sender
    invalid,              ///< readable but breaks a rule; `faults` name the members
    unsupported_type,     ///< body of another content type
    unauthenticated,      ///< no or bad credentials
    forbidden,            ///< known caller, not allowed
    not_found,            ///< no such thing
    method_not_allowed,   ///< path exists, method does not
    conflict,             ///< state forbids it now
    precondition_failed,  ///< a stated condition (version) no longer holds
    too_large,            ///< body or answer over its limit
    header_too_large,     ///< request line and headers over their limit
    rate_limited,         ///< slow down; `retry_after` says how long
    at_capacity,          ///< no free slot: try elsewhere or later
    unavailable,          ///< a needed part does not answer: repeat later
    deadline_exceeded,    ///< time ran out; the peer may have acted (`request_sent`)
    upstream_failed,      ///< a peer answered, but with a fault of its own
    corrupt_data,         ///< stored or received bytes are not what they must be
    blocked,              ///< the outbound guard refused the address
    cancelled,            ///< stopped on purpose
    internal,             ///< a bug or the machine; never expected
};

/// Lower-snake name of a code, e.g. `not_found`; stable, used as the default `code` on the wire.
[[nodiscard]] std::string_view name_of(errc code) noexcept;

/// May a caller repeat the same operation and hope for another result?
[[nodiscard]] bool may_repeat(errc code) noexcept;

/// One fault inside a document: where (RFC 6901 JSON Pointer, "" = the whole document), and why.
struct fault {
    std::string pointer;
    std::string reason;
    friend bool operator==(fault const&, fault const&) = default;
};

/// Text for logs only. Never sent to a peer.
struct private_note {
    std::string text;
};

/// How far a request got before it failed (spec 10 §12).
enum class sent_state { no, maybe, yes };

/// An expected failure. Cheap to move; copying copies its texts.
class error {
  public:
    /// `internal`, without text; only so that `result::error()` is defined when there is a value.
    error() : error(errc::internal) {}
    /// Builds an error; `detail` is shown to people and must hold neither secrets nor numbers.
    explicit error(errc code, std::string detail = {},
                   std::source_location where = std::source_location::current());

    [[nodiscard]] errc code() const noexcept { return code_; }
    /// Machine word; the name of `code()` unless `with_reason` set another.
    [[nodiscard]] std::string_view reason() const noexcept;
    [[nodiscard]] std::string const& detail() const noexcept { return detail_; }
    [[nodiscard]] std::string const& note() const noexcept { return note_.text; }
    [[nodiscard]] std::string const& pointer() const noexcept { return pointer_; }
    [[nodiscard]] std::vector<fault> const& faults() const noexcept { return faults_; }
    /// Extra problem members, each already JSON text (e.g. `{"next_open_at","\"2026-…Z\""}`).
    [[nodiscard]] std::vector<std::pair<std::string, std::string>> const& members() const noexcept {
        return members_;
    }
    [[nodiscard]] std::optional<std::chrono::seconds> retry_after() const noexcept {
        return retry_after_;
    }
    [[nodiscard]] int status() const noexcept { return status_; }
    [[nodiscard]] sent_state request_sent() const noexcept { return sent_; }
    [[nodiscard]] std::string const& request_id() const noexcept { return request_id_; }
    [[nodiscard]] std::source_location const& where() const noexcept { return where_; }

    // Builders: `return error{errc::conflict, "Bot is used"}.with_reason("bot_locked");`
    error&& with_reason(std::string reason) &&;
    error&& with_note(private_note note) &&;
    error&& with_pointer(std::string pointer) &&;
    error&& with_faults(std::vector<fault> faults) &&;
    error&& with_member(std::string name, std::string json_text) &&;
    error&& with_retry_after(std::chrono::seconds wait) &&;
    error&& with_status(int status) &&;
    error&& with_request_sent(sent_state sent) &&;
    error&& with_request_id(std::string id) &&;

    /// One line for logs: code, reason, detail, note, first faults, place in the source.
    [[nodiscard]] std::string to_log_text() const;

  private:
    errc code_;
    sent_state sent_ = sent_state::no;
    int status_ = 0;
    std::string reason_;
    std::string detail_;
    private_note note_;
    std::string pointer_;
    std::string request_id_;
    std::vector<fault> faults_;
    std::vector<std::pair<std::string, std::string>> members_;
    std::optional<std::chrono::seconds> retry_after_;
    std::source_location where_;
};

/// `errc::invalid` with one fault: the usual answer to one bad member.
[[nodiscard]] error invalid_member(std::string pointer, std::string reason,
                                   std::source_location where = std::source_location::current());

/// `errc::invalid` with all faults found; `faults` must not be empty.
[[nodiscard]] error invalid_document(std::vector<fault> faults,
                                     std::source_location where = std::source_location::current());

}  // namespace cxb::inline v1
CXB_EXPORT_END
