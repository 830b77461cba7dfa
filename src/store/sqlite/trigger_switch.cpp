#include "src/store/sqlite/trigger_switch.hpp"

#include <algorithm>
#include <array>

#include "src/store/sqlite/column_triggers.hpp"
#include "src/store/sqlite/sql_text.hpp"

namespace cxb::inline v1 {
namespace store::sqlite {

void trigger_switch::schema_changed() noexcept {
    version_.reset();
    needed_.reset();
    fits_.clear();
}

result<void> trigger_switch::begun() {
    CXB_TRY(auto const version, db_.pragma_value("schema_version"));
    if (version_ == version) return {};
    schema_changed();
    version_ = version;
    return {};
}

result<void> trigger_switch::before_write(collection const& in) {
    if (!needed_) {
        CXB_TRY(needed_, any_foreign_trigger(db_));
    }
    if (!*needed_ && std::find(fits_.begin(), fits_.end(), &in) == fits_.end()) {
        CXB_TRY(auto const columns, columns_of(db_, in.name));
        needed_ = mark_of(columns) != fields_mark(in);
        if (!*needed_) fits_.push_back(&in);
    }
    // Each change compiles all statements anew, so there is one for each version of the schema.
    db_.use_triggers(*needed_);
    return {};
}

}  // namespace store::sqlite
}  // namespace cxb::inline v1
