#include "src/store/sqlite/copy_reader.hpp"

#include <sqlite3.h>

#include <set>

#include "src/store/sqlite/connection.hpp"
#include "src/store/sqlite/engine_error.hpp"

namespace cxb::inline v1 {
namespace store {

namespace {

using texts = std::vector<std::string>;

/// A connection of ours would give the file a log.
class copy_reader {
  public:
    copy_reader() = default;
    copy_reader(copy_reader const&) = delete;
    copy_reader& operator=(copy_reader const&) = delete;
    ~copy_reader() { sqlite3_close_v2(handle_); }

    [[nodiscard]] result<void> open(std::string const& path) {
        int const flags = SQLITE_OPEN_READONLY | SQLITE_OPEN_NOMUTEX | SQLITE_OPEN_EXRESCODE;
        int const code = sqlite3_open_v2(path.c_str(), &handle_, flags, nullptr);
        if (code != SQLITE_OK) return failure(code);
        return {};
    }

    /// The first column of all rows.
    [[nodiscard]] result<texts> ask(std::string const& sql, texts const& values = {}) {
        sqlite3_stmt* asked = nullptr;
        int code = sqlite3_prepare_v2(handle_, sql.c_str(), -1, &asked, nullptr);
        if (code != SQLITE_OK) return failure(code);
        for (std::size_t i = 0; i < values.size(); ++i)
            sqlite3_bind_text(asked, static_cast<int>(i + 1), values[i].data(),
                              static_cast<int>(values[i].size()), SQLITE_STATIC);
        texts found;
        while ((code = sqlite3_step(asked)) == SQLITE_ROW)
            found.emplace_back(reinterpret_cast<char const*>(sqlite3_column_text(asked, 0)));
        sqlite3_finalize(asked);
        if (code != SQLITE_DONE) return failure(code);
        return found;
    }

  private:
    [[nodiscard]] error failure(int code) const {
        return sqlite::engine_error(
            code, handle_ == nullptr ? sqlite3_errstr(code) : sqlite3_errmsg(handle_));
    }
    sqlite3* handle_ = nullptr;
};

}  // namespace

result<texts> ids_in_copy(std::string const& path, std::string_view collection,
                          std::string_view prefix) {
    copy_reader copy;
    CXB_CHECK(copy.open(path));
    CXB_TRY(auto const there, copy.ask("SELECT name FROM sqlite_master WHERE type='table' AND "
                                       "name=?",
                                       {std::string(collection)}));
    if (there.empty()) return texts{};
    return copy.ask("SELECT id FROM " + sqlite::quoted(collection) +
                        " WHERE substr(id,1,length(?1))=?1 ORDER BY id",
                    {std::string(prefix)});
}

result<texts> text_heads_in_copy(std::string const& path, std::string_view prefix,
                                 std::size_t length) {
    copy_reader copy;
    CXB_CHECK(copy.open(path));
    CXB_TRY(auto const tables,
            copy.ask("SELECT m.name FROM sqlite_master m JOIN pragma_table_info(m.name) c "
                     "WHERE m.type='table' AND c.name='doc' ORDER BY m.name"));
    std::set<std::string> found;
    for (auto const& table : tables) {
        CXB_TRY(auto heads,
                copy.ask("SELECT DISTINCT substr(j.value,1," + std::to_string(length) + ") FROM " +
                             sqlite::quoted(table) +
                             " t,json_tree(t.doc) j WHERE instr(t.doc,?1)>0 AND j.type='text' AND "
                             "substr(j.value,1,length(?1))=?1",
                         {std::string(prefix)}));
        found.insert(std::make_move_iterator(heads.begin()), std::make_move_iterator(heads.end()));
    }
    return texts(found.begin(), found.end());
}

}  // namespace store
}  // namespace cxb::inline v1
