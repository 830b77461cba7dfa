#include "src/store/mongo/commit_transaction.hpp"

#include <thread>

#include "src/store/mongo/document_writes.hpp"

namespace cxb::inline v1 {
namespace store::mongo {

namespace {

constexpr std::chrono::milliseconds first_pause{2};
constexpr std::chrono::milliseconds longest_pause{100};
// A taken key may belong to a document that was committed a moment after the snapshot.
constexpr int duplicate_tries = 3;

class session_owner {
  public:
    explicit session_owner(mongoc_client_session_t* session) : session_(session) {}
    ~session_owner() {
        if (session_ != nullptr) mongoc_client_session_destroy(session_);
    }
    session_owner(session_owner const&) = delete;
    session_owner& operator=(session_owner const&) = delete;
    [[nodiscard]] mongoc_client_session_t* get() { return session_; }

  private:
    mongoc_client_session_t* session_;
};

struct transaction_options {
    mongoc_transaction_opt_t* raw = mongoc_transaction_opts_new();

    transaction_options() {
        auto* const read = mongoc_read_concern_new();
        mongoc_read_concern_set_level(read, MONGOC_READ_CONCERN_LEVEL_SNAPSHOT);
        mongoc_transaction_opts_set_read_concern(raw, read);
        mongoc_read_concern_destroy(read);
        auto* const write = mongoc_write_concern_new();
        mongoc_write_concern_set_wmajority(write, 0);
        mongoc_transaction_opts_set_write_concern(raw, write);
        mongoc_write_concern_destroy(write);
        auto* const from = mongoc_read_prefs_new(MONGOC_READ_PRIMARY);
        mongoc_transaction_opts_set_read_prefs(raw, from);
        mongoc_read_prefs_destroy(from);
    }
    ~transaction_options() { mongoc_transaction_opts_destroy(raw); }
    transaction_options(transaction_options const&) = delete;
    transaction_options& operator=(transaction_options const&) = delete;
};

/// What one try came to.
struct attempt {
    enum class kind { done, again, taken, failed };
    kind what = kind::done;
    commit_outcome outcome;
    error cause;
};

bool is_transient(command_fault const& fault) {
    constexpr std::int32_t write_conflict = 112;
    return fault.transient || fault.server_code == write_conflict;
}

/// Brings one target into the store.
command_result<bson_document> store(workplace& at, batch_target const& target,
                                    bson_document const& after) {
    auto const id = id_filter(target.id);
    if (!target.before) return at.write(insert_command(target.in->name, {after}));
    if (!target.after) return at.write(delete_command(target.in->name, id, false));
    bool const same = after == *target.before;
    auto const count = bson_document().add("$inc", bson_document().add("_cxb.n", std::int64_t{1}));
    return at.write(update_command(target.in->name, id, same ? count : after));
}

attempt failed(command_fault fault) {
    if (is_transient(fault)) return {attempt::kind::again, {}, std::move(fault.cause)};
    // Within a transaction nothing is written before its commit.
    if (fault.cause.code() == errc::deadline_exceeded)
        return {attempt::kind::again, {}, error{errc::unavailable, "Store is not available"}};
    return {attempt::kind::failed, {}, std::move(fault.cause)};
}

/// Sends the commit until its fate is known.
attempt finish(workplace& at, mongoc_client_session_t* session) {
    for (auto pause = first_pause;; pause = std::min(pause * 2, longest_pause)) {
        bson_t reply;
        bson_error_t raw{};
        bool const done = mongoc_client_session_commit_transaction(session, &reply, &raw);
        auto fault = done ? command_fault{} : fault_of(command_kind::write, &reply, raw);
        bson_destroy(&reply);
        if (done) return {attempt::kind::done, {true, 0, {}, false}, {}};
        if (fault.transient) return {attempt::kind::again, {}, std::move(fault.cause)};
        bool const unknown = fault.unknown_commit || fault.server_code == 0;
        if (!unknown) return {attempt::kind::failed, {}, std::move(fault.cause)};
        if (at.late())
            return {attempt::kind::failed,
                    {},
                    error{errc::deadline_exceeded, "Store has not confirmed the batch"}
                        .with_request_sent(sent_state::maybe)};
        std::this_thread::sleep_for(pause);
    }
}

attempt write_targets(workplace& at, prepared_batch const& writes, batch_plan const& plan) {
    for (auto const& target : plan.targets) {
        if (!target.before && !target.after) continue;
        bson_document after;
        if (target.after) {
            auto made = to_bson(*target.in, *target.after);
            if (!made) return {attempt::kind::failed, {}, std::move(made).error()};
            after = *std::move(made);
        }
        auto done = store(at, target, after);
        if (done) continue;
        if (done.error().server_code == duplicate_code)
            return {attempt::kind::taken, failed_at(writes, target.write, true), {}};
        return failed(std::move(done).error());
    }
    return {};
}

attempt try_once(workplace& at, prepared_batch const& writes, mongoc_client_session_t* session,
                 batch_plan& plan) {
    auto planned = plan_batch(at, writes);
    if (!planned) {
        bool const passing = planned.error().code() == errc::unavailable;
        return {
            passing ? attempt::kind::again : attempt::kind::failed, {}, std::move(planned).error()};
    }
    plan = *std::move(planned);
    if (!plan.outcome.applied) return {attempt::kind::done, plan.outcome, {}};
    auto written = write_targets(at, writes, plan);
    if (written.what != attempt::kind::done) return written;
    return finish(at, session);
}

attempt run_transaction(workplace& at, prepared_batch const& writes, batch_plan& plan) {
    bson_error_t raw{};
    session_owner session(mongoc_client_start_session(at.client.get(), nullptr, &raw));
    if (session.get() == nullptr)
        return {attempt::kind::again, {}, error{errc::unavailable, "Store is not available"}};
    transaction_options const options;
    if (!mongoc_client_session_start_transaction(session.get(), options.raw, &raw))
        return {attempt::kind::failed, {}, fault_of(command_kind::read, nullptr, raw).cause};
    at.session = session.get();
    attempt made;
    try {
        made = try_once(at, writes, session.get(), plan);
    } catch (...) {
        at.session = nullptr;
        throw;
    }
    at.session = nullptr;
    if (mongoc_client_session_in_transaction(session.get()))
        (void)mongoc_client_session_abort_transaction(session.get(), &raw);
    return made;
}

}  // namespace

result<commit_outcome> commit_in_transaction(workplace& at, prepared_batch const& writes) {
    int taken = 0;
    for (auto pause = first_pause;; pause = std::min(pause * 2, longest_pause)) {
        batch_plan plan;
        auto made = run_transaction(at, writes, plan);
        if (made.what == attempt::kind::failed) return std::move(made.cause);
        if (made.what == attempt::kind::done) {
            if (made.outcome.applied)
                for (auto const& each : plan.targets)
                    at.touch(*each.in);
            return made.outcome;
        }
        bool const duplicate = made.what == attempt::kind::taken;
        if (duplicate && (++taken == duplicate_tries || at.late())) return made.outcome;
        if (at.late()) return std::move(made.cause);
        std::this_thread::sleep_for(pause);
    }
}

}  // namespace store::mongo
}  // namespace cxb::inline v1
