// Wrong Cores whose faults lie in the media WebSockets.
#include "server/cli/conformance/line_mutations.hpp"

#include "cxb/domain/time_zone.hpp"
#include "server/cli/conformance/double_api.hpp"

namespace cxb_test {

using namespace cxb;

namespace {

using texts = std::vector<std::string>;

std::string event_of(std::string const& text) {
    auto const parsed = wire::parse_json(text);
    return parsed && parsed->is_object() ? std::string(wire::text_at(parsed->as_object(), "event"))
                                         : std::string();
}

// Every message of that event goes out changed.
std::function<texts(std::string)> in_message(std::string event,
                                             std::function<void(wire::json_object&)> change) {
    return [event = std::move(event), change = std::move(change)](std::string text) {
        if (event_of(text) == event) change_body(text, change);
        return texts{std::move(text)};
    };
}

std::function<texts(std::string)> never_says(std::string event) {
    return [event = std::move(event)](std::string text) {
        return event_of(text) == event ? texts{} : texts{std::move(text)};
    };
}

std::function<void(client::outgoing_request&)> tells_customer_as(std::string word) {
    return [word = std::move(word)](client::outgoing_request& request) {
        if (!request.url.ends_with("/call-results")) return;
        change_body(request.message.body, [&](auto& body) {
            if (wire::text_at(body, "disconnected_by") == "customer")
                body["disconnected_by"] = word;
        });
    };
}

void add_handshake_mutations(std::vector<core_mutation>& out) {
    core_mutation full{"full_closes_1000", "closes 1000 when no slot is free", "C09"};
    full.line_closes = [](int code) {
        return code == worker::close_code::policy ? worker::close_code::normal : code;
    };
    out.push_back(full);
    core_mutation early{"speaks_before_answer", "does not wait for answer", "C18"};
    early.line_hears = [](std::string text, std::size_t) {
        auto const event = event_of(text);
        if (event == "answer") return texts{};
        return event == "start" ? texts{std::move(text), R"({"event":"answer"})"}
                                : texts{std::move(text)};
    };
    out.push_back(early);
    core_mutation trusts{"trusts_strangers", "lets a dialler set the session of its call", "C18"};
    trusts.sends = [](client::outgoing_request& request) {
        std::string_view const event = "connected_event=%7B";
        if (auto const at = request.url.find(event); at != std::string::npos)
            request.url.insert(at + event.size(),
                               "%22_campaign_session_id%22%3A%22conformance-stranger%22%2C");
    };
    out.push_back(trusts);
    core_mutation order{"any_order", "takes the handshake in any order", "C19"};
    order.line_hears = [](std::string text, std::size_t place) {
        constexpr std::string_view wanted[] = {"connected", "start", "answer"};
        bool const fits = place >= std::size(wanted) || event_of(text) == wanted[place];
        return fits ? texts{std::move(text)} : texts{};
    };
    out.push_back(order);
}

void add_voice_mutations(std::vector<core_mutation>& out) {
    core_mutation zero{"chunks_from_zero", "counts chunks from 0", "C20"};
    zero.line_says = in_message(
        "reverse-media", [](auto& body) { body["chunk"] = body.at("chunk").as_int64() - 1; });
    out.push_back(zero);
    core_mutation utc{"dated_in_utc", "dates its voice in UTC", "C20"};
    utc.line_says = in_message("reverse-media", [](auto& body) {
        body["timestamp"] = domain::format_local(domain::time_zone().at(real_clock().now()));
    });
    out.push_back(utc);
    core_mutation flood{"half_pieces", "sends 10 ms in a message", "C20"};
    flood.line_says = in_message("reverse-media", [](auto& body) {
        body["payload"] = std::string(wire::text_at(body, "payload").substr(0, 212)) + "AA==";
    });
    out.push_back(flood);
    core_mutation abrupt{"no_media_stop", "hangs up without reverse-media-stop", "C21"};
    abrupt.line_says = never_says("reverse-media-stop");
    out.push_back(abrupt);
}

void add_ending_mutations(std::vector<core_mutation>& out) {
    core_mutation lost{"close_is_an_error", "says error where the customer hung up", "C22"};
    lost.sends = tells_customer_as("error");
    out.push_back(lost);
    core_mutation second{"exotel_start_first_only", "knows start as the first message only", "C23"};
    second.line_hears = [](std::string text, std::size_t place) {
        bool const late = place == 1 && event_of(text) == "start";
        return late ? texts{} : texts{std::move(text)};
    };
    out.push_back(second);
    core_mutation deaf{"no_clear", "lets Exotel play on when it is interrupted", "C24"};
    deaf.line_says = never_says("clear");
    out.push_back(deaf);
    core_mutation bot{"stop_as_bot", "says bot where Exotel's caller hung up", "C25"};
    bot.sends = tells_customer_as("bot");
    out.push_back(bot);
    core_mutation first{"wrong_target", "transfers every call to the first extension", "C32"};
    first.line_says =
        in_message("reverse-call-transfer", [](auto& body) { body["transferTo"] = "100"; });
    out.push_back(first);
}

}  // namespace

void add_line_mutations(std::vector<core_mutation>& out) {
    add_handshake_mutations(out);
    add_voice_mutations(out);
    add_ending_mutations(out);
}

}  // namespace cxb_test
