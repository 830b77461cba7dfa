#include "src/store/mongo/commit_protocol.hpp"

#include <algorithm>
#include <set>
#include <thread>

#include "cxb/base/ids.hpp"
#include "src/store/mongo/batch_places.hpp"
#include "src/store/mongo/document_writes.hpp"

namespace cxb::inline v1 {
namespace store::mongo {

namespace {

constexpr std::size_t largest_record = 15 * 1024 * 1024;
constexpr std::chrono::milliseconds first_pause{1};
constexpr std::chrono::milliseconds longest_pause{50};

/// One try of a batch.
class protocol_run {
  public:
    protocol_run(workplace& at, prepared_batch const& writes, step_hook const& on_step)
        : at_(at), writes_(writes), on_step_(on_step), batch_(new_uuid7()) {}

    /// No outcome: somebody was in the way; to be tried again.
    result<std::optional<commit_outcome>> run() {
        CXB_TRY(plan_, plan_batch(at_, writes_));
        if (!plan_.outcome.applied) return plan_.outcome;
        drop_idle();
        if (plan_.targets.empty()) return commit_outcome{true, 0, {}, false};
        CXB_CHECK(encode());
        auto prepared = prepare();
        if (!prepared) {
            give_up();
            return as_unwritten(std::move(prepared).error());
        }
        if (*prepared != progress::ready) {
            CXB_CHECK(take_back());
            if (*prepared == progress::taken) return failed_at(writes_, failed_, true);
            return std::nullopt;
        }
        return decide_and_apply();
    }

    void touch() const {
        for (auto const& each : plan_.targets)
            at_.touch(*each.in);
    }

  private:
    enum class progress { ready, again, taken };

    void step(std::string_view name) const {
        if (on_step_) on_step_(name);
    }

    /// Documents the batch inserted and removed again.
    void drop_idle() {
        std::erase_if(plan_.targets, [](auto const& each) { return !each.before && !each.after; });
        std::sort(plan_.targets.begin(), plan_.targets.end(),
                  [](auto const& left, auto const& right) {
                      return std::pair(left.in->name, std::string_view(left.id)) <
                             std::pair(right.in->name, std::string_view(right.id));
                  });
    }

    result<void> encode() {
        std::size_t bytes = 0;
        for (auto const& each : plan_.targets) {
            collections_.emplace(each.in->name);
            bson_document made;
            if (each.after) {
                CXB_TRY(made, to_bson(*each.in, *each.after));
            }
            if (each.before) bytes += made.bytes() + 256;
            after_.push_back(std::move(made));
        }
        if (bytes > largest_record)
            return error{errc::too_large,
                         "A batch's changed documents are together over 15 MiB, the limit of a "
                         "server without transactions"};
        return {};
    }

    bson_document record() const {
        bson_document names;
        int place = 0;
        for (auto const& each : collections_)
            names.add(std::to_string(place++), each);
        return bson_document().add("_id", batch_).add("state", "preparing").add_list("in", names);
    }

    result<progress> prepare() {
        step("record");
        CXB_MONGO_CHECK(at_.write(insert_command(commit_collection, {record()})));
        for (auto& each : plan_.targets) {
            if (!each.before) continue;
            CXB_TRY(auto const held, lock(each));
            if (held != progress::ready) return held;
        }
        for (auto const& each : places_of(plan_, after_, batch_)) {
            CXB_TRY(auto const placed, place(each));
            if (placed != progress::ready) return placed;
        }
        return progress::ready;
    }

    result<progress> lock(batch_target const& target) {
        step("lock");
        auto const in = target.in->name;
        auto const id = id_filter(target.id);
        auto const mark = bson_document().add("_cxb.c", bson_document().add("id", batch_));
        CXB_MONGO_TRY(auto const reply,
                      at_.write(bson_document()
                                    .add("findAndModify", in)
                                    .add("query", if_free(id))
                                    .add("update", bson_document().add("$set", mark))));
        auto const found = reply.at("value");
        if (found == *target.before) return progress::ready;
        if (found.empty()) {
            CXB_TRY(auto const holder, batch_locks::holder_of(at_, in, id));
            if (holder) blocker_ = {std::string(in), *holder};
        }
        return progress::again;
    }

    result<progress> place(batch_place const& made) {
        step("place");
        auto const& target = plan_.targets[made.target];
        auto const own = both(id_filter(target.id), bson_document().add("_cxb.c.id", batch_));
        auto const reply = at_.write(made.is_new ? insert_command(target.in->name, {made.form})
                                                 : update_command(target.in->name, own, made.form));
        if (reply && !made.is_new && reply->int_at("n") == 0) return progress::again;
        if (reply) return progress::ready;
        if (reply.error().server_code != duplicate_code) return reply.error().cause;
        CXB_TRY(auto const holder, batch_locks::holder_of_keys(at_, target.in->name, batch_));
        failed_ = target.write;
        if (!holder) return progress::taken;
        blocker_ = {std::string(target.in->name), *holder};
        return progress::again;
    }

    bson_document decision() const {
        std::vector<bson_document> writes;
        for (std::size_t i = 0; i < plan_.targets.size(); ++i) {
            auto const& target = plan_.targets[i];
            if (!target.before || (target.after && after_[i] == *target.before)) continue;
            bson_document made;
            made.add("in", target.in->name);
            add_id(made, "id", target.id);
            made.add("do", target.after ? "set" : "remove");
            if (target.after) made.add("after", after_[i]);
            writes.push_back(std::move(made));
        }
        return bson_document().add("state", "committed").add_list("writes", writes);
    }

    result<std::optional<commit_outcome>> decide_and_apply() {
        step("decide");
        CXB_TRY(bool const committed, decide());
        if (!committed) {
            CXB_CHECK(take_back());
            return std::nullopt;
        }
        step("apply");
        auto record = this->record();
        bson_document whole;
        whole.add("_id", batch_).add_list("in", record.at("in")).add_all(decision());
        for (auto pause = first_pause;; pause = std::min(pause * 2, longest_pause)) {
            auto const done = batch_locks::roll_forward(at_, whole);
            if (done) break;
            if (at_.late()) return unknown();
            std::this_thread::sleep_for(pause);
        }
        step("done");
        return commit_outcome{true, 0, {}, false};
    }

    /// Repeats the decision until its fate is known.
    result<bool> decide() {
        auto const members = decision();
        bool sent = false;
        for (auto pause = first_pause;; pause = std::min(pause * 2, longest_pause)) {
            auto const changed = batch_locks::change_state(at_, batch_, members);
            if (changed && (*changed || !sent)) return *changed;
            if (changed) {
                // An earlier try may have done it, and others may even have completed the batch.
                auto const record = batch_locks::record_of(at_, batch_);
                if (record && *record)
                    return batch_locks::state_of(**record) == batch_state::committed;
                // Without it the batch was completed or taken back by others.
                if (record) return unknown();
            }
            auto const code = changed ? errc::unavailable : changed.error().code();
            if (code == errc::deadline_exceeded) sent = true;
            if (at_.late())
                return sent ? unknown() : as_unwritten(error{errc::unavailable, "Store is busy"});
            std::this_thread::sleep_for(pause);
        }
    }

    static error unknown() {
        return error{errc::deadline_exceeded, "Store has not confirmed the batch"}
            .with_request_sent(sent_state::maybe);
    }

    /// Before the decision nothing counts as written, whatever was sent.
    static error as_unwritten(error cause) {
        if (cause.code() != errc::deadline_exceeded) return cause;
        return error{errc::unavailable, "Store is not available"}.with_note({cause.note()});
    }

    result<void> take_back() {
        CXB_TRY(bool const mine,
                batch_locks::change_state(at_, batch_, bson_document().add("state", "aborted")));
        (void)mine;
        auto const done = batch_locks::roll_back(at_, record());
        if (!done) return as_unwritten(done.error());
        if (blocker_.second.empty()) return {};
        return at_.locks.wait_for(at_, blocker_.first, blocker_.second);
    }

    /// After a fault: what can be taken back is; the rest falls to recovery.
    void give_up() {
        blocker_ = {};
        (void)take_back();
    }

    workplace& at_;
    prepared_batch const& writes_;
    step_hook const& on_step_;
    std::string const batch_;
    batch_plan plan_;
    std::vector<bson_document> after_;  // one per target
    std::set<std::string, std::less<>> collections_;
    std::size_t failed_ = 0;
    std::pair<std::string, std::string> blocker_;  // collection and batch that stand in the way
};

}  // namespace

result<commit_outcome> commit_by_protocol(workplace& at, prepared_batch const& writes,
                                          step_hook const& on_step) {
    for (auto pause = first_pause;; pause = std::min(pause * 2, longest_pause)) {
        protocol_run run(at, writes, on_step);
        CXB_TRY(auto const outcome, run.run());
        if (outcome && outcome->applied) run.touch();
        if (outcome) return *outcome;
        if (at.late()) return too_late();
        std::this_thread::sleep_for(pause);
    }
}

}  // namespace store::mongo
}  // namespace cxb::inline v1
