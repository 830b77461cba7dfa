// What the wall clock does to the times in job rows. Rows carry moments of wall time, since other
// processes and later starts read them; a step of the clock (an operator, a time service) moves all
// of them against the present:
// - forward, every lease seems to have ended: those who live renew theirs before anybody looks;
// - back, what was due or leased seems to lie in the future: a row that was stamped later than now
//   was stamped by the clock before, and its times move as far as that stamp is ahead.
#include "server/common/jobs/job_runner_state.hpp"

namespace cxb::server {
namespace {

using wire::json_value;

constexpr milliseconds step_noticed{2000};
constexpr std::size_t rows_at_once = 200;

}  // namespace

void job_runner::state::look_at_clock(time_point now) {
    auto const steady = std::chrono::floor<milliseconds>(time.steady());
    auto const offset = to_epoch_ms(now) - steady.count();
    auto known = clock_offset.load();
    // The first look is at what an earlier process may have stamped.
    bool const first = known == 0;
    if (!first && std::abs(offset - known) < step_noticed.count()) return;
    // First of all: nobody may take a lease for ended until its holder had time to renew it.
    if (!first)
        next_expiry_check =
            (steady + std::chrono::duration_cast<milliseconds>(options.lease)).count();
    if (clock_offset.compare_exchange_strong(known, offset)) stepped = true;
}

store::async<void> job_runner::state::after_step() {
    if (!stepped.exchange(false)) co_return result<void>{};
    auto const now = time.now();
    co_await renew(now);
    for (auto const& [state, field] :
         {std::pair{job_state::queued, "run_at"}, std::pair{job_state::running, "lease_until"}}) {
        auto const done = co_await bring_back(state, field, now);
        if (done) continue;
        stepped = true;
        co_return done.error();
    }
    co_return result<void>{};
}

store::async<void> job_runner::state::bring_back(std::string state, std::string field,
                                                 time_point now) {
    store::find_options page;
    page.limit = rows_at_once;
    page.sort = {{field, false}};
    auto const ahead = store::all_of({store::eq("state", json_value(state)),
                                      store::gt(field, json_value(format_timestamp(now)))});
    for (;;) {
        CXB_CO_TRY(auto const found, co_await store.find(jobs, ahead, page));
        for (auto const& row : found.items) {
            auto const stamped = parse_timestamp(wire::text_at(row, "stamped_at"));
            auto const at = parse_timestamp(wire::text_at(row, field));
            if (!stamped || !at || *stamped <= now + step_noticed) continue;
            auto where = store::by_id(wire::text_at(row, store::id_field));
            where.all.push_back(store::eq("state", json_value(state)));
            where.all.push_back(store::eq(field, json_value(format_timestamp(*at))));
            CXB_CO_CHECK(co_await store.update_one(
                jobs, std::move(where),
                store::update{}
                    .set(field, json_value(format_timestamp(*at - (*stamped - now))))
                    .set("stamped_at", json_value(format_timestamp(now)))));
        }
        if (found.next.empty()) co_return result<void>{};
        page.after = found.next;
    }
}

}  // namespace cxb::server
