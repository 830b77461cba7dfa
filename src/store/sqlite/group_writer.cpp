#include "src/store/sqlite/group_writer.hpp"

#include <algorithm>
#include <boost/asio/post.hpp>

#include "src/base/fail_point.hpp"

namespace cxb::inline v1 {
namespace store::sqlite {

namespace {

// The log keeper normally keeps up. When it does not, because writes never pause or readers never
// leave, the log is made to begin anew here, between two commits; so much later once more.
constexpr int pages_to_next_try = 4096;

using std::chrono::steady_clock;

/// Wakes the writer when the loop comes to it, or is destroyed before that.
struct wake_at_end {
    std::shared_ptr<operation_queue> queue;

    explicit wake_at_end(std::shared_ptr<operation_queue> given) : queue(std::move(given)) {}
    wake_at_end(wake_at_end&&) noexcept = default;
    ~wake_at_end() {
        if (queue) queue->wake();
    }
    void operator()() const {}
};

}  // namespace

group_writer::group_writer(writer_settings settings)
    : settings_(std::move(settings)),
      queue_(std::make_shared<operation_queue>(settings_.queue)),
      db_(settings_.file),
      triggers_(db_),
      next_restart_(settings_.most_log_pages),
      linger_(settings_.linger),
      pages_(settings_.pages) {}

group_writer::~group_writer() {
    close();
}

result<void> group_writer::start() {
    CXB_CHECK(db_.open());
    thread_ = std::thread([this] { loop(); });
    return {};
}

result<void> group_writer::push(std::shared_ptr<operation> added,
                                boost::asio::any_io_executor const& executor) {
    auto const* const loop = &boost::asio::query(executor, boost::asio::execution::context);
    CXB_TRY(bool const owed, queue_->push_from(loop, std::move(added)));
    if (owed) boost::asio::post(executor, wake_at_end{queue_});
    return {};
}

void group_writer::close() {
    queue_->close();
    if (thread_.joinable()) thread_.join();
    db_.close();
}

void group_writer::loop() {
    for (;;) {
        wait_for_work();
        linger();
        auto taken = queue_->pop(settings_.group);
        if (taken.empty()) return;
        write(taken);
        if (pages_.due_under_load(steady_clock::now())) return_pages();
    }
}

// A pause in the writes is used to return free pages.
void group_writer::wait_for_work() {
    for (;;) {
        auto const due = pages_.due_in_quiet();
        auto const until = due ? *due : steady_clock::now() + std::chrono::hours{1};
        if (queue_->wait_for(1, until) > 0 || queue_->closed()) return;
        if (due) return_pages();
    }
}

void group_writer::linger() {
    auto const start = steady_clock::now();
    auto const queued = queue_->depth();
    if (queued == 0 || queued >= settings_.group.count) return;
    auto const wanted = linger_.ask(queued, settings_.group.count, start);
    if (!wanted) return;
    auto const found = queue_->wait_for(wanted->writes, wanted->until);
    auto const took = steady_clock::now() - start;
    linger_.waited(queued, found, took);
    ++counters_.lingers;
    counters_.linger_nanoseconds += std::chrono::nanoseconds(took).count();
}

void group_writer::return_pages() {
    bool const wanted = pages_.wants_step(db_, steady_clock::now());
    counters_.free_pages = pages_.free_pages();
    if (!wanted) return;
    auto const done = vacuum_step();
    if (db_.in_transaction()) recover();
    pages_.stepped(db_, done.has_value(), steady_clock::now());
    counters_.free_pages = pages_.free_pages();
    if (done) keep_log_short(db_.log_pages());
}

result<void> group_writer::vacuum_step() {
    // The next write opens the file again.
    if (broken_) return error{errc::unavailable, "Store is not open"};
    try {
        CXB_CHECK(begin(std::chrono::milliseconds{0}));
        CXB_CHECK(pages_.step(db_));
        return db_.execute("COMMIT");
    } catch (std::exception const& fault) {
        return error{errc::internal, "Store failed"}.with_note({fault.what()});
    }
}

void group_writer::write(group const& taken) {
    bool done = write_together(taken);
    bool const one_by_one = !done && begun_ && taken.size() > 1;
    for (auto const& each : taken) {
        // Where not even a transaction can be begun, the others need not wait for the same.
        if (one_by_one && begun_) done = write_together({each}) || done;
        each->finish();
    }
    if (done) after_commit();
}

// False: everything was taken back and every operation has failed.
bool group_writer::write_together(group const& taken) {
    std::vector<collection const*> touched;
    result<bool> done = false;
    try {
        done = run_all(taken, undo_by::transaction, touched);
        if (done && !*done) done = run_all(taken, undo_by::savepoint, touched);
    } catch (std::exception const& fault) {
        done = error{errc::internal, "Store failed"}.with_note({fault.what()});
    }
    if (done) {
        counters_.writes += taken.size();
        counters_.max_group = std::max<std::uint64_t>(counters_.max_group, taken.size());
        if (!touched.empty() && settings_.on_change) settings_.on_change(touched);
    } else {
        ++counters_.failed_groups;
        recover();
        auto const cause = done.error();
        for (auto const& each : taken)
            each->fail(cause);
    }
    return done.has_value();
}

// False: an operation that failed had changed something, so all is taken back.
result<bool> group_writer::run_all(group const& taken, undo_by how,
                                   std::vector<collection const*>& touched) {
    touched.clear();
    begun_ = false;
    if (broken_) {
        triggers_.schema_changed();
        CXB_CHECK(db_.open());
    }
    broken_ = false;
    CXB_CHECK(begin(settings_.file.busy_timeout));
    begun_ = true;
    CXB_CHECK(triggers_.begun());
    auto const before = db_.total_changes();
    for (auto const& each : taken) {
        if (each->abandoned()) continue;
        CXB_TRY(bool const clean, run_one(*each, how, touched));
        if (clean) continue;
        CXB_CHECK(db_.execute("ROLLBACK"));
        return false;
    }
    bool const changed = db_.total_changes() != before;
    CXB_CHECK(changed ? commit(taken.size()) : db_.execute("COMMIT"));
    return true;
}

// The turn is kept only until the engine's lock is held: whoever wrote last stands behind those who
// wait for theirs.
result<void> group_writer::begin(std::chrono::milliseconds wait) {
    if (settings_.turns != nullptr) CXB_CHECK(settings_.turns->take_turn(wait));
    db_.wait_for_locks(wait);
    auto begun = db_.execute("BEGIN IMMEDIATE");
    db_.wait_for_locks(settings_.file.busy_timeout);
    if (settings_.turns != nullptr) settings_.turns->pass_turn();
    return begun;
}

// A savepoint costs a copy of every page that is changed in it, and few operations fail: so they
// get one only when one of their group has to be taken back. False: this one has to be.
result<bool> group_writer::run_one(operation& each, undo_by how,
                                   std::vector<collection const*>& touched) {
    bool const saved = how == undo_by::savepoint;
    if (saved) CXB_CHECK(db_.execute("SAVEPOINT one"));
    auto const before = db_.total_changes();
    workplace at{db_};
    at.triggers = &triggers_;
    bool const keep = each.run(at) && !at.undo;
    if (at.changes_schema) triggers_.schema_changed();
    // A full disk or an I/O error can make the engine undo the whole transaction, and with it what
    // the operations before this one did.
    if (!db_.in_transaction())
        return error{errc::unavailable, "Store is not available"}
            .with_retry_after(std::chrono::seconds{1})
            .with_note({"the engine undid a whole transaction"});
    if (!keep && !saved) return !at.changes_schema && db_.total_changes() == before;
    if (!keep) CXB_CHECK(db_.execute("ROLLBACK TO one"));
    if (saved) CXB_CHECK(db_.execute("RELEASE one"));
    if (!keep) return true;
    for (auto const* changed : at.touched)
        if (std::find(touched.begin(), touched.end(), changed) == touched.end())
            touched.push_back(changed);
    return true;
}

result<void> group_writer::commit(std::size_t writes) {
    auto const start = steady_clock::now();
    CXB_FAIL_POINT("store.group.before_commit");
    CXB_CHECK(db_.execute("COMMIT"));
    CXB_FAIL_POINT("store.group.committed");
    auto const end = steady_clock::now();
    std::chrono::nanoseconds const took = end - start;
    ++counters_.commits;
    counters_.commit_nanoseconds += took.count();
    linger_.committed(writes, took, queue_->depth(), end);
    if (settings_.on_commit) settings_.on_commit(took, writes);
    return {};
}

void group_writer::recover() noexcept {
    broken_ = true;
    try {
        if (db_.in_transaction()) (void)db_.execute("ROLLBACK");
    } catch (std::exception const&) {
        db_.close();
    }
}

void group_writer::after_commit() {
    pages_.wrote(db_, steady_clock::now());
    counters_.free_pages = pages_.free_pages();
    keep_log_short(db_.log_pages());
}

void group_writer::keep_log_short(int pages) {
    counters_.log_pages = pages;
    if (settings_.on_log) settings_.on_log(pages);
    if (pages < settings_.most_log_pages) next_restart_ = settings_.most_log_pages;
    if (pages < next_restart_) return;
    auto const now = db_.checkpoint(log_move::restart, settings_.reader_wait);
    // While the log keeper moves pages, the next commit tries again.
    if (now && now->pages < 0) return;
    next_restart_ = pages + pages_to_next_try;
    ++(now && !now->busy ? counters_.log_restarts : counters_.held_restarts);
}

}  // namespace store::sqlite
}  // namespace cxb::inline v1
