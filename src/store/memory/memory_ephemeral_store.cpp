#include "cxb/store/memory/memory_ephemeral_store.hpp"

#include <algorithm>
#include <charconv>

namespace cxb::inline v1 {
namespace store {
namespace {

std::optional<std::int64_t> number_in(std::string const& text) {
    std::int64_t out = 0;
    auto const read = std::from_chars(text.data(), text.data() + text.size(), out);
    if (read.ec != std::errc{} || read.ptr != text.data() + text.size()) return std::nullopt;
    return out;
}

error wrong_kind() {
    return error{errc::invalid, "The key holds something else"};
}

}  // namespace

result<void> memory_ephemeral_store::check_open() const {
    if (closed_) return error{errc::unavailable, "The store is closed"};
    return {};
}

void memory_ephemeral_store::erase(table::iterator at) {
    ends_.erase({at->second.end, at->first});
    entries_.erase(at);
}

memory_ephemeral_store::entry* memory_ephemeral_store::find(std::string const& key) {
    auto const at = entries_.find(key);
    if (at == entries_.end()) return nullptr;
    if (at->second.end > time_.steady()) return &at->second;
    erase(at);
    return nullptr;
}

// Null: there is none. A bucket is no value.
result<memory_ephemeral_store::entry*> memory_ephemeral_store::value_of(std::string const& key) {
    CXB_CHECK(check_open());
    CXB_CHECK(check_ephemeral_key(key));
    auto* const held = find(key);
    if (held != nullptr && held->is_bucket) return wrong_kind();
    return held;
}

memory_ephemeral_store::entry& memory_ephemeral_store::keep(std::string const& key, moment end) {
    auto const [at, made] = entries_.try_emplace(key);
    if (!made) ends_.erase({at->second.end, key});
    at->second.end = end;
    ends_.emplace(end, key);
    if (entries_.size() > max_keys_) {
        auto nearest = ends_.begin();
        if (nearest->second == key) ++nearest;
        if (nearest != ends_.end()) erase(entries_.find(nearest->second));
    }
    return at->second;
}

async<std::optional<std::string>> memory_ephemeral_store::get(std::string key) {
    std::lock_guard const lock(mutex_);
    CXB_CO_TRY(auto* const held, value_of(key));
    co_return held == nullptr ? std::nullopt : std::optional(held->value);
}

async<void> memory_ephemeral_store::put(std::string key, std::string value, milliseconds keep_for) {
    std::lock_guard const lock(mutex_);
    CXB_CO_CHECK(check_open());
    CXB_CO_CHECK(check_ephemeral_key(key));
    CXB_CO_CHECK(check_ephemeral_value(value, keep_for));
    auto& held = keep(key, time_.steady() + keep_for);
    held.is_bucket = false;
    held.value = std::move(value);
    co_return result<void>{};
}

async<bool> memory_ephemeral_store::compare_and_set(std::string key,
                                                    std::optional<std::string> expected,
                                                    std::string value, milliseconds keep_for) {
    std::lock_guard const lock(mutex_);
    CXB_CO_TRY(auto* const held, value_of(key));
    CXB_CO_CHECK(check_ephemeral_value(value, keep_for));
    bool const as_expected =
        held == nullptr ? !expected : expected.has_value() && held->value == *expected;
    if (!as_expected) co_return false;
    keep(key, time_.steady() + keep_for).value = std::move(value);
    co_return true;
}

async<bool> memory_ephemeral_store::compare_and_remove(std::string key, std::string expected) {
    std::lock_guard const lock(mutex_);
    CXB_CO_TRY(auto* const held, value_of(key));
    if (held == nullptr || held->value != expected) co_return false;
    erase(entries_.find(key));
    co_return true;
}

async<std::int64_t> memory_ephemeral_store::add(std::string key, std::int64_t by,
                                                milliseconds keep_for) {
    std::lock_guard const lock(mutex_);
    CXB_CO_TRY(auto* held, value_of(key));
    CXB_CO_CHECK(check_ephemeral_value({}, keep_for));
    std::int64_t sum = 0;
    if (held != nullptr) {
        auto const before = number_in(held->value);
        if (!before) co_return wrong_kind();
        sum = *before;
    }
    if (__builtin_add_overflow(sum, by, &sum)) co_return error{errc::invalid, "Out of range"};
    if (held == nullptr) held = &keep(key, time_.steady() + keep_for);
    held->value = std::to_string(sum);
    co_return sum;
}

async<bucket_state> memory_ephemeral_store::take_token(std::string key, bucket_rate rate) {
    std::lock_guard const lock(mutex_);
    CXB_CO_CHECK(check_open());
    CXB_CO_CHECK(check_ephemeral_key(key));
    CXB_CO_CHECK(check_bucket_rate(rate));
    auto const now = time_.steady();
    double tokens = rate.burst;
    if (auto const* held = find(key)) {
        if (!held->is_bucket) co_return wrong_kind();
        std::chrono::duration<double> const passed = now - held->at;
        tokens = std::min(rate.burst, held->tokens + passed.count() * rate.per_second);
    }
    bucket_state out;
    out.taken = tokens >= 1;
    out.tokens = out.taken ? tokens - 1 : tokens;
    std::chrono::duration<double> const to_full{(rate.burst - out.tokens) / rate.per_second};
    auto& bucket =
        keep(key, now + std::chrono::duration_cast<moment>(to_full) + std::chrono::milliseconds{1});
    bucket.is_bucket = true;
    bucket.tokens = out.tokens;
    bucket.at = now;
    co_return out;
}

async<void> memory_ephemeral_store::ping() {
    std::lock_guard const lock(mutex_);
    co_return check_open();
}

ephemeral_counters memory_ephemeral_store::counters() const {
    return {};
}

void memory_ephemeral_store::close() {
    std::lock_guard const lock(mutex_);
    closed_ = true;
    entries_.clear();
    ends_.clear();
}

std::size_t memory_ephemeral_store::size() const {
    std::lock_guard const lock(mutex_);
    return entries_.size();
}

}  // namespace store
}  // namespace cxb::inline v1
