#include "cxb/store/redis/redis_link.hpp"

#include <hiredis/hiredis.h>
#include <poll.h>

#include <array>
#include <cerrno>

namespace cxb::inline v1 {
namespace store {
namespace {

struct reply_freer {
    void operator()(void* reply) const noexcept { ::freeReplyObject(reply); }
};
using reply_ptr = std::unique_ptr<redisReply, reply_freer>;

timeval to_timeval(milliseconds time) {
    auto const whole = std::chrono::duration_cast<seconds>(time);
    timeval out{};
    out.tv_sec = whole.count();
    out.tv_usec = std::chrono::duration_cast<std::chrono::microseconds>(time - whole).count();
    return out;
}

redis_reply copy_of(redisReply const& from) {
    using kind = redis_reply::kind;
    redis_reply out;
    switch (from.type) {
        case REDIS_REPLY_STRING:
        case REDIS_REPLY_STATUS:
        case REDIS_REPLY_ERROR:
            out.what = from.type == REDIS_REPLY_ERROR ? kind::fault : kind::text;
            out.text.assign(from.str, from.len);
            break;
        case REDIS_REPLY_INTEGER:
            out.what = kind::integer;
            out.number = from.integer;
            break;
        case REDIS_REPLY_ARRAY:
            out.what = kind::list;
            for (std::size_t i = 0; i < from.elements; ++i)
                out.items.push_back(copy_of(*from.element[i]));
            break;
        default:
            break;
    }
    return out;
}

bool append(redisContext* to, redis_command const& command) {
    std::vector<char const*> texts;
    std::vector<std::size_t> sizes;
    for (auto const& part : command) {
        texts.push_back(part.data());
        sizes.push_back(part.size());
    }
    return ::redisAppendCommandArgv(to, static_cast<int>(command.size()), texts.data(),
                                    sizes.data()) == REDIS_OK;
}

}  // namespace

void redis_link::freer::operator()(redisContext* context) const noexcept {
    ::redisFree(context);
}

redis_link::redis_link(std::unique_ptr<redisContext, freer> context)
    : context_(std::move(context)) {}
redis_link::redis_link(redis_link&&) noexcept = default;
redis_link& redis_link::operator=(redis_link&&) noexcept = default;
redis_link::~redis_link() = default;

error redis_link::broken(errc code) const {
    return error{code, code == errc::deadline_exceeded ? "Redis does not answer in time"
                                                       : "Redis cannot be reached"}
        .with_note({context_ ? std::string(context_->errstr) : "out of memory"});
}

result<redis_link> redis_link::connect(redis_address const& to, milliseconds connect,
                                       milliseconds silence) {
    std::unique_ptr<redisContext, freer> made(
        to.path.empty() ? ::redisConnectWithTimeout(to.host.c_str(), to.port, to_timeval(connect))
                        : ::redisConnectUnixWithTimeout(to.path.c_str(), to_timeval(connect)));
    redis_link link(std::move(made));
    if (!link.context_ || link.context_->err != 0) return link.broken(errc::unavailable);
    if (::redisSetTimeout(link.context_.get(), to_timeval(silence)) != REDIS_OK)
        return link.broken(errc::unavailable);
    CXB_CHECK(link.sign_in(to));
    return link;
}

result<void> redis_link::sign_in(redis_address const& to) {
    if (!to.password.empty()) {
        redis_command login{"AUTH"};
        if (!to.user.empty()) login.push_back(to.user);
        login.emplace_back(to.password.reveal());
        CXB_CHECK(expect_ok(login, errc::unauthenticated));
    }
    if (to.db != 0) CXB_CHECK(expect_ok({"SELECT", std::to_string(to.db)}, errc::invalid));
    // Without a sign-in Redis takes the connection and refuses each command.
    return expect_ok({"PING"}, errc::unauthenticated);
}

result<void> redis_link::expect_ok(redis_command const& command, errc otherwise) {
    auto const answers = run({&command});
    if (!answers)
        return error{errc::unavailable, "Redis cannot be reached"}.with_note(
            {answers.error().note()});
    auto const& answer = answers->front();
    if (answer.what != redis_reply::kind::fault) return {};
    bool const starting = answer.text.starts_with("LOADING");
    return error{starting ? errc::unavailable : otherwise, "Redis refuses the connection"}
        .with_note({answer.text.substr(0, answer.text.find(' '))});
}

result<std::vector<redis_reply>> redis_link::run(
    std::vector<redis_command const*> const& commands) {
    auto* const to = context_.get();
    if (to == nullptr || to->err != 0) return broken(errc::unavailable);
    for (auto const* command : commands)
        if (!append(to, *command)) return broken(errc::unavailable);
    std::vector<redis_reply> out;
    while (out.size() < commands.size()) {
        void* raw = nullptr;
        if (::redisGetReply(to, &raw) != REDIS_OK || raw == nullptr)
            return broken(errc::deadline_exceeded);
        out.push_back(copy_of(*reply_ptr(static_cast<redisReply*>(raw))));
    }
    return out;
}

result<void> redis_link::send(redis_command const& command) {
    auto* const to = context_.get();
    if (to == nullptr || to->err != 0 || !append(to, command)) return broken(errc::unavailable);
    for (int done = 0; done == 0;)
        if (::redisBufferWrite(to, &done) != REDIS_OK) return broken(errc::unavailable);
    return {};
}

result<std::optional<redis_reply>> redis_link::receive(milliseconds at_most, int wake) {
    auto* const from = context_.get();
    if (from == nullptr || from->err != 0) return broken(errc::unavailable);
    for (bool polled = false;; polled = true) {
        void* raw = nullptr;
        if (::redisGetReplyFromReader(from, &raw) != REDIS_OK) return broken(errc::unavailable);
        if (raw != nullptr)
            return std::optional(copy_of(*reply_ptr(static_cast<redisReply*>(raw))));
        if (polled) return std::optional<redis_reply>{};
        std::array<pollfd, 2> watched{{{from->fd, POLLIN, 0}, {wake, POLLIN, 0}}};
        int const ready = ::poll(watched.data(), watched.size(), static_cast<int>(at_most.count()));
        if (ready < 0 && errno != EINTR) return broken(errc::unavailable);
        if (ready <= 0 || watched[0].revents == 0) return std::optional<redis_reply>{};
        if (::redisBufferRead(from) != REDIS_OK) return broken(errc::unavailable);
    }
}

}  // namespace store
}  // namespace cxb::inline v1
