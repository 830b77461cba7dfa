// cxb: the command line. Speaks to cxb-api through cxb::client only.
#include <signal.h>
#include <termios.h>
#include <unistd.h>

#include <chrono>
#include <cstdlib>
#include <iostream>
#include <thread>

#include "cli/app/run.hpp"
#include "cxb/net/http_client.hpp"

namespace {

std::string environment(std::string const& name) {
    // NOLINTNEXTLINE(concurrency-mt-unsafe): nothing here changes the environment
    char const* const value = std::getenv(name.c_str());
    return value == nullptr ? std::string() : std::string(value);
}

std::string read_line() {
    std::string line;
    std::getline(std::cin, line);
    if (!line.empty() && line.back() == '\r') line.pop_back();
    return line;
}

termios shown_terminal{};

// Ctrl-C while nothing is shown: whoever comes next at this terminal must see what they type.
extern "C" void show_and_end(int number) {
    ::tcsetattr(STDIN_FILENO, TCSANOW, &shown_terminal);
    ::raise(number);
}

std::string read_password(std::string const& prompt) {
    if (::isatty(STDIN_FILENO) == 0 || ::tcgetattr(STDIN_FILENO, &shown_terminal) != 0)
        return read_line();
    struct sigaction on_end{};
    on_end.sa_handler = &show_and_end;
    on_end.sa_flags = static_cast<int>(SA_RESETHAND | SA_NODEFER);
    for (int const number : {SIGINT, SIGTERM, SIGHUP, SIGQUIT})
        ::sigaction(number, &on_end, nullptr);
    termios hidden = shown_terminal;
    hidden.c_lflag &= ~static_cast<tcflag_t>(ECHO);
    ::tcsetattr(STDIN_FILENO, TCSAFLUSH, &hidden);
    std::cerr << prompt << std::flush;
    std::string line = read_line();
    ::tcsetattr(STDIN_FILENO, TCSAFLUSH, &shown_terminal);
    for (int const number : {SIGINT, SIGTERM, SIGHUP, SIGQUIT})
        ::signal(number, SIG_DFL);
    std::cerr << '\n';
    return line;
}

}  // namespace

int main(int argc, char** argv) {
    using namespace cxb;
    try {
        cli::surroundings around;
        around.in = &std::cin;
        around.out = &std::cout;
        around.err = &std::cerr;
        around.environment = &environment;
        around.time = &real_clock();
        around.pause = [](std::chrono::milliseconds wait) {
            std::this_thread::sleep_for(wait);
            return true;
        };
        around.read_password = &read_password;
        net::http_client_options options;
        options.ca_file = environment("CXB_HTTP_CA_FILE");
        auto const transport = net::http_client::create(std::move(options));
        if (!transport) {
            std::cerr << "cxb: CXB_HTTP_CA_FILE: " << transport.error().detail() << '\n';
            return static_cast<int>(cli::exit_code::usage);
        }
        around.transport = transport->get();
        return cli::run(std::vector<std::string>(argv + 1, argv + argc), around);
    } catch (std::exception const& bug) {
        std::cerr << "cxb: " << bug.what() << '\n';
        return static_cast<int>(cli::exit_code::usage);
    }
}
