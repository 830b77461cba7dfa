#include "cli/conformance/core_check_functions.hpp"
#include "cxb/contract/shared_secret/shared_secret.hpp"

namespace cxb::cli::conformance::core {

namespace {

struct start_route {
    std::string path;
    std::vector<std::string> required;
};

bool is_refusal(answer const& got) {
    return got.status == 403 && got.text_at("detail") == "Invalid core secret";
}

// A body without its required members starts nothing, and the secret is looked at before it: 422
// says that the secret was good.
outcome door(core_kit& kit, start_route const& route) {
    auto const knock = [&](std::string const& header, std::string const& value) {
        return kit.post(route.path, {},
                        header.empty() ? wire::header_list{} : wire::header_list{{header, value}});
    };
    auto const closed = knock({}, {});
    CXB_CHECK(expect_served(closed, route.path));
    CXB_CHECK(
        expect(is_refusal(closed),
               "without a secret: expected 403 Invalid core secret, got " + closed.summary()));
    auto const& previous = kit.options().previous_secret;
    if (previous.empty()) kit.note("the previous secret was not tried: none is known");
    for (auto const name : contract::shared_secret::core_surface().headers) {
        std::string const header(name);
        auto const good = knock(header, kit.options().core_secret.reveal());
        CXB_CHECK(expect(good.status == 422, header + ": expected 422, got " + good.summary()));
        for (auto const& member : route.required)
            CXB_CHECK(expect_pointer(good, "/" + member));
        auto const wrong = knock(header, kit.options().core_secret.reveal() + "x");
        CXB_CHECK(expect(is_refusal(wrong),
                         header + " with a wrong secret: expected 403, got " + wrong.summary()));
        if (previous.empty()) continue;
        auto const old = knock(header, previous.reveal());
        CXB_CHECK(expect(old.status == 422, header +
                                                " with the previous secret: expected 422, "
                                                "got " +
                                                old.summary()));
    }
    return {};
}

// A number nobody has: looked up once, for a dispatch is never tried twice.
outcome unknown_number(core_kit& kit) {
    CXB_CHECK(kit.wait_idle());  // a Core that is full looks nothing up
    auto const tail = std::to_string(to_epoch_ms(real_clock().now()) % 10'000'000);
    std::string const number = "+1999" + std::string(7 - tail.size(), '0') + tail;
    auto const got = kit.post("/livekit/dispatch", {{"room_name", "call-conformance-" + tail},
                                                    {"caller_number", "+12025550123"},
                                                    {"dialed_number", number}});
    std::size_t lookups = 0;
    for (auto const& seen : kit.plane().requests("/api/v1/sip/lookup"))
        lookups += seen.request.query_text.find(tail) != std::string::npos ? 1 : 0;
    if (lookups == 0 && got.status != 429) {
        kit.note("an unknown number was not judged: the Core looks numbers up elsewhere (" +
                 got.summary() + ")");
        return {};
    }
    CXB_CHECK(expect_status(got, {404}));
    return expect(lookups == 1,
                  "one dispatch looked its number up " + std::to_string(lookups) + " times");
}

// Takes every slot by calls whose config is held back; they hold their slots for certain.
result<std::vector<placed_call>> fill(core_kit& kit) {
    kit.plane().hold_configs();
    auto const slots = kit.fleet_number("fleet_available");
    CXB_CHECK(expect(slots > 0, "no free slot to begin with"));
    std::vector<placed_call> out;
    for (std::int64_t i = 0; i < slots; ++i) {
        out.push_back(kit.place(kit.config()));
        CXB_CHECK(kit.expect_accepted(out.back()));
    }
    return out;
}

// With every slot taken a media WebSocket is closed with 1008 right after its upgrade.
outcome line_is_refused(core_kit& kit, line_kind kind) {
    auto const call = kit.open_line(kind, kit.config());
    if (call.line->status() == 404) {
        kit.note("1008 was not judged: " + call.line->shown().request + " is not served (404)");
        return {};
    }
    CXB_CHECK(expect_line_end(call, worker::close_code::policy));
    auto const end = call.line->end_within(std::chrono::milliseconds{0});
    return expect(end && end->reason == "At capacity",
                  "the reason of close 1008 must be At capacity: " + call.line->shown().answer);
}

outcome finish(core_kit& kit, std::vector<placed_call> const& calls) {
    kit.plane().release_configs();
    for (auto const& call : calls)
        CXB_CHECK(kit.result_of(call));
    return kit.wait_idle();
}

// The configs are let go whatever came of the check.
struct release_at_end {
    core_kit& kit;
    ~release_at_end() { kit.plane().release_configs(); }
};

}  // namespace

outcome attach_door(core_kit& kit) {
    return door(kit, {"/attach", {"room_name", "bot_id"}});
}

outcome dispatch_door(core_kit& kit) {
    CXB_CHECK(door(kit, {"/livekit/dispatch", {"room_name", "caller_number", "dialed_number"}}));
    if (kit.missing(need::rooms).empty()) return unknown_number(kit);
    kit.note("an unknown number was not tried: " + kit.missing(need::rooms));
    return {};
}

outcome dialout_door(core_kit& kit) {
    return door(kit, {"/livekit/dialout", {"bot_id", "to_number"}});
}

outcome widget_door(core_kit& kit) {
    return door(kit, {"/livekit/widget", {"bot_id", "room_name"}});
}

outcome full_refuses(core_kit& kit) {
    release_at_end const release{kit};
    CXB_CHECK(kit.wait_idle());
    CXB_TRY(auto const calls, fill(kit));
    CXB_CHECK(line_is_refused(kit, line_kind::dialler));
    CXB_CHECK(line_is_refused(kit, line_kind::exotel));
    auto const one_more = kit.place(kit.config());
    CXB_CHECK(expect_status(one_more.got, {429}));
    CXB_CHECK(expect_text(one_more.got.object(), "error", "At capacity"));
    CXB_CHECK(expect_text(one_more.got.object(), "detail", "At capacity"));
    CXB_CHECK(finish(kit, calls));
    CXB_CHECK(expect(!kit.asked_for(one_more), "the refused call fetched a config"));
    return expect(kit.posts_of(one_more).empty(), "a result was posted for the refused call");
}

outcome slot_comes_back(core_kit& kit) {
    release_at_end const release{kit};
    CXB_CHECK(kit.wait_idle());
    auto const before = kit.fleet_number("fleet_available");
    for (int round = 0; round < 2; ++round) {
        CXB_TRY(auto const calls, fill(kit));
        CXB_CHECK(finish(kit, calls));
        auto const after = kit.fleet_number("fleet_available");
        CXB_CHECK(expect(after == before, "fleet_available was " + std::to_string(before) +
                                              " before and is " + std::to_string(after) +
                                              " after all calls ended"));
    }
    return {};
}

}  // namespace cxb::cli::conformance::core
