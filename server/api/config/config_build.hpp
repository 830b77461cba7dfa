#pragma once
/// @file
/// The state of one config build between its steps. Private to config/.

#include <chrono>
#include <string>
#include <utility>
#include <vector>

#include "server/api/config/config_service.hpp"

namespace cxb::api {

struct config_service::build {
    config_ask ask;
    bot_ptr bot;
    time_point now;
    std::chrono::nanoseconds began{0};
    std::chrono::nanoseconds step_began{0};
    std::string session_id;
    std::optional<wire::json_object> stored;  ///< the call, when this is a repeat
    wire::json_object event;                  ///< connected_event without reserved members
    wire::json_object kept_headers;           ///< all kept SIP headers
    wire::json_object sip_headers;            ///< those for `sip_context`
    call_namespaces names;
    std::optional<wire::json_object> dialout;
    std::optional<prefetch_outcome> prefetch;
    render_output out;
    std::vector<std::string> notes;
    std::vector<std::pair<std::string, std::chrono::nanoseconds>> steps;

    void step_done(clock const& time, std::string name) {
        auto const now_steady = time.steady();
        steps.emplace_back(std::move(name), now_steady - step_began);
        step_began = now_steady;
    }
    /// The notes made on the way and those of the rendering.
    [[nodiscard]] std::vector<std::string> all_notes() const {
        std::vector<std::string> all = notes;
        all.insert(all.end(), out.notes.begin(), out.notes.end());
        return all;
    }
    /// Of the first config of this call.
    [[nodiscard]] time_point call_began() const {
        if (!stored) return now;
        auto const at = parse_timestamp(wire::text_at(*stored, "created_at"));
        return at ? *at : now;
    }
    [[nodiscard]] milliseconds spent(clock const& time) const {
        return std::chrono::duration_cast<milliseconds>(time.steady() - began);
    }
    [[nodiscard]] wire::json_array steps_json() const {
        wire::json_array out_list;
        for (auto const& [name, took] : steps)
            out_list.push_back(wire::json_object{
                {"name", name}, {"ms", std::chrono::duration_cast<milliseconds>(took).count()}});
        return out_list;
    }
};

}  // namespace cxb::api
