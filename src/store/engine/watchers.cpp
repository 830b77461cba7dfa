#include "src/store/engine/watchers.hpp"

#include <algorithm>

namespace cxb::inline v1 {
namespace store::engine {

int watchers::add(collection const& what, std::function<void()> wake) {
    std::lock_guard const lock(mutex_);
    entries_.emplace(++last_, entry{std::string(what.name), std::move(wake)});
    return last_;
}

void watchers::remove(int id) {
    std::lock_guard const lock(mutex_);
    entries_.erase(id);
}

void watchers::tell(std::vector<collection const*> const& touched) const {
    std::lock_guard const lock(mutex_);
    for (auto const& [id, each] : entries_)
        if (std::any_of(touched.begin(), touched.end(),
                        [&](auto const* changed) { return changed->name == each.name; }))
            each.wake();
}

}  // namespace store::engine
}  // namespace cxb::inline v1
