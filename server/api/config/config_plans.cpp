#include "cxb/base/limits.hpp"
#include "server/api/config/config_render.hpp"

namespace cxb::api {

result<std::shared_ptr<config_plan const>> config_plans::get(bot_ptr const& bot,
                                                             settings_ptr const& system) {
    {
        std::scoped_lock const lock(mutex_);
        auto const found = by_bot_.find(bot->id);
        if (found != by_bot_.end() && found->second->is_of(bot, system)) return found->second;
    }
    CXB_TRY(auto made, config_plan::make(bot, system, production_));
    std::scoped_lock const lock(mutex_);
    if (by_bot_.size() >= limits::config_plans) by_bot_.clear();
    by_bot_.insert_or_assign(bot->id, made);
    return made;
}

std::size_t config_plans::size() const {
    std::scoped_lock const lock(mutex_);
    return by_bot_.size();
}

}  // namespace cxb::api
