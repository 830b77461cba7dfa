#pragma once
/// @file
/// Spares a connection the column triggers (`column_triggers`) where they would do nothing.
///
/// A trigger costs an insert several times what its condition does: the engine makes the new row a
/// second time and keeps a copy of every page it changes, in case the trigger fails. For a process
/// whose declaration is that of the table the condition is never true. So its connection leaves
/// triggers out, as long as that holds for every collection it writes. Whether it holds is looked
/// up in the file, under the lock that writes are made under and schema changes as well, and again
/// whenever the file's schema has another version. Other processes and programs are not concerned:
/// what a connection leaves out it leaves out for itself.
///
/// For one thread.

#include <cstdint>
#include <optional>
#include <vector>

#include "cxb/store/collection.hpp"
#include "src/store/sqlite/connection.hpp"

namespace cxb::inline v1 {
namespace store::sqlite {

class trigger_switch {
  public:
    explicit trigger_switch(connection& db) : db_(db) {}

    /// To be called in each transaction before anything is written.
    [[nodiscard]] result<void> begun();
    /// To be called before a document of the collection is written.
    [[nodiscard]] result<void> before_write(collection const& in);
    /// What this connection has seen of the schema may be undone.
    void schema_changed() noexcept;

  private:
    connection& db_;
    std::optional<std::int64_t> version_;  // of the schema; none: not known
    std::optional<bool> needed_;           // by what was met in this version
    std::vector<collection const*> fits_;  // likewise
};

}  // namespace store::sqlite
}  // namespace cxb::inline v1
