#pragma once
/// @file
/// Lists as every route gives them (spec 20 §3.7): `page` from 1, `limit` 50 (1..200), or
/// `cursor`; answers are `{items, total, page, limit, next?}`, newest first.
///
/// `total` counts to 10,000; beyond it stays 10,000 and `total_capped` is true. `page` x `limit`
/// beyond 10,000 is 422 `/page: use cursor`. An answer to a cursor has no `page`.

#include <functional>
#include <string>
#include <vector>

#include "cxb/store/document_store.hpp"
#include "cxb/wire/http_message.hpp"

namespace cxb::server {

inline constexpr std::int64_t list_window = 10000;

struct list_bounds {
    std::int64_t default_limit = 50;
    std::int64_t max_limit = 200;
};

struct list_query {
    std::int64_t page = 1;
    std::int64_t limit = 50;
    std::string cursor;  ///< "" = by page
};

/// Reads the three parameters; appends faults (`/limit`, `/page`, `/cursor`) and goes on.
[[nodiscard]] list_query read_list_query(wire::query_list const& query, std::vector<fault>& faults,
                                         list_bounds bounds = {});

/// `created_at` descending; the id follows silently.
[[nodiscard]] std::vector<store::sort_key> newest_first();

/// Shapes a stored document for the answer.
using item_view = std::function<wire::json_object(wire::json_object document)>;

/// One page and its envelope. `only`: the members that `view` looks at; empty = whole documents.
/// Errors: those of the store; an unreadable cursor is `invalid` at `/cursor`. The store and the
/// collection must outlive the coroutine.
[[nodiscard]] store::async<wire::json_object> fetch_list(store::document_store& from,
                                                         store::collection const& what,
                                                         store::filter where, list_query asked,
                                                         std::vector<store::sort_key> sort,
                                                         item_view view,
                                                         std::vector<std::string> only = {});

/// The envelope for items that do not come from one collection.
[[nodiscard]] wire::json_object list_envelope(wire::json_array items, std::int64_t total,
                                              list_query const& asked, std::string const& next);

}  // namespace cxb::server
