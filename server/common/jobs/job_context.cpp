#include "server/common/jobs/job_context.hpp"

#include <algorithm>

namespace cxb::server {
namespace {

using wire::json_value;

constexpr milliseconds first_wait{30'000};
constexpr milliseconds longest_wait{3'600'000};

milliseconds default_wait(std::int64_t attempt, random_source& random) {
    auto const doublings = std::clamp<std::int64_t>(attempt - 1, 0, 10);
    milliseconds const wait = std::min(milliseconds(first_wait * (1LL << doublings)), longest_wait);
    return milliseconds(
        static_cast<std::int64_t>(static_cast<double>(wait.count()) * random.uniform(0.8, 1.2)));
}

}  // namespace

job_verdict job_verdict::done(int status) {
    job_verdict made;
    made.status = status;
    return made;
}

job_verdict job_verdict::retry(std::optional<milliseconds> after, int status, std::string error) {
    job_verdict made;
    made.what = outcome::retry;
    made.after = after;
    made.status = status;
    made.error = std::move(error);
    return made;
}

job_verdict job_verdict::dead(int status, std::string error) {
    job_verdict made;
    made.what = outcome::dead;
    made.status = status;
    made.error = std::move(error);
    return made;
}

job_verdict job_verdict::put_back(time_point run_at) {
    job_verdict made;
    made.what = outcome::put_back;
    made.run_at = run_at;
    return made;
}

job_verdict job_verdict::settled() {
    job_verdict made;
    made.what = outcome::settled;
    return made;
}

job_context::job_context(std::shared_ptr<claimed_job> job, store::document_store& store,
                         clock const& time, random_source& random)
    : job_(std::move(job)), store_(&store), time_(&time), random_(&random) {}

std::string_view job_context::kind() const noexcept {
    return wire::text_at(job_->row, "kind");
}

std::string_view job_context::key() const noexcept {
    return wire::text_at(job_->row, "key");
}

store::json_object const& job_context::payload() const noexcept {
    static store::json_object const none;
    auto const* found = job_->row.if_contains("payload");
    return found != nullptr && found->is_object() ? found->get_object() : none;
}

std::int64_t job_context::attempt() const noexcept {
    return wire::int_at(job_->row, "attempts");
}

std::int64_t job_context::max_attempts() const noexcept {
    return wire::int_at(job_->row, "max_attempts");
}

store::filter job_context::held() const {
    return store::all_of({store::eq(store::id_field, json_value(job_->id)),
                          store::eq("state", job_state::running), store::eq("fence", job_->fence)});
}

store::update job_context::ending(job_verdict const& verdict) const {
    using enum job_verdict::outcome;
    auto const now = time_->now();
    auto changes = verdict.changes;
    changes.unset("lease_owner").unset("lease_until");
    changes.set("stamped_at", json_value(format_timestamp(now)));
    if (verdict.what == put_back)
        return changes.set("state", job_state::queued)
            .set("run_at", json_value(format_timestamp(verdict.run_at)))
            .inc("attempts", -1);
    auto const took =
        std::chrono::duration_cast<milliseconds>(time_->steady() - job_->began_steady);
    store::json_object entry{{"at", json_value(format_timestamp(job_->began))},
                             {"status", verdict.status},
                             {"ms", took.count()}};
    if (!verdict.error.empty()) entry["error"] = verdict.error;
    changes.push("history", std::move(entry), job_history);
    if (verdict.what == done)
        return changes.set("state", job_state::done)
            .set("done_at", json_value(format_timestamp(now)))
            .unset("last_error");
    changes.set("last_error", json_value(verdict.error));
    if (verdict.what == dead || attempt() >= max_attempts())
        return changes.set("state", job_state::dead)
            .set("done_at", json_value(format_timestamp(now)));
    auto const wait = verdict.after ? *verdict.after : default_wait(attempt(), *random_);
    return changes.set("state", job_state::queued)
        .set("run_at", json_value(format_timestamp(now + wait)));
}

store::async<bool> job_context::reload() {
    CXB_CO_TRY(auto found, co_await store_->find_one(jobs, held()));
    if (!found) {
        job_->lost = true;
        co_return false;
    }
    job_->row = *std::move(found);
    co_return true;
}

store::async<save_result> job_context::write(store::filter where, store::update changes,
                                             store::batch together) {
    auto const applied = changes;
    store::batch all;
    all.update_one(jobs, std::move(where), std::move(changes), "lease");
    for (auto& each : together.writes())
        all.writes().push_back(std::move(each));
    CXB_CO_TRY(auto const outcome, co_await store_->commit(std::move(all)));
    if (outcome.applied) {
        applied.apply(job_->row, false);
        co_return save_result::saved;
    }
    CXB_CO_TRY(bool const still_held, co_await reload());
    co_return still_held ? save_result::unmet : save_result::lost;
}

store::async<save_result> job_context::save(store::update changes,
                                            std::vector<store::condition> only_if,
                                            store::batch together) {
    auto where = held();
    for (auto& each : only_if)
        where.all.push_back(std::move(each));
    co_return co_await write(std::move(where), std::move(changes), std::move(together));
}

store::async<save_result> job_context::finish(job_verdict verdict) {
    auto changes = ending(verdict);
    co_return co_await write(held(), std::move(changes), std::move(verdict.together));
}

store::async<bool> job_context::renew(time_point until) {
    CXB_CO_TRY(bool const still_held,
               co_await store_->update_one(
                   jobs, held(),
                   store::update{}
                       .set("lease_until", json_value(format_timestamp(until)))
                       .set("stamped_at", json_value(format_timestamp(time_->now())))));
    if (!still_held) job_->lost = true;
    co_return still_held;
}

store::async<bool> job_context::release(time_point now) {
    auto changes = store::update{}
                       .set("state", job_state::queued)
                       .set("run_at", json_value(format_timestamp(now)))
                       .set("stamped_at", json_value(format_timestamp(now)))
                       .unset("lease_owner")
                       .unset("lease_until");
    job_->lost = true;
    co_return co_await store_->update_one(jobs, held(), std::move(changes));
}

}  // namespace cxb::server
