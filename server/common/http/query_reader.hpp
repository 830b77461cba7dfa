#pragma once
/// @file
/// Reads the query of a request and reports all its faults together; a parameter nobody asked for
/// is a fault too (`unknown parameter`), so a mistyped filter never returns everything.
///
/// ```cpp
/// query_reader read(context.query);
/// auto const role = read.word("role", {"agent", "supervisor"});
/// auto const active = read.boolean("is_active");
/// auto const asked = read.list();
/// CXB_CO_CHECK(read.finish());       // 422 with every fault, pointers `/role`, `/limit`, ...
/// ```
/// Empty values count as absent. Thread-safety: one coroutine.

#include <initializer_list>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "cxb/base/clock.hpp"
#include "cxb/base/limits.hpp"
#include "server/common/http/lists.hpp"
#include "server/common/http/route.hpp"

namespace cxb::server {

class query_reader {
  public:
    explicit query_reader(wire::query_list const& query) : query_(query) {}

    [[nodiscard]] std::optional<std::string> text(std::string_view name,
                                                  std::size_t max_bytes = limits::text);
    /// `true`, `false`, `1`, `0`.
    [[nodiscard]] std::optional<bool> boolean(std::string_view name);
    [[nodiscard]] std::optional<std::int64_t> integer(std::string_view name, std::int64_t low,
                                                      std::int64_t high);
    /// RFC 3339; without a zone UTC.
    [[nodiscard]] std::optional<time_point> timestamp(std::string_view name);
    /// One of the words.
    [[nodiscard]] std::optional<std::string> word(std::string_view name,
                                                  std::initializer_list<std::string_view> words);
    [[nodiscard]] list_query list(list_bounds bounds = {});
    /// Marks a parameter as known without reading it.
    void allow(std::string_view name);
    /// Adds a fault of the caller's own at `/name`.
    void add_fault(std::string_view name, std::string reason);
    /// `invalid` with all faults, or success.
    [[nodiscard]] result<void> finish();

  private:
    std::optional<std::string_view> take(std::string_view name);

    wire::query_list const& query_;
    std::vector<std::string> known_;
    std::vector<fault> faults_;
};

}  // namespace cxb::server
