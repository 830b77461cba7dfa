#include "src/store/sqlite/connection.hpp"

#include <sqlite3.h>

#include <array>
#include <stdexcept>
#include <thread>
#include <utility>

namespace cxb::inline v1 {
namespace store::sqlite {

namespace {

constexpr std::size_t cached_statements = 256;
constexpr int wal_mode_tries = 100;
constexpr std::chrono::milliseconds wal_mode_pause{20};

/// `UNIQUE constraint failed: calls.bot_id, calls.version` -> `bot_id,version`.
std::string key_fields(std::string_view message) {
    std::string fields;
    auto const colon = message.find(": ");
    if (colon == std::string_view::npos) return fields;
    message.remove_prefix(colon + 2);
    while (!message.empty()) {
        auto const comma = message.find(", ");
        auto part = message.substr(0, comma);
        message.remove_prefix(comma == std::string_view::npos ? message.size() : comma + 2);
        auto const dot = part.find('.');
        if (dot != std::string_view::npos) part.remove_prefix(dot + 1);
        if (!fields.empty()) fields += ',';
        fields += part == "id" ? "_id" : part;
    }
    return fields;
}

error engine_error(int code, std::string message) {
    switch (code & 0xFF) {
        case SQLITE_CONSTRAINT:
            if (code == SQLITE_CONSTRAINT_UNIQUE || code == SQLITE_CONSTRAINT_PRIMARYKEY)
                return error{errc::conflict, "Already exists"}
                    .with_reason("duplicate_key")
                    .with_pointer(key_fields(message));
            break;
        case SQLITE_CORRUPT:
        case SQLITE_NOTADB:
            return error{errc::corrupt_data, "Stored data is damaged"}.with_note(
                {std::move(message)});
        case SQLITE_TOOBIG:
            return error{errc::too_large, "Document is too large"}.with_note({std::move(message)});
        case SQLITE_ERROR:
        case SQLITE_MISUSE:
        case SQLITE_RANGE:
        case SQLITE_MISMATCH:
            throw std::logic_error("sqlite: " + message);
        default:
            break;
    }
    return error{errc::unavailable, "Store is not available"}
        .with_retry_after(std::chrono::seconds{1})
        .with_note({message + " (sqlite " + std::to_string(code) + ")"});
}

int bind(sqlite3_stmt* prepared, int at, sql_value const& value) {
    if (auto const* whole = std::get_if<std::int64_t>(&value))
        return sqlite3_bind_int64(prepared, at, *whole);
    if (auto const* number = std::get_if<double>(&value))
        return sqlite3_bind_double(prepared, at, *number);
    if (auto const* text = std::get_if<std::string>(&value))
        return sqlite3_bind_text64(prepared, at, text->data(), text->size(), SQLITE_STATIC,
                                   SQLITE_UTF8);
    return sqlite3_bind_null(prepared, at);
}

}  // namespace

std::string quoted(std::string_view name) {
    std::string out = "\"";
    for (char const each : name)
        out.append(each == '"' ? 2 : 1, each);
    return out + '"';
}

std::string literal(std::string_view text) {
    std::string out = "'";
    for (char const each : text)
        out.append(each == '\'' ? 2 : 1, each);
    return out + '\'';
}

statement::statement(connection& owner, std::string sql, sqlite3_stmt* prepared) noexcept
    : owner_(&owner), sql_(std::move(sql)), prepared_(prepared) {}

statement::statement(statement&& other) noexcept
    : owner_(other.owner_),
      sql_(std::move(other.sql_)),
      prepared_(std::exchange(other.prepared_, nullptr)) {}

statement::~statement() {
    if (prepared_ == nullptr) return;
    sqlite3_reset(prepared_);
    sqlite3_clear_bindings(prepared_);
    owner_->give_back(std::move(sql_), prepared_);
}

result<bool> statement::step() {
    int const code = sqlite3_step(prepared_);
    if (code == SQLITE_ROW) return true;
    if (code == SQLITE_DONE) return false;
    return owner_->failure(code);
}

result<void> statement::run() {
    for (;;) {
        CXB_TRY(bool const row, step());
        if (!row) return {};
    }
}

std::int64_t statement::integer(int column) const {
    return sqlite3_column_int64(prepared_, column);
}

double statement::real(int column) const {
    return sqlite3_column_double(prepared_, column);
}

std::string_view statement::text(int column) const {
    auto const* bytes = reinterpret_cast<char const*>(sqlite3_column_text(prepared_, column));
    if (bytes == nullptr) return {};
    return {bytes, static_cast<std::size_t>(sqlite3_column_bytes(prepared_, column))};
}

sql_value statement::value(int column) const {
    switch (sqlite3_column_type(prepared_, column)) {
        case SQLITE_INTEGER:
            return integer(column);
        case SQLITE_FLOAT:
            return real(column);
        case SQLITE_TEXT:
            return std::string(text(column));
        default:
            return {};
    }
}

connection::connection(connection_settings settings) : settings_(std::move(settings)) {}

connection::~connection() {
    close();
}

result<void> connection::open() {
    close();
    int const flags =
        SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE | SQLITE_OPEN_NOMUTEX | SQLITE_OPEN_EXRESCODE;
    int const code = sqlite3_open_v2(settings_.path.c_str(), &handle_, flags, nullptr);
    auto opened = code == SQLITE_OK ? configure() : result<void>(failure(code));
    if (!opened) close();
    return opened;
}

result<void> connection::configure() {
    sqlite3_busy_timeout(handle_, static_cast<int>(settings_.busy_timeout.count()));
    // A misspelt "column" must be an error, not a text.
    sqlite3_db_config(handle_, SQLITE_DBCONFIG_DQS_DML, 0, nullptr);
    sqlite3_db_config(handle_, SQLITE_DBCONFIG_DQS_DDL, 0, nullptr);
    CXB_CHECK(enter_wal_mode());
    constexpr std::array pragmas{"PRAGMA synchronous=FULL",
                                 "PRAGMA wal_autocheckpoint=0",
                                 "PRAGMA temp_store=MEMORY",
                                 "PRAGMA cache_size=-16384",
                                 "PRAGMA journal_size_limit=67108864",
                                 "PRAGMA trusted_schema=OFF"};
    for (auto const* pragma : pragmas)
        CXB_CHECK(execute(pragma));
    auto const count_pages = [](void* self, sqlite3*, char const*, int pages) {
        static_cast<connection*>(self)->log_pages_ = pages;
        return SQLITE_OK;
    };
    sqlite3_wal_hook(handle_, count_pages, this);
    if (settings_.read_only) CXB_CHECK(execute("PRAGMA query_only=ON"));
    return {};
}

// Several processes may turn the mode on at once; the engine does not wait in this one place.
result<void> connection::enter_wal_mode() {
    for (int tries = 1;; ++tries) {
        auto done = ask_for_wal_mode();
        if (done || done.error().code() != errc::unavailable || tries == wal_mode_tries)
            return done;
        std::this_thread::sleep_for(wal_mode_pause);
    }
}

result<void> connection::ask_for_wal_mode() {
    CXB_TRY(auto row, prepare("PRAGMA journal_mode=WAL"));
    CXB_TRY(bool const any, row.step());
    if (any && row.text(0) == "wal") return {};
    // The engine keeps the old mode without an error; readers would then stop the writer.
    return error{errc::unavailable, "Store is not available"}.with_note(
        {"no write-ahead log is possible here"});
}

void connection::close() noexcept {
    drop_cache();
    if (handle_ != nullptr) sqlite3_close_v2(std::exchange(handle_, nullptr));
}

result<sqlite3_stmt*> connection::compile(std::string const& sql) {
    if (auto const found = by_sql_.find(sql); found != by_sql_.end()) {
        auto* prepared = found->second->prepared;
        auto const entry = found->second;
        by_sql_.erase(found);
        recent_.erase(entry);
        return prepared;
    }
    sqlite3_stmt* prepared = nullptr;
    int const code = sqlite3_prepare_v3(handle_, sql.data(), static_cast<int>(sql.size()),
                                        SQLITE_PREPARE_PERSISTENT, &prepared, nullptr);
    if (code != SQLITE_OK) return failure(code);
    return prepared;
}

result<statement> connection::prepare(std::string sql, std::span<sql_value const> values) {
    if (handle_ == nullptr) return error{errc::unavailable, "Store is not open"};
    CXB_TRY(auto* prepared, compile(sql));
    statement made(*this, std::move(sql), prepared);
    int at = 0;
    for (auto const& value : values)
        if (int const code = bind(prepared, ++at, value); code != SQLITE_OK) return failure(code);
    return made;
}

result<void> connection::execute(std::string sql, std::span<sql_value const> values) {
    CXB_TRY(auto prepared, prepare(std::move(sql), values));
    return prepared.run();
}

std::int64_t connection::changes() const noexcept {
    return sqlite3_changes64(handle_);
}

std::int64_t connection::total_changes() const noexcept {
    return sqlite3_total_changes64(handle_);
}

bool connection::in_transaction() const noexcept {
    return handle_ != nullptr && sqlite3_get_autocommit(handle_) == 0;
}

result<void> connection::checkpoint() {
    if (handle_ == nullptr) return error{errc::unavailable, "Store is not open"};
    int const code =
        sqlite3_wal_checkpoint_v2(handle_, nullptr, SQLITE_CHECKPOINT_PASSIVE, nullptr, nullptr);
    if (code == SQLITE_OK) return {};
    return error{errc::unavailable, "Store is not available"}.with_note({sqlite3_errstr(code)});
}

error connection::failure(int code) const {
    std::string message = handle_ != nullptr ? sqlite3_errmsg(handle_) : sqlite3_errstr(code);
    return engine_error(code, std::move(message));
}

void connection::give_back(std::string sql, sqlite3_stmt* prepared) noexcept {
    if (by_sql_.contains(sql)) {
        sqlite3_finalize(prepared);
        return;
    }
    recent_.push_front({std::move(sql), prepared});
    by_sql_.emplace(recent_.front().sql, recent_.begin());
    if (recent_.size() <= cached_statements) return;
    by_sql_.erase(recent_.back().sql);
    sqlite3_finalize(recent_.back().prepared);
    recent_.pop_back();
}

void connection::drop_cache() noexcept {
    by_sql_.clear();
    for (auto const& each : recent_)
        sqlite3_finalize(each.prepared);
    recent_.clear();
}

}  // namespace store::sqlite
}  // namespace cxb::inline v1
