#include "cxb/store/redis/redis_ephemeral_store.hpp"

#include <array>
#include <charconv>

namespace cxb::inline v1 {
namespace store {
namespace {

// KEYS[1]; ARGV: is a value expected, which, the new one, milliseconds.
constexpr char const* set_script = R"lua(
local held = redis.call('GET', KEYS[1])
if ARGV[1] == '1' then
  if held ~= ARGV[2] then return 0 end
elseif held then
  return 0
end
redis.call('SET', KEYS[1], ARGV[3], 'PX', ARGV[4])
return 1)lua";

constexpr char const* remove_script = R"lua(
if redis.call('GET', KEYS[1]) ~= ARGV[1] then return 0 end
return redis.call('DEL', KEYS[1]))lua";

// The end is set once, when the counter begins.
constexpr char const* add_script = R"lua(
local sum = redis.call('INCRBY', KEYS[1], ARGV[1])
if redis.call('PTTL', KEYS[1]) < 0 then redis.call('PEXPIRE', KEYS[1], ARGV[2]) end
return sum)lua";

// ARGV: tokens a second, most tokens. Microseconds and tokens are written with all their digits:
// Lua's own conversion keeps 14. A clock that went back counts as no time passed.
constexpr char const* take_script = R"lua(
local time = redis.call('TIME')
local now = tonumber(time[1]) * 1000000 + tonumber(time[2])
local rate, burst = tonumber(ARGV[1]), tonumber(ARGV[2])
local held = redis.call('HMGET', KEYS[1], 'tokens', 'at')
local tokens = tonumber(held[1] or burst)
local passed = math.max(0, now - tonumber(held[2] or now))
tokens = math.min(burst, tokens + passed * rate / 1000000)
local taken = 0
if tokens >= 1 then
  tokens = tokens - 1
  taken = 1
end
redis.call('HSET', KEYS[1], 'tokens', string.format('%.6f', tokens),
           'at', string.format('%.0f', now))
redis.call('PEXPIRE', KEYS[1], math.ceil((burst - tokens) / rate * 1000) + 1)
return {taken, string.format('%.6f', tokens)})lua";

std::string text_of(double value) {
    std::array<char, 64> room{};
    auto const end =
        std::to_chars(room.data(), room.data() + room.size(), value, std::chars_format::fixed, 6);
    return {room.data(), end.ptr};
}

error unreadable() {
    return error{errc::unavailable, "Redis answered something else than was asked for"};
}

}  // namespace

std::string redis_ephemeral_store::full(std::string const& key) const {
    return pool_->options().prefix + ":" + key;
}

async<std::optional<std::string>> redis_ephemeral_store::get(std::string key) {
    CXB_CO_CHECK(check_ephemeral_key(key));
    CXB_CO_TRY(auto answer, co_await pool_->run({"GET", full(key)}));
    if (answer.what == redis_reply::kind::nil) co_return std::optional<std::string>{};
    co_return std::optional(std::move(answer.text));
}

async<void> redis_ephemeral_store::put(std::string key, std::string value, milliseconds keep) {
    CXB_CO_CHECK(check_ephemeral_key(key));
    CXB_CO_CHECK(check_ephemeral_value(value, keep));
    CXB_CO_CHECK(co_await pool_->run(
        {"SET", full(key), std::move(value), "PX", std::to_string(keep.count())}));
    co_return result<void>{};
}

async<std::int64_t> redis_ephemeral_store::number(redis_command command) {
    CXB_CO_TRY(auto const answer, co_await pool_->run(std::move(command)));
    if (answer.what != redis_reply::kind::integer) co_return unreadable();
    co_return answer.number;
}

async<bool> redis_ephemeral_store::compare_and_set(std::string key,
                                                   std::optional<std::string> expected,
                                                   std::string value, milliseconds keep) {
    CXB_CO_CHECK(check_ephemeral_key(key));
    CXB_CO_CHECK(check_ephemeral_value(value, keep));
    redis_command command{"EVAL", set_script, "1", full(key), expected ? "1" : "0"};
    command.push_back(expected.value_or(std::string()));
    command.push_back(std::move(value));
    command.push_back(std::to_string(keep.count()));
    CXB_CO_TRY(auto const done, co_await number(std::move(command)));
    co_return done == 1;
}

async<bool> redis_ephemeral_store::compare_and_remove(std::string key, std::string expected) {
    CXB_CO_CHECK(check_ephemeral_key(key));
    redis_command command{"EVAL", remove_script, "1", full(key), std::move(expected)};
    CXB_CO_TRY(auto const done, co_await number(std::move(command)));
    co_return done == 1;
}

async<std::int64_t> redis_ephemeral_store::add(std::string key, std::int64_t by,
                                               milliseconds keep) {
    CXB_CO_CHECK(check_ephemeral_key(key));
    CXB_CO_CHECK(check_ephemeral_value({}, keep));
    redis_command command{"EVAL", add_script, "1", full(key), std::to_string(by)};
    command.push_back(std::to_string(keep.count()));
    co_return co_await number(std::move(command));
}

async<bucket_state> redis_ephemeral_store::take_token(std::string key, bucket_rate rate) {
    CXB_CO_CHECK(check_ephemeral_key(key));
    CXB_CO_CHECK(check_bucket_rate(rate));
    redis_command command{"EVAL", take_script, "1", full(key), text_of(rate.per_second)};
    command.push_back(text_of(rate.burst));
    CXB_CO_TRY(auto const answer, co_await pool_->run(std::move(command)));
    if (answer.items.size() != 2) co_return unreadable();
    bucket_state out;
    out.taken = answer.items[0].number == 1;
    auto const& text = answer.items[1].text;
    std::from_chars(text.data(), text.data() + text.size(), out.tokens);
    co_return out;
}

async<void> redis_ephemeral_store::ping() {
    CXB_CO_CHECK(co_await pool_->run({"PING"}));
    co_return result<void>{};
}

ephemeral_counters redis_ephemeral_store::counters() const {
    return {pool_->failures(), pool_->connects()};
}

void redis_ephemeral_store::close() {
    pool_->close();
}

}  // namespace store
}  // namespace cxb::inline v1
