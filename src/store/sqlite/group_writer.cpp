#include "src/store/sqlite/group_writer.hpp"

#include <algorithm>

namespace cxb::inline v1 {
namespace store::sqlite {

namespace {

// The log keeper normally keeps up. When it does not, because writes never pause, the writer moves
// the rest itself: only without a writer can the log start again from its beginning.
constexpr int own_checkpoint_pages = 16384;
constexpr int own_checkpoint_step = 4096;

}  // namespace

group_writer::group_writer(writer_settings settings)
    : settings_(std::move(settings)),
      queue_(settings_.queue),
      db_(settings_.file),
      next_own_checkpoint_(own_checkpoint_pages) {}

group_writer::~group_writer() {
    close();
}

result<void> group_writer::start() {
    CXB_CHECK(db_.open());
    thread_ = std::thread([this] { loop(); });
    return {};
}

result<void> group_writer::push(std::shared_ptr<operation> added) {
    return queue_.push(std::move(added));
}

void group_writer::close() {
    queue_.close();
    if (thread_.joinable()) thread_.join();
    db_.close();
}

void group_writer::loop() {
    for (;;) {
        auto taken = queue_.pop(settings_.group);
        if (taken.empty()) return;
        write(taken);
    }
}

void group_writer::write(group const& taken) {
    bool const done = write_together(taken);
    bool const one_by_one = !done && begun_ && taken.size() > 1;
    for (auto const& each : taken) {
        // Where not even a transaction can be begun, the others need not wait for the same.
        if (one_by_one && begun_) (void)write_together({each});
        each->finish();
    }
    if (done) keep_log_short();
}

// False: everything was taken back and every operation has failed.
bool group_writer::write_together(group const& taken) {
    std::vector<collection const*> touched;
    result<void> done;
    try {
        done = run_all(taken, touched);
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
        for (auto const& each : taken)
            each->fail(done.error());
    }
    return done.has_value();
}

result<void> group_writer::run_all(group const& taken, std::vector<collection const*>& touched) {
    begun_ = false;
    if (broken_) CXB_CHECK(db_.open());
    broken_ = false;
    CXB_CHECK(db_.execute("BEGIN IMMEDIATE"));
    begun_ = true;
    auto const before = db_.total_changes();
    for (auto const& each : taken)
        if (!each->abandoned()) CXB_CHECK(run_one(*each, touched));
    if (db_.total_changes() == before) return db_.execute("COMMIT");
    return commit();
}

result<void> group_writer::run_one(operation& each, std::vector<collection const*>& touched) {
    CXB_CHECK(db_.execute("SAVEPOINT one"));
    workplace at{db_, {}, false};
    bool const keep = each.run(at);
    // A full disk or an I/O error can make the engine undo the whole transaction, and with it what
    // the operations before this one did.
    if (!db_.in_transaction())
        return error{errc::unavailable, "Store is not available"}
            .with_retry_after(std::chrono::seconds{1})
            .with_note({"the engine undid a whole transaction"});
    if (!keep) CXB_CHECK(db_.execute("ROLLBACK TO one"));
    CXB_CHECK(db_.execute("RELEASE one"));
    if (!keep) return {};
    for (auto const* changed : at.touched)
        if (std::find(touched.begin(), touched.end(), changed) == touched.end())
            touched.push_back(changed);
    return {};
}

result<void> group_writer::commit() {
    if (settings_.commit_delay.count() > 0) std::this_thread::sleep_for(settings_.commit_delay);
    auto const start = std::chrono::steady_clock::now();
    auto done = db_.execute("COMMIT");
    std::chrono::nanoseconds const took = std::chrono::steady_clock::now() - start;
    if (!done) return done;
    ++counters_.commits;
    counters_.commit_nanoseconds += took.count();
    if (settings_.on_commit) settings_.on_commit(took);
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

void group_writer::keep_log_short() {
    int const pages = db_.log_pages();
    if (settings_.on_log) settings_.on_log(pages);
    if (pages < own_checkpoint_pages) next_own_checkpoint_ = own_checkpoint_pages;
    if (pages < next_own_checkpoint_) return;
    next_own_checkpoint_ = pages + own_checkpoint_step;
    (void)db_.checkpoint();
}

}  // namespace store::sqlite
}  // namespace cxb::inline v1
