#pragma once
/// @file
/// The objects handlers work with, by type: filled once at start, read-only afterwards.
///
/// ```cpp
/// services.add(bots);                        // bot_repository bots; outlives the router
/// auto& bots = context.services->get<bot_repository>();
/// ```
/// Objects are not owned. `get` of a type that was not added is a programming error and throws
/// `std::logic_error`. Thread-safety: `get` from any thread once filling is done.

#include <stdexcept>
#include <typeinfo>
#include <utility>
#include <vector>

namespace cxb::server {

class service_set {
  public:
    template <class T>
    void add(T& object) {
        rows_.emplace_back(&tag<T>, const_cast<void*>(static_cast<void const*>(&object)));
    }
    template <class T>
    [[nodiscard]] T* find() const noexcept {
        for (auto const& [known, object] : rows_)
            if (known == &tag<T>) return static_cast<T*>(object);
        return nullptr;
    }
    template <class T>
    [[nodiscard]] T& get() const {
        if (auto* const object = find<T>()) return *object;
        throw std::logic_error(std::string("service not added: ") + typeid(T).name());
    }

  private:
    template <class T>
    static inline char tag = 0;
    std::vector<std::pair<char const*, void*>> rows_;
};

}  // namespace cxb::server
