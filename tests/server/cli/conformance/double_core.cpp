#include "server/cli/conformance/double_core.hpp"

#include <boost/asio/as_tuple.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/this_coro.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <deque>
#include <stdexcept>

#include "server/cli/conformance/double_line.hpp"

namespace cxb_test {

namespace asio = boost::asio;
using namespace cxb;

// The far party of the kit's scripts, a hundred times as fast.
struct double_core::short_calls final : worker::call_handler {
    asio::awaitable<result<worker::call_end>> run(worker::call_context call) override {
        using contract::call_results::disconnect_word;
        if (call.media) co_return co_await talk_on_line(std::move(call));
        asio::steady_timer timer(co_await asio::this_coro::executor, std::chrono::milliseconds{30});
        bool const silent = wire::text_at(call.start.connected_event, "sim_script") == "silent";
        co_await timer.async_wait(asio::as_tuple(asio::use_awaitable));
        worker::call_end end;
        end.result.disconnected_by = !silent                     ? disconnect_word::customer
                                     : call.config.re_engagement ? disconnect_word::rnr
                                                                 : disconnect_word::timeout;
        end.result.call_duration_seconds = real_seconds{silent ? 10 : 1};
        end.result.transcript.emplace();
        contract::call_results::transcript_item opening;
        opening.role = contract::call_results::speaker::assistant;
        opening.content = call.config.opening_message;
        end.result.transcript->push_back(std::move(opening));
        co_return end;
    }
};

// A line between host and kit that changes what goes over it.
class double_core::wrong_socket final : public worker::media_socket {
  public:
    wrong_socket(std::shared_ptr<worker::media_socket> inner, core_mutation const& wrong)
        : inner_(std::move(inner)), wrong_(wrong) {}

    asio::awaitable<std::optional<std::string>> receive() override {
        while (waiting_.empty()) {
            auto text = co_await inner_->receive();
            if (!text) co_return std::nullopt;
            auto const place = heard_++;
            if (!wrong_.line_hears) co_return text;
            for (auto& one : wrong_.line_hears(*std::move(text), place))
                waiting_.push_back(std::move(one));
        }
        auto out = std::move(waiting_.front());
        waiting_.pop_front();
        co_return out;
    }
    bool send(std::string text) override {
        if (!wrong_.line_says) return inner_->send(std::move(text));
        bool sent = true;
        for (auto& one : wrong_.line_says(std::move(text)))
            sent = inner_->send(std::move(one)) && sent;
        return sent;
    }
    void close(int code, std::string reason) override {
        inner_->close(wrong_.line_closes ? wrong_.line_closes(code) : code, std::move(reason));
    }
    void drop() noexcept override { inner_->drop(); }
    [[nodiscard]] worker::socket_end const& end() const noexcept override { return inner_->end(); }

  private:
    std::shared_ptr<worker::media_socket> inner_;
    core_mutation const& wrong_;
    std::deque<std::string> waiting_;
    std::size_t heard_ = 0;
};

double_core::double_core(core_mutation wrong, bool room_media)
    : wrong_(std::move(wrong)),
      client_(*net::http_client::create()),
      calls_(std::make_unique<short_calls>()) {
    cxb::testing::fake_core_options options;
    options.room_media = room_media;
    options.calls = calls_.get();
    options.transport = this;
    options.asked = wrong_.asked;
    options.answered = wrong_.answered;
    options.line = [this](std::shared_ptr<worker::media_socket> inner) {
        return std::make_shared<wrong_socket>(std::move(inner), wrong_);
    };
    core_ = std::make_unique<cxb::testing::fake_core>(std::move(options));
    if (!core_->start()) throw std::runtime_error("no port");
}

double_core::~double_core() = default;

void double_core::begin(std::string const& config_url, std::string const& secret_text,
                        std::string const& previous_text) {
    core_->set_control_plane(config_url, {secret(secret_text), secret(previous_text)});
    if (!core_->start()) throw std::runtime_error("no port");
}

asio::awaitable<reply> double_core::send(client::outgoing_request request,
                                         client::transport_options options) {
    auto const original = request;
    int times = 1;
    if (request.url.ends_with("/call-results")) times = wrong_.results_sent;
    if (request.url.find("/sip/lookup") != std::string::npos) times = wrong_.lookups_sent;
    if (wrong_.sends) wrong_.sends(request);
    for (; times > 1; --times)
        (void)co_await client_->send(request, options);
    auto out = co_await client_->send(std::move(request), std::move(options));
    if (wrong_.hears) wrong_.hears(original, out);
    co_return out;
}

}  // namespace cxb_test
