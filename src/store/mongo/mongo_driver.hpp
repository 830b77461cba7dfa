#pragma once
/// @file
/// The one place that sees libmongoc: owners of its objects, commands, and what its errors mean.

#include <mongoc/mongoc.h>

#include <chrono>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "cxb/base/result.hpp"

namespace cxb::inline v1 {
namespace store::mongo {

/// A place in a document. (The driver's type is over-aligned, which templates forget.)
struct bson_element {
    bson_iter_t at;
};

/// A BSON document or list, owned. Moved-from documents are empty.
class bson_document {
  public:
    bson_document() : raw_(bson_new()) {}
    explicit bson_document(bson_t const* copied) : raw_(bson_copy(copied)) {}
    bson_document(bson_document const& other) : raw_(bson_copy(other.raw_)) {}
    bson_document(bson_document&& other) noexcept : raw_(std::exchange(other.raw_, bson_new())) {}
    bson_document& operator=(bson_document other) noexcept {
        std::swap(raw_, other.raw_);
        return *this;
    }
    ~bson_document() { bson_destroy(raw_); }

    bson_document& add(std::string_view key, std::string_view text);
    bson_document& add(std::string_view key, char const* text) {
        return add(key, std::string_view(text));
    }
    bson_document& add(std::string_view key, std::int64_t number);
    bson_document& add(std::string_view key, int number);
    bson_document& add(std::string_view key, double number);
    bson_document& add(std::string_view key, bool flag);
    bson_document& add(std::string_view key, std::nullptr_t);
    bson_document& add(std::string_view key, bson_document const& document);
    bson_document& add(std::string_view key, bson_value_t const& value);
    bson_document& add_list(std::string_view key, std::vector<bson_document> const& items);
    bson_document& add_list(std::string_view key, bson_document const& items);
    bson_document& add_date(std::string_view key, std::int64_t epoch_ms);
    bson_document& add_object_id(std::string_view key, std::string_view hex);
    /// A current element of an iterator, under its own or another key.
    bson_document& add(bson_iter_t const& element);
    bson_document& add(std::string_view key, bson_iter_t const& element);
    /// All members of another document.
    bson_document& add_all(bson_document const& other);

    [[nodiscard]] bool empty() const { return bson_empty(raw_); }
    [[nodiscard]] std::size_t bytes() const { return raw_->len; }
    [[nodiscard]] std::uint32_t members() const { return bson_count_keys(raw_); }
    [[nodiscard]] bson_t const* get() const { return raw_; }
    [[nodiscard]] bson_t* get() { return raw_; }
    /// The element of a dotted path.
    [[nodiscard]] std::optional<bson_element> find(std::string_view path) const;
    [[nodiscard]] std::string text_at(std::string_view path) const;
    [[nodiscard]] std::int64_t int_at(std::string_view path) const;
    [[nodiscard]] bool truth_at(std::string_view path) const;
    /// Of its first member; "" when there is none.
    [[nodiscard]] std::string first_name() const;
    [[nodiscard]] bool has(std::string_view path) const { return find(path).has_value(); }
    /// The document or list at a path; empty when there is none.
    [[nodiscard]] bson_document at(std::string_view path) const;
    friend bool operator==(bson_document const& left, bson_document const& right) {
        return bson_equal(left.raw_, right.raw_);
    }

  private:
    bson_t* raw_;
};

/// Calls `each(bson_iter_t&)` for all elements.
template <class Each>
void for_each_element(bson_document const& document, Each each) {
    bson_iter_t at;
    if (!bson_iter_init(&at, document.get())) return;
    while (bson_iter_next(&at))
        each(at);
}
[[nodiscard]] bson_document document_of(bson_iter_t const& element);

using steady_time = std::chrono::steady_clock::time_point;

struct driver_settings {
    std::string url;
    std::string database;  ///< "": the one of the URL, else `cxb`
    unsigned connections = 8;
    std::chrono::milliseconds selection_timeout{3000};  ///< until a server is found
    std::chrono::milliseconds connect_timeout{2000};
    std::chrono::milliseconds socket_timeout{5000};  ///< one answer
};

/// What a failed command may have done, as an error of the port.
///
/// | fault                                   | code                               |
/// |-----------------------------------------|------------------------------------|
/// | no server found, not sent               | unavailable                        |
/// | connection lost or no answer, a write   | deadline_exceeded                  |
/// | the server was interrupted in a write   | deadline_exceeded                  |
/// | the majority has not confirmed a write  | deadline_exceeded                  |
/// | the repeat of such a write was refused  | deadline_exceeded                  |
/// | connection lost or no answer, a read    | unavailable                        |
/// | the server says no                      | by its code, see mongo_driver.cpp  |
enum class command_kind { read, write };

/// A failed command: the error, and what the adapter decides by.
struct command_fault {
    error cause;
    std::int32_t server_code = 0;  ///< 0: no answer of a server
    std::string key_pattern;       ///< of a duplicate: names joined by commas, "" when not told
    std::string message;           ///< of the server; private
    bool transient = false;        ///< TransientTransactionError
    bool unknown_commit = false;   ///< UnknownTransactionCommitResult
};
template <class T>
using command_result = boost::system::result<T, command_fault>;
[[noreturn]] void throw_exception_from_error(command_fault const& fault,
                                             boost::source_location const& where);

inline constexpr std::int32_t duplicate_code = 11000;
/// Documents of a list the server sends at a time, as far as 16 MiB hold them.
inline constexpr int list_portion = 500;

/// A client of the pool, for one operation on one thread.
class mongo_client {
  public:
    mongo_client(mongoc_client_pool_t* pool, mongoc_client_t* client, std::string const& database)
        : pool_(pool), client_(client), database_(database) {}
    ~mongo_client() { mongoc_client_pool_push(pool_, client_); }
    mongo_client(mongo_client const&) = delete;
    mongo_client& operator=(mongo_client const&) = delete;

    /// Runs a command on the database; within the session's transaction when one is given. Outside
    /// of one the driver sends writes of one document again when their fate is unknown and the
    /// server can tell that it has done them.
    [[nodiscard]] command_result<bson_document> run(command_kind kind, bson_document const& command,
                                                    mongoc_client_session_t* session = nullptr,
                                                    std::uint32_t server = 0);
    /// All documents of a `find` or `aggregate`; stops when `each` says false.
    template <class Each>
    [[nodiscard]] command_result<void> query(bson_document const& command, Each each,
                                             mongoc_client_session_t* session = nullptr);
    [[nodiscard]] mongoc_client_t* get() { return client_; }

  private:
    [[nodiscard]] command_result<bson_document> send(command_kind kind,
                                                     bson_document const& command,
                                                     mongoc_client_session_t* session,
                                                     std::uint32_t server);
    /// The driver repeats by itself only writes that go through its own interface. Nothing when the
    /// command is no write of one document.
    [[nodiscard]] std::optional<command_result<bson_document>> write_single(
        bson_document const& command);
    /// One of several routers: what a list has still to give, only the router knows that began it.
    /// 0 when there is none.
    [[nodiscard]] command_result<std::uint32_t> router();
    [[nodiscard]] mongoc_cursor_t* open_cursor(bson_document& reply,
                                               mongoc_client_session_t* session,
                                               std::uint32_t server);
    mongoc_client_pool_t* pool_;
    mongoc_client_t* client_;
    std::string const& database_;
};

/// The connections to one deployment. Thread-safe.
class mongo_driver {
  public:
    /// Errors: `invalid` (the URL; its text is never repeated), `unavailable`.
    [[nodiscard]] static result<std::unique_ptr<mongo_driver>> create(
        driver_settings const& settings);
    ~mongo_driver();
    mongo_driver(mongo_driver const&) = delete;
    mongo_driver& operator=(mongo_driver const&) = delete;

    [[nodiscard]] mongo_client take();
    [[nodiscard]] std::string const& database() const { return database_; }

  private:
    mongo_driver(mongoc_client_pool_t* pool, std::string database)
        : pool_(pool), database_(std::move(database)) {}
    mongoc_client_pool_t* pool_;
    std::string database_;
};

[[nodiscard]] command_fault fault_of(command_kind kind, bson_t const* reply,
                                     bson_error_t const& failed);

class cursor_owner {
  public:
    explicit cursor_owner(mongoc_cursor_t* cursor) : cursor_(cursor) {}
    ~cursor_owner() { mongoc_cursor_destroy(cursor_); }
    cursor_owner(cursor_owner const&) = delete;
    cursor_owner& operator=(cursor_owner const&) = delete;
    [[nodiscard]] mongoc_cursor_t* get() { return cursor_; }

  private:
    mongoc_cursor_t* cursor_;
};

template <class Each>
command_result<void> mongo_client::query(bson_document const& command, Each each,
                                         mongoc_client_session_t* session) {
    std::uint32_t server = 0;
    if (session == nullptr) {
        auto const found = router();
        if (!found) return found.error();
        server = *found;
    }
    auto reply = run(command_kind::read, command, session, server);
    if (!reply) return std::move(reply).error();
    cursor_owner cursor(open_cursor(*reply, session, server));
    bson_t const* found = nullptr;
    while (mongoc_cursor_next(cursor.get(), &found))
        if (!each(bson_document(found))) return {};
    bson_error_t failed;
    bson_t const* told = nullptr;
    if (mongoc_cursor_error_document(cursor.get(), &failed, &told))
        return fault_of(command_kind::read, told, failed);
    return {};
}

}  // namespace store::mongo
}  // namespace cxb::inline v1
