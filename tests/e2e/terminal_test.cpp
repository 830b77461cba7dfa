// `cxb` at a terminal: what Ctrl-C leaves behind.
#include <fcntl.h>
#include <pty.h>
#include <sys/wait.h>
#include <termios.h>
#include <unistd.h>

#include <csignal>
#include <cstdlib>
#include <cstring>

#include "e2e/installation.hpp"

namespace cxb::e2e {
namespace {

bool shows_typing(int terminal) {
    termios state{};
    return ::tcgetattr(terminal, &state) == 0 && (state.c_lflag & ECHO) != 0;
}

struct Terminal : ::testing::Test {
    int terminal = -1;
    pid_t child = -1;

    void begin(std::vector<std::string> words) {
        std::vector<char*> arguments;
        for (auto& word : words)
            arguments.push_back(word.data());
        arguments.push_back(nullptr);
        child = ::forkpty(&terminal, nullptr, nullptr, nullptr);
        ASSERT_GE(child, 0);
        if (child != 0) return;
        // NOLINTNEXTLINE(concurrency-mt-unsafe): this process has one thread
        ::setenv("HOME", "/nonexistent", 1);
        ::execv(arguments[0], arguments.data());
        ::_exit(127);
    }
    // What it prints, up to `text` or its end.
    bool prints(std::string const& text) const {
        std::string seen;
        char piece[256];
        while (seen.find(text) == std::string::npos) {
            auto const got = ::read(terminal, piece, sizeof piece);
            if (got <= 0) return false;
            seen.append(piece, static_cast<std::size_t>(got));
        }
        return true;
    }
    void type(char const* text) const {
        ASSERT_EQ(::write(terminal, text, std::strlen(text)),
                  static_cast<ssize_t>(std::strlen(text)));
    }
    void TearDown() override {
        if (terminal >= 0) ::close(terminal);
    }
};

TEST_F(Terminal, CtrlCAtThePasswordShowsTypingAgain) {
    // A second look at the terminal: the first one says nothing more once its last user is gone.
    ASSERT_NO_FATAL_FAILURE(begin({binary("cxb"), "login", "--email", "a@example.com"}));
    int const kept = ::open(::ptsname(terminal), O_RDWR | O_NOCTTY);
    ASSERT_GE(kept, 0);
    ASSERT_TRUE(prints("Password for a@example.com: "));
    EXPECT_FALSE(shows_typing(terminal));
    type("\x03");
    int status = 0;
    ASSERT_EQ(::waitpid(child, &status, 0), child);
    EXPECT_TRUE(WIFSIGNALED(status) && WTERMSIG(status) == SIGINT) << status;
    EXPECT_TRUE(shows_typing(terminal));
    ::close(kept);
}

}  // namespace
}  // namespace cxb::e2e
