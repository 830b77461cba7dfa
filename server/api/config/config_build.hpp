#pragma once
/// @file
/// The state of one config build between its steps. Private to config/.

#include <algorithm>
#include <chrono>
#include <string>
#include <vector>

#include "server/api/config/campaign_link.hpp"
#include "server/api/config/config_service.hpp"

namespace cxb::api {

/// Label of a batch that failed because its call is not as it was thought to be.
inline constexpr std::string_view call_moved = "call_moved";

struct config_service::build {
    config_ask ask;
    bot_ptr bot;
    time_point now;
    std::chrono::nanoseconds began{0};
    std::chrono::nanoseconds step_began{0};
    std::string session_id;
    bool looked = false;                      ///< `session_id` and `stored` are the store's word
    std::string unmet;                        ///< what stopped the last write
    std::optional<wire::json_object> stored;  ///< the call, when this is a repeat
    wire::json_object event;                  ///< connected_event without reserved members
    wire::json_object kept_headers;           ///< all kept SIP headers
    wire::json_object sip_headers;            ///< those for `sip_context`
    call_namespaces names;
    std::optional<wire::json_object> dialout;
    std::optional<campaign_link> link;
    std::optional<prefetch_outcome> prefetch;
    render_output out;
    std::vector<std::string> notes;
    std::size_t noted = 0;  ///< of them, how many belong to finished steps
    struct step {
        std::string name;
        std::chrono::nanoseconds took;
        std::string note;
    };
    std::vector<step> steps;

    /// The notes made since the last step are those of this one.
    void step_done(clock const& time, std::string name) {
        auto const now_steady = time.steady();
        std::string note;
        for (; noted < notes.size(); ++noted)
            note.append(note.empty() ? "" : ", ").append(notes[noted]);
        steps.push_back({std::move(name), now_steady - step_began, std::move(note)});
        step_began = now_steady;
    }
    /// Rendering may happen twice; its notes are told once.
    void add_render_notes() {
        for (auto const& note : out.notes)
            if (std::find(notes.begin(), notes.end(), note) == notes.end()) notes.push_back(note);
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
        for (auto const& one : steps) {
            wire::json_object row{
                {"name", one.name},
                {"ms", std::chrono::duration_cast<milliseconds>(one.took).count()}};
            if (!one.note.empty()) row["note"] = one.note;
            out_list.push_back(std::move(row));
        }
        return out_list;
    }
};

}  // namespace cxb::api
