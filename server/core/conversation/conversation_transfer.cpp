#include <utility>

#include "server/core/conversation/conversation.hpp"

namespace cxb::inline v1 {
namespace core {

namespace {

wire::json_object details_of(transfer_plan const& plan, std::string const& reason) {
    wire::json_object out{
        {"target", plan.target}, {"method", plan.method}, {"destination", plan.destination}};
    if (!reason.empty()) out["reason"] = reason;
    return out;
}

}  // namespace

void conversation::begin_transfer(tool_run& run) {
    auto const wanted = wire::text_at(run.arguments, "target");
    auto chosen = config_.choose_target
                      ? config_.choose_target(wanted)
                      : result<transfer_plan>(error{errc::invalid, "No transfer target"});
    if (!chosen) {
        auto const why = chosen.error().detail();
        log_.event(now_, "transfer_failed",
                   {.turn = turn_, .data = details_of({std::string(wanted), "", ""}, why)});
        finish_run(run, wire::to_text(wire::json_object{{"error", why}}), {{"error", why}},
                   "error");
        return;
    }
    handover_ = handover{};
    handover_->plan = *std::move(chosen);
    handover_->reason = std::string(wire::text_at(run.arguments, "reason"));
    handover_->run = run.key;
    auto const& plan = handover_->plan;
    log_.event(now_, "transfer_requested",
               {.turn = turn_, .data = details_of(plan, handover_->reason)});
    auto& record = log_.record.transfer;
    record.target = plan.target;
    record.method = plan.method;
    record.destination = plan.destination;
    record.reason = handover_->reason;
    voice_.make_final();
    if (!config_.pre_transfer_message.empty())
        speak(config_.pre_transfer_message, domain::bot_line::final_line, purpose::message);
}

// Once everything before it has been heard.
void conversation::launch_transfer() {
    handover_->launched = true;
    auto const& plan = handover_->plan;
    if (plan.method == "agent_desk") {
        out_.emplace_back(ask_desk{plan.destination, handover_->reason});
        return;
    }
    log_.event(now_, "transfer_started",
               {.turn = turn_, .data = details_of(plan, handover_->reason)});
    out_.emplace_back(ask_transfer{plan});
}

void conversation::transfer_failed(std::string const& type, std::string const& word) {
    auto const lost = *std::exchange(handover_, std::nullopt);
    log_.record.transfer.was_transferred = false;
    log_.record.transfer.failed_reason = word;
    wire::json_object data =
        type == "agent_desk_failed"
            ? wire::json_object{{"queue", lost.plan.destination}, {"reason", word}}
            : details_of(lost.plan, word);
    log_.event(now_, type, {.turn = turn_, .data = std::move(data)});
    auto* run = waiting_run(lost.run);
    if (run == nullptr) return;
    finish_run(*run, wire::to_text(wire::json_object{{"error", type}, {"reason", word}}),
               {{"error", word}}, "error");
    continue_round();
}

void conversation::on(transfer_replied const& event) {
    if (!handover_ || !handover_->launched) return;
    if (!event.failed_reason.empty())
        return transfer_failed("transfer_failed", event.failed_reason);
    log_.record.transfer.was_transferred = true;
    log_.record.transfer.at_seconds = log_.seconds_at(now_);
    log_.event(now_, "transfer_succeeded",
               {.turn = turn_, .data = details_of(handover_->plan, handover_->reason)});
    if (auto* run = waiting_run(handover_->run))
        finish_run(*run, R"({"status":"ok"})", {{"result", "ok"}}, "ok");
    finish("bot");
}

void conversation::on(desk_replied const& event) {
    if (!handover_ || !handover_->launched) return;
    if (!event.accepted) return transfer_failed("agent_desk_failed", event.reason);
    log_.record.transfer.at_seconds = log_.seconds_at(now_);
    log_.event(now_, "agent_desk_enqueued",
               {.turn = turn_, .data = wire::json_object{{"queue", handover_->plan.destination}}});
    if (auto* run = waiting_run(handover_->run))
        finish_run(*run, R"({"status":"ok"})", {{"result", "ok"}}, "ok");
    finish("transfer_to_agent");
}

}  // namespace core
}  // namespace cxb::inline v1
