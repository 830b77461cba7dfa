#pragma once
/// @file
/// What queued operations see of this engine.

#include <vector>

#include "cxb/store/collection.hpp"
#include "src/store/engine/operation.hpp"
#include "src/store/engine/operation_queue.hpp"
#include "src/store/sqlite/connection.hpp"
#include "src/store/sqlite/trigger_switch.hpp"

namespace cxb::inline v1 {
namespace store::sqlite {

/// What an operation sees while it runs.
struct workplace {
    connection& db;
    std::vector<collection const*> touched{};  ///< collections whose rows it changed
    bool undo = false;                         ///< take the changes back although it succeeded
    bool changes_schema = false;               ///< set before changes the engine does not count

    trigger_switch* triggers = nullptr;  ///< of a connection that writes

    /// To be called before a document is written.
    [[nodiscard]] result<void> writes(collection const& in) const {
        return triggers == nullptr ? result<void>{} : triggers->before_write(in);
    }
    void touch(collection const& changed) { touched.push_back(&changed); }
};

using operation = engine::operation<workplace>;
template <class T>
using typed_operation = engine::typed_operation<workplace, T>;
using engine::queue_limits;
using operation_queue = engine::operation_queue<operation>;

}  // namespace store::sqlite
}  // namespace cxb::inline v1
