#pragma once
/// @file
/// Reads. Filters and orders are made beforehand (`prepare_*`), on the thread of the caller, where
/// programming errors belong.

#include "src/store/mongo/workplace.hpp"

namespace cxb::inline v1 {
namespace store::mongo {

struct prepared_find {
    collection const* from;
    filter wanted;
    bson_document where;
    bson_document sort;
    std::vector<sort_key> order;
    std::size_t limit;
    std::size_t skip;
    std::vector<std::string> only;
    bool by_keys;  ///< filter or order name a field of a unique key
};

/// Errors: `invalid` at `/cursor`.
[[nodiscard]] result<prepared_find> prepare_find(collection const& from, filter where,
                                                 find_options options);
[[nodiscard]] result<page> run_find(workplace& at, prepared_find const& wanted);

[[nodiscard]] prepared_find prepare_find_one(collection const& from, filter where,
                                             std::vector<sort_key> const& sort);
[[nodiscard]] result<std::optional<json_object>> run_find_one(workplace& at,
                                                              prepared_find const& wanted);

/// `count` and `group` as pipelines.
struct prepared_rows {
    collection const* in;
    bson_document command;
    std::size_t keys;
    std::size_t sums;
    bool by_keys;  ///< a field of a unique key is named
};
[[nodiscard]] prepared_rows prepare_count(collection const& in, filter const& where,
                                          std::int64_t cap);
[[nodiscard]] result<std::int64_t> run_count(workplace& at, prepared_rows const& wanted);
[[nodiscard]] prepared_rows prepare_group(collection const& in, filter const& where,
                                          std::vector<std::string> const& by,
                                          std::vector<std::string> const& sum_fields);
[[nodiscard]] result<std::vector<group_row>> run_group(workplace& at, prepared_rows const& wanted);

}  // namespace store::mongo
}  // namespace cxb::inline v1
