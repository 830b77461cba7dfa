#include "cxb/worker/media_protocol.hpp"

#include <algorithm>

#include "cxb/contract/media_ws/audio.hpp"
#include "src/worker/dialler_protocol.hpp"
#include "src/worker/exotel_protocol.hpp"
#include "src/worker/media_pace.hpp"

namespace cxb::inline v1 {
namespace worker {

namespace media_ws = contract::media_ws;
using contract::runtime_config::transport_kind;

namespace {

// Did the far party end it? Not when our side did, because of what had come or because it leaves,
// nor when the close names a fault: one that stands between us hands on what it found.
bool is_customers(socket_end const& how) {
    constexpr int faults[] = {close_code::protocol_error, close_code::unsupported_data,
                              close_code::bad_text, close_code::too_big};
    if (how.code == close_code::lost) return true;
    return how.by_peer && std::ranges::find(faults, how.code) == std::end(faults);
}

}  // namespace

std::unique_ptr<media_protocol> media_protocol::make(transport_kind kind, media_limits limits) {
    if (kind == transport_kind::exotel) return std::make_unique<exotel_protocol>(limits);
    return std::make_unique<dialler_protocol>(limits);
}

media_protocol::media_protocol(media_limits limits, std::size_t piece_bytes)
    : limits_(limits),
      pace_(std::make_unique<media_pace>(
          piece_bytes, media_ws::duration_of(piece_bytes), limits.lead,
          static_cast<std::size_t>(limits.waiting_audio.count()) * 2 * media_ws::sample_rate)) {}

media_protocol::~media_protocol() = default;

media_actions media_protocol::done(media_moment now) {
    now_ = now;
    send_due();
    return std::exchange(out_, {});
}

void media_protocol::send_due() {
    if (over()) return;
    while (auto const piece = pace_->take(now_.steady))
        send_audio(*piece);
}

void media_protocol::enter(stage next, std::chrono::milliseconds limit) {
    stage_ = next;
    deadline_ = now_.steady + limit;
}

void media_protocol::close(int code, std::string reason) {
    stage_ = stage::over;
    deadline_.reset();
    transfer_until_.reset();
    (void)pace_->clear(now_.steady);
    tell(media_close{code, std::move(reason)});
}

void media_protocol::leave(std::string_view word, std::string raw_reason) {
    close(close_code::normal, "");
    tell(media_left{std::string(word), std::move(raw_reason)});
}

void media_protocol::fault(std::string what, std::string_view word) {
    close(close_code::protocol_error, what);
    tell(media_left{std::string(word), std::move(what)});
}

void media_protocol::start(media_party party) {
    started_ = true;
    party_ = std::move(party);
    tell(media_started{party_});
}

void media_protocol::answer() {
    stage_ = stage::live;
    deadline_.reset();
    tell(media_answered{});
}

// What the far party says before it has picked up is nobody's business.
void media_protocol::hear(std::string_view payload) {
    auto pcm = media_ws::decode_audio(payload);
    if (!pcm) return skip();
    if (stage_ == stage::live && !pcm->empty()) tell(media_audio{*std::move(pcm)});
}

std::string media_protocol::timestamp() const {
    return domain::format_local(zone_.at(now_.wall));
}

media_actions media_protocol::begin(media_moment now) {
    now_ = now;
    if (!over()) enter(stage::first, limits_.handshake);
    return done(now);
}

media_actions media_protocol::received(media_moment now, std::string_view text) {
    now_ = now;
    if (!over()) take(text);
    return done(now);
}

media_actions media_protocol::ended(media_moment now, socket_end const& how) {
    now_ = now;
    if (over()) return {};
    bool const handed_over = transfer_until_.has_value();
    stage_ = stage::over;
    deadline_.reset();
    transfer_until_.reset();
    if (handed_over && is_customers(how))
        tell(media_transferred{});
    else
        tell(media_left{is_customers(how) ? "customer" : "error",
                        "closed " + std::to_string(how.code)});
    return std::exchange(out_, {});
}

media_actions media_protocol::tick(media_moment now) {
    now_ = now;
    if (deadline_ && *deadline_ <= now.steady) {
        bool const rang = stage_ == stage::answer;
        fault(rang ? "no answer" : "handshake too slow", rang ? "no_answer" : "error");
    }
    if (transfer_until_ && *transfer_until_ <= now.steady) {
        transfer_until_.reset();
        tell(media_transferred{"timeout"});
    }
    return done(now);
}

std::optional<std::chrono::nanoseconds> media_protocol::next_timer() const {
    if (over()) return std::nullopt;
    std::optional<std::chrono::nanoseconds> first;
    for (auto const& at : {deadline_, transfer_until_, pace_->next()})
        if (at && (!first || *at < *first)) first = at;
    return first;
}

media_actions media_protocol::play(media_moment now, std::string_view pcm) {
    if (!over()) (void)pace_->push(pcm);
    return done(now);
}

media_actions media_protocol::clear(media_moment now) {
    now_ = now;
    if (!over() && pace_->clear(now.steady)) send_clear();
    return done(now);
}

media_actions media_protocol::transfer(media_moment now, std::string to) {
    now_ = now;
    if (over() || transfer_until_) return done(now);
    if (send_transfer(to))
        transfer_until_ = now.steady + limits_.transfer;
    else
        tell(media_transferred{"not_supported"});
    return done(now);
}

media_actions media_protocol::hang_up(media_moment now) {
    now_ = now;
    if (over()) return {};
    if (started_) send_farewell();
    close(close_code::normal, "");
    return std::exchange(out_, {});
}

media_actions media_protocol::refuse(media_moment now, int code, std::string reason) {
    now_ = now;
    if (!over()) close(code, std::move(reason));
    return std::exchange(out_, {});
}

}  // namespace worker
}  // namespace cxb::inline v1
