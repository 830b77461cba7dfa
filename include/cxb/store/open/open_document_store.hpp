#pragma once
/// @file
/// The document store a URL names.
///
/// | URL                                | engine                                              |
/// |------------------------------------|-----------------------------------------------------|
/// | `sqlite:PATH`                      | embedded, one file                                  |
/// | `mongodb://…`, `mongodb+srv://…`   | MongoDB, in builds with `CXB_WITH_MONGODB`          |

#include <chrono>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "cxb/store/document_store.hpp"
#include "cxb/store/store_measure.hpp"

CXB_EXPORT_BEGIN
namespace cxb::inline v1 {
namespace store {

/// | field     | meaning                                                                       |
/// |-----------|-------------------------------------------------------------------------------|
/// | url       | see above; may hold a password, so it is never repeated in an error           |
/// | database  | MongoDB: name of the database; "": the one in the URL, else `cxb`             |
/// | on_commit | called on a thread of the store with the time a durable write took            |
/// | on_group  | SQLite: likewise, with the number of writes it held                           |
/// | on_sync   | SQLite: called with `log` or `data` and the time an `fdatasync` took          |
/// | on_note   | SQLite: told what an operator's log should hold (the check at start)          |
struct store_opening {
    std::string url;
    std::string database;
    std::function<void(std::chrono::nanoseconds)> on_commit;
    std::function<void(std::size_t)> on_group;
    std::function<void(std::string_view, std::chrono::nanoseconds)> on_sync;
    std::function<void(std::string const&)> on_note;
};

/// Path of the database in a `sqlite:` URL; nothing for other engines.
[[nodiscard]] std::optional<std::string> sqlite_path(std::string_view url);

/// | field     | meaning                                                                       |
/// |-----------|-------------------------------------------------------------------------------|
/// | store     | never null                                                                    |
/// | measures  | what it counts; any thread, while the store lives                             |
struct opened_store {
    std::unique_ptr<document_store> store;
    std::function<std::vector<store_measure>()> measures;
};

/// Blocks until the engine answers. Errors: `invalid` (no engine of this build takes the URL),
/// `unavailable`, `corrupt_data`.
[[nodiscard]] result<opened_store> open_document_store(store_opening what);

}  // namespace store
}  // namespace cxb::inline v1
CXB_EXPORT_END
