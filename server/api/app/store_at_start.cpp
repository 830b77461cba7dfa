#include "server/api/app/store_at_start.hpp"

#include <thread>

namespace cxb::api {
namespace {

constexpr std::chrono::milliseconds between{200};

}  // namespace

result<store::opened_store> open_when_there(store::store_opening const& what,
                                            store_tries const& tries) {
    bool const embedded = store::sqlite_path(what.url).has_value();
    for (bool told = false;; told = true) {
        auto opened = tries.open(what);
        if (opened || embedded || opened.error().code() != errc::unavailable) return opened;
        if (!told) tries.on_wait(opened.error());
        if (!tries.pause()) return opened;
    }
}

std::function<bool()> pauses_for(std::chrono::milliseconds patience) {
    auto const end = std::chrono::steady_clock::now() + patience;
    return [end] {
        if (std::chrono::steady_clock::now() >= end) return false;
        std::this_thread::sleep_for(between);
        return true;
    };
}

}  // namespace cxb::api
