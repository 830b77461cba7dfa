#include "src/store/sqlite/connection.hpp"

#include <sqlite3.h>

#include <algorithm>
#include <array>
#include <thread>
#include <utility>

#include "src/store/sqlite/engine_error.hpp"

namespace cxb::inline v1 {
namespace store::sqlite {

namespace {

constexpr std::size_t cached_statements = 256;
constexpr int wal_mode_tries = 100;
constexpr std::chrono::milliseconds wal_mode_pause{20};
// The engine's own waits grow to 100 ms, too long for locks that are held for one transaction.
constexpr std::chrono::microseconds first_busy_pause{50};
constexpr std::chrono::microseconds longest_busy_pause{1000};
constexpr int instructions_between_looks = 10000;

using std::chrono::steady_clock;

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

// The library counts what it allocates under one lock of the whole process, for figures nobody asks
// for. It can only be told before its first use, so where somebody else was first it goes on.
void leave_memory_uncounted() {
    static int const once = sqlite3_config(SQLITE_CONFIG_MEMSTATUS, 0);
    (void)once;
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

statement::statement(connection& owner, kept_statement& kept) noexcept
    : owner_(&owner), kept_(&kept), prepared_(kept.prepared) {}

statement::statement(statement&& other) noexcept
    : owner_(other.owner_),
      kept_(std::exchange(other.kept_, nullptr)),
      prepared_(other.prepared_) {}

statement::~statement() {
    if (kept_ == nullptr) return;
    sqlite3_reset(prepared_);
    sqlite3_clear_bindings(prepared_);
    owner_->give_back(*kept_);
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
    leave_memory_uncounted();
    int const flags = SQLITE_OPEN_READWRITE | (settings_.create ? SQLITE_OPEN_CREATE : 0) |
                      SQLITE_OPEN_NOMUTEX | SQLITE_OPEN_EXRESCODE;
    auto const* const layer = settings_.on == nullptr ? nullptr : settings_.on->name();
    int const code = sqlite3_open_v2(settings_.path.c_str(), &handle_, flags, layer);
    auto opened = code == SQLITE_OK ? configure() : result<void>(failure(code));
    if (!opened) close();
    return opened;
}

result<void> connection::configure() {
    uses_triggers_ = true;
    wait_for_locks(settings_.busy_timeout);
    sqlite3_busy_handler(handle_, &connection::stay_waiting, this);
    // A misspelt "column" must be an error, not a text.
    sqlite3_db_config(handle_, SQLITE_DBCONFIG_DQS_DML, 0, nullptr);
    sqlite3_db_config(handle_, SQLITE_DBCONFIG_DQS_DDL, 0, nullptr);
    if (settings_.read_only) return configure_reader();
    CXB_CHECK(give_pages_back_later());
    CXB_CHECK(enter_wal_mode());
    return configure_log();
}

result<void> connection::configure_reader() {
    CXB_CHECK(enter_wal_mode());
    CXB_CHECK(configure_log());
    // Not where writes are: this release calls JSON functions unsafe, and our triggers use them.
    CXB_CHECK(execute("PRAGMA trusted_schema=OFF"));
    return execute("PRAGMA query_only=ON");
}

// How the file is laid out is decided with its first page. In a file made without this, freed
// pages are used again but never returned.
result<void> connection::give_pages_back_later() {
    CXB_TRY(auto const pages, pragma_value("page_count"));
    if (pages > 0) return {};
    return execute("PRAGMA auto_vacuum=INCREMENTAL");
}

result<void> connection::configure_log() {
    constexpr std::array pragmas{"PRAGMA synchronous=FULL", "PRAGMA wal_autocheckpoint=0",
                                 "PRAGMA temp_store=MEMORY", "PRAGMA cache_size=-16384",
                                 "PRAGMA journal_size_limit=67108864"};
    for (auto const* pragma : pragmas)
        CXB_CHECK(execute(pragma));
    auto const count_pages = [](void* self, sqlite3*, char const*, int pages) {
        static_cast<connection*>(self)->log_pages_ = pages;
        return SQLITE_OK;
    };
    sqlite3_wal_hook(handle_, count_pages, this);
    return {};
}

int connection::stay_waiting(void* self, int count) {
    auto& mine = *static_cast<connection*>(self);
    auto const now = steady_clock::now();
    if (count == 0) mine.busy_until_ = now + mine.lock_wait_;
    if (now >= mine.busy_until_) return 0;
    auto const pause = first_busy_pause * (1 << std::min(count, 5));
    std::this_thread::sleep_for(std::min(pause, longest_busy_pause));
    return 1;
}

void connection::wait_for_locks(std::chrono::milliseconds at_most) noexcept {
    lock_wait_ = at_most;
}

void connection::end_by(std::optional<steady_clock::time_point> moment) noexcept {
    end_by_ = moment;
    if (handle_ == nullptr) return;
    auto const late = [](void* self) {
        return steady_clock::now() >= *static_cast<connection*>(self)->end_by_ ? 1 : 0;
    };
    sqlite3_progress_handler(handle_, instructions_between_looks, moment ? +late : nullptr, this);
}

result<std::int64_t> connection::pragma_value(std::string_view name) {
    auto const text = "PRAGMA " + std::string(name);
    CXB_TRY(auto row, prepare(text));
    CXB_TRY(bool const any, row.step());
    return any ? row.integer(0) : 0;
}

void connection::use_triggers(bool wanted) noexcept {
    if (std::exchange(uses_triggers_, wanted) == wanted || handle_ == nullptr) return;
    sqlite3_db_config(handle_, SQLITE_DBCONFIG_ENABLE_TRIGGER, wanted ? 1 : 0, nullptr);
}

void connection::interrupt() noexcept {
    if (handle_ != nullptr) sqlite3_interrupt(handle_);
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

result<kept_statement*> connection::compile(std::string_view sql) {
    auto const found = by_sql_.find(sql);
    bool const known = found != by_sql_.end();
    if (known && !found->second->in_use) {
        recent_.splice(recent_.begin(), recent_, found->second);
        found->second->in_use = true;
        return &*found->second;
    }
    sqlite3_stmt* prepared = nullptr;
    int const code = sqlite3_prepare_v3(handle_, sql.data(), static_cast<int>(sql.size()),
                                        SQLITE_PREPARE_PERSISTENT, &prepared, nullptr);
    if (code != SQLITE_OK) return failure(code);
    auto& into = known ? twins_ : recent_;
    into.push_front({std::string(sql), prepared, true});
    if (!known) by_sql_.emplace(into.front().sql, into.begin());
    return &into.front();
}

result<statement> connection::prepare(std::string_view sql, std::span<sql_value const> values) {
    if (handle_ == nullptr) return error{errc::unavailable, "Store is not open"};
    CXB_TRY(auto* const kept, compile(sql));
    statement made(*this, *kept);
    int at = 0;
    for (auto const& value : values)
        if (int const code = bind(kept->prepared, ++at, value); code != SQLITE_OK)
            return failure(code);
    return made;
}

result<void> connection::execute(std::string_view sql, std::span<sql_value const> values) {
    CXB_TRY(auto prepared, prepare(sql, values));
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

result<log_state> connection::checkpoint(log_move how, std::chrono::milliseconds wait) {
    if (handle_ == nullptr) return error{errc::unavailable, "Store is not open"};
    constexpr std::array modes{SQLITE_CHECKPOINT_PASSIVE, SQLITE_CHECKPOINT_RESTART,
                               SQLITE_CHECKPOINT_TRUNCATE};
    log_state now;
    auto const usual = std::exchange(lock_wait_, wait);
    int const code = sqlite3_wal_checkpoint_v2(handle_, nullptr, modes[static_cast<int>(how)],
                                               &now.pages, &now.moved);
    lock_wait_ = usual;
    if (code == SQLITE_OK) return now;
    if ((code & 0xFF) != SQLITE_BUSY) return failure(code);
    now.busy = true;
    return now;
}

error connection::failure(int code) const {
    std::string message = handle_ != nullptr ? sqlite3_errmsg(handle_) : sqlite3_errstr(code);
    auto made = engine_error(code, std::move(message));
    if (made.code() == errc::corrupt_data && settings_.damage_seen != nullptr)
        *settings_.damage_seen = true;
    return made;
}

void connection::give_back(kept_statement& kept) noexcept {
    kept.in_use = false;
    for (auto at = twins_.begin(); at != twins_.end(); ++at) {
        if (&*at != &kept) continue;
        sqlite3_finalize(kept.prepared);
        twins_.erase(at);
        return;
    }
    if (recent_.size() > cached_statements) drop_oldest();
}

void connection::drop_oldest() noexcept {
    auto const& oldest = recent_.back();
    if (oldest.in_use) return;
    by_sql_.erase(oldest.sql);
    sqlite3_finalize(oldest.prepared);
    recent_.pop_back();
}

void connection::drop_cache() noexcept {
    by_sql_.clear();
    for (auto* list : {&recent_, &twins_}) {
        for (auto const& each : *list)
            sqlite3_finalize(each.prepared);
        list->clear();
    }
}

}  // namespace store::sqlite
}  // namespace cxb::inline v1
