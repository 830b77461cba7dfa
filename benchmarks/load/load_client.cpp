// Drives one HTTP server on loopback: N keep-alive connections, each sending its next request when
// the answer to the last has come (closed loop), for a warm-up and then for T measured seconds.
//
//   load_client --port P --request FILE [--request FILE ...] [--connections N] [--seconds T]
//               [--warmup W] [--turns M] [--distinct K] [--keys FILE] [--expect TEXT ...]
//
// A request file is a whole HTTP/1.1 request. Several make a sequence that shares its ids; in each
// the markers of result_body.hpp are replaced by fresh ids, of which there are K if K is not 0.
// --turns ends the measured time after M turns, if that is sooner. --keys, a line each and all of
// the same length: the first, where it stands in a request, gives way to each in turn.
// --expect, once per request, is text that the answer must hold; of a ring only repeats are
// checked. The status must be 200 always.
// Prints one JSON object a line: {"phase":"begin"}, {"phase":"end"}, {"phase":"result",…}.
// Exit status: 0 measured (failures are counted, not judged), 1 could not measure, 2 wrong use.
#include <unistd.h>

#include <boost/asio/buffer.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/write.hpp>
#include <iostream>
#include <map>
#include <memory>

#include "benchmarks/load/answer_reader.hpp"
#include "benchmarks/load/arguments.hpp"
#include "benchmarks/load/latency_histogram.hpp"
#include "benchmarks/load/processor_time.hpp"
#include "benchmarks/load/request_template.hpp"
#include "benchmarks/load/text_file.hpp"

namespace cxb::bench {
namespace {

namespace asio = boost::asio;
using asio::ip::tcp;
using boost::system::error_code;
using std::chrono::steady_clock;

constexpr std::size_t most_failures = 1000;
constexpr std::chrono::seconds patience{20};  // for the answers that are out when time is up

struct load_plan {
    std::uint16_t port = 0;
    std::vector<request_template> steps;
    std::vector<std::string> expected;
    std::size_t connections = 1;
    std::chrono::duration<double> warmup{0.5};
    std::chrono::duration<double> seconds{3};
    std::size_t distinct = 0;
    std::size_t turns = 0;  ///< 0 = as many as the time allows
    std::vector<std::string> keys;
};

struct step_counts {
    latency_histogram latencies;
    std::uint64_t failures = 0;
};

enum class phase { warmup, measured, ending };

/// What all connections share; one thread.
struct load_run {
    explicit load_run(load_plan const& given)
        : plan(given),
          ids(static_cast<std::uint64_t>(std::chrono::duration_cast<std::chrono::milliseconds>(
                                             std::chrono::system_clock::now().time_since_epoch())
                                             .count()),
              static_cast<std::uint32_t>(::getpid())),
          steps(given.steps.size()) {
        for (std::size_t i = 0; i < plan.distinct; ++i)
            ring.push_back(fresh());
        answered.resize(plan.distinct);
    }

    call_ids fresh() { return {ids.next(), ids.next()}; }
    [[nodiscard]] std::string_view key_of_turn() const {
        return plan.keys.empty() ? std::string_view()
                                 : std::string_view(plan.keys[sequences % plan.keys.size()]);
    }
    [[nodiscard]] bool has_all_turns() const { return plan.turns != 0 && sequences >= plan.turns; }

    /// Ids of the next turn and their place in the ring. Its answers are checked, but of a ring
    /// only once these ids have had an answer: the first may be on its way on a slower connection.
    struct turn_ids {
        call_ids ids;
        std::size_t place = 0;
        bool checked = true;
    };
    turn_ids take_ids() {
        auto const turn = sequences++;
        if (plan.distinct == 0) return {.ids = fresh()};
        auto const place = turn % plan.distinct;
        return {ring[place], place, answered[place]};
    }
    void turn_answered(std::size_t place) {
        if (plan.distinct != 0) answered[place] = true;
    }

    /// Of every ring id at least one answer has come, or nearly so.
    [[nodiscard]] bool is_primed() const {
        return plan.distinct == 0 ||
               good_answers >= (plan.distinct + plan.connections) * plan.steps.size();
    }

    void count_answer(std::size_t step, answer_reader const& answer, std::string_view received,
                      bool checked, steady_clock::duration took) {
        auto const body = received.substr(answer.head_size());
        ++statuses[answer.status()];
        if (now == phase::measured) steps[step].latencies.record(took);
        if (answer.status() != 200)
            return count_failure(step, std::string(received.substr(0, 600)));
        if (checked && step < plan.expected.size() &&
            body.find(plan.expected[step]) == std::string_view::npos)
            return count_failure(step, "answer without " + plan.expected[step] + ": " +
                                           std::string(body.substr(0, 300)));
        ++good_answers;
    }

    void count_failure(std::size_t step, std::string const& what) {
        ++steps[step].failures;
        ++failures;
        if (first_failure.empty()) first_failure = what;
    }

    load_plan const& plan;
    id_source ids;
    std::vector<call_ids> ring;
    std::vector<bool> answered;  ///< of the ring
    std::vector<step_counts> steps;
    std::map<int, std::uint64_t> statuses;
    std::string first_failure;
    std::uint64_t sequences = 0;
    std::uint64_t good_answers = 0;
    std::uint64_t failures = 0;
    std::size_t open = 0;
    phase now = phase::warmup;
};

/// One keep-alive connection, opened again when the server ends it.
class load_connection {
  public:
    load_connection(asio::io_context& io, load_run& run)
        : socket_(io), run_(run), steps_(run.plan.steps) {
        ++run_.open;
    }

    void connect() {
        error_code ignored;
        socket_.close(ignored);
        socket_.async_connect({asio::ip::address_v4::loopback(), run_.plan.port},
                              [this](error_code ec) {
                                  if (ec) return lost("cannot connect: " + ec.message());
                                  socket_.set_option(tcp::no_delay(true), ec);
                                  next();
                              });
    }

    void abort() {
        error_code ignored;
        socket_.close(ignored);
    }

  private:
    void next() {
        if (step_ == 0) {
            if (run_.now == phase::ending || run_.failures > most_failures || run_.has_all_turns())
                return end();
            auto const key = run_.key_of_turn();
            auto const [ids, place, checked] = run_.take_ids();
            checked_ = checked;
            place_ = place;
            for (auto& each : steps_)
                each.put(ids, key);
        }
        reader_.restart();
        received_ = 0;
        sent_ = steady_clock::now();
        asio::async_write(socket_, asio::buffer(steps_[step_].bytes()),
                          [this](error_code ec, std::size_t) {
                              if (ec) return lost("cannot send: " + ec.message());
                              read();
                          });
    }

    void read() {
        if (received_ == buffer_.size()) buffer_.resize(buffer_.size() * 2);
        socket_.async_read_some(
            asio::buffer(buffer_.data() + received_, buffer_.size() - received_),
            [this](error_code ec, std::size_t bytes) {
                if (ec) return lost("no answer: " + ec.message());
                received_ += bytes;
                look();
            });
    }

    void look() {
        std::string_view const got(buffer_.data(), received_);
        switch (reader_.look(got)) {
            case answer_reader::state::more:
                return read();
            case answer_reader::state::broken:
                return lost("not an answer: " + std::string(got.substr(0, 200)));
            case answer_reader::state::done:
                break;
        }
        run_.count_answer(step_, reader_, got, checked_, steady_clock::now() - sent_);
        step_ = (step_ + 1) % steps_.size();
        if (step_ == 0) run_.turn_answered(place_);
        if (reader_.closes()) return connect();
        next();
    }

    void lost(std::string const& why) {
        run_.count_failure(step_, why);
        step_ = 0;
        if (run_.now == phase::ending || run_.failures > most_failures) return end();
        connect();
    }

    void end() {
        abort();
        --run_.open;
    }

    tcp::socket socket_;
    load_run& run_;
    std::vector<request_template> steps_;
    answer_reader reader_;
    std::vector<char> buffer_ = std::vector<char>(16384);
    std::size_t received_ = 0;
    std::size_t step_ = 0;
    std::size_t place_ = 0;
    bool checked_ = true;
    steady_clock::time_point sent_;
};

std::string json_text(std::string_view text) {
    std::string out = "\"";
    for (unsigned char const c : text) {
        if (c == '"' || c == '\\') out += '\\';
        out += c < 0x20 || c >= 0x7F ? ' ' : static_cast<char>(c);
    }
    return out + '"';
}

struct measured_window {
    steady_clock::time_point begin;
    double wall = 0;
    double cpu = 0;
};

void print_result(load_run const& run, measured_window const& window) {
    std::cout << "{\"phase\":\"result\",\"seconds\":" << window.wall
              << ",\"client_cpu_seconds\":" << window.cpu << ",\"sequences\":" << run.sequences
              << ",\"good_answers\":" << run.good_answers << ",\"failures\":" << run.failures
              << ",\"first_failure\":" << json_text(run.first_failure) << ",\"statuses\":{";
    char const* comma = "";
    for (auto const& [status, count] : run.statuses) {
        std::cout << comma << '"' << status << "\":" << count;
        comma = ",";
    }
    std::cout << "},\"steps\":[";
    comma = "";
    for (auto const& each : run.steps) {
        std::cout << comma << "{\"failures\":" << each.failures << ',';
        each.latencies.write_members(std::cout);
        std::cout << '}';
        comma = ",";
    }
    std::cout << "]}" << std::endl;
}

/// Warm-up, measured time, and the answers still out; gives the exit status.
int drive(load_plan const& plan) {
    asio::io_context io(1);
    load_run run(plan);
    std::vector<std::unique_ptr<load_connection>> connections;
    for (std::size_t i = 0; i < plan.connections; ++i)
        connections.emplace_back(std::make_unique<load_connection>(io, run))->connect();
    auto const run_until = [&](auto const& done, steady_clock::duration most) {
        auto const end = steady_clock::now() + most;
        while (!done() && run.open > 0 && steady_clock::now() < end)
            io.run_one_for(std::chrono::milliseconds(10));
        return done();
    };
    auto const never = [] { return false; };
    auto const ticks = [](auto span) {
        return std::chrono::duration_cast<steady_clock::duration>(span);
    };
    run_until(never, ticks(plan.warmup));
    // Every id of a ring must have been sent before repeats are measured.
    auto const primed = [&] { return run.is_primed(); };
    if (!run_until(primed, patience) || run.open == 0) {
        print_result(run, {});
        return 1;
    }
    std::cout << "{\"phase\":\"begin\"}" << std::endl;
    measured_window window{steady_clock::now(), 0, -cpu_seconds()};
    run.now = phase::measured;
    run_until(never, ticks(plan.seconds));
    window.wall = std::chrono::duration<double>(steady_clock::now() - window.begin).count();
    window.cpu += cpu_seconds();
    run.now = phase::ending;
    std::cout << "{\"phase\":\"end\"}" << std::endl;
    if (!run_until([&] { return run.open == 0; }, patience)) {
        run.count_failure(0, "answers did not come in time");
        for (auto const& each : connections)
            each->abort();
    }
    print_result(run, window);
    return 0;
}

load_plan read_plan(arguments const& given) {
    load_plan plan;
    plan.port = static_cast<std::uint16_t>(given.number("port", 0));
    if (!given.all("keys").empty()) plan.keys = read_lines(given.text("keys"));
    auto const key = plan.keys.empty() ? std::string() : plan.keys.front();
    for (auto const& path : given.all("request"))
        plan.steps.emplace_back(read_file(path), key);
    plan.turns = static_cast<std::size_t>(given.number("turns", 0));
    plan.expected = given.all("expect");
    plan.connections = static_cast<std::size_t>(given.number("connections", 1));
    plan.warmup = std::chrono::duration<double>(given.number("warmup", 0.5));
    plan.seconds = std::chrono::duration<double>(given.number("seconds", 3));
    plan.distinct = static_cast<std::size_t>(given.number("distinct", 0));
    if (plan.port == 0 || plan.steps.empty() || plan.connections == 0)
        arguments::fail("--port, --request and --connections are needed");
    return plan;
}

}  // namespace
}  // namespace cxb::bench

int main(int argc, char** argv) {
    try {
        return cxb::bench::drive(cxb::bench::read_plan({argc, argv}));
    } catch (std::exception const& fault) {
        std::cerr << "error: " << fault.what() << '\n';
        return 1;
    }
}
