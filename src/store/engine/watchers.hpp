#pragma once
/// @file
/// Who wants to know about acknowledged writes to which collection. Thread-safe.

#include <functional>
#include <map>
#include <mutex>
#include <string>
#include <vector>

#include "cxb/store/collection.hpp"

CXB_EXPORT_BEGIN
namespace cxb::inline v1 {
namespace store::engine {

class watchers {
  public:
    int add(collection const& what, std::function<void()> wake);
    /// Once it returned, the callback is not called any more.
    void remove(int id);
    void tell(std::vector<collection const*> const& touched) const;

  private:
    struct entry {
        std::string name;
        std::function<void()> wake;
    };
    mutable std::mutex mutex_;
    std::map<int, entry> entries_;
    int last_ = 0;
};

}  // namespace store::engine
}  // namespace cxb::inline v1
CXB_EXPORT_END
