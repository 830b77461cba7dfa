#pragma once
/// @file
/// Opening the store at start: a server of its own may come up later than we do, as after a power
/// cut of all machines, so it is asked again for a while (spec 20 §1 "Start").

#include <functional>

#include "cxb/base/result.hpp"
#include "cxb/store/open/open_document_store.hpp"

namespace cxb::api {

/// | field    | meaning                                                                   |
/// |----------|---------------------------------------------------------------------------|
/// | open     | one try                                                                   |
/// | pause    | before the next one; false: the patience is over                          |
/// | on_wait  | told the first failure, once                                              |
struct store_tries {
    std::function<result<store::opened_store>(store::store_opening)> open;
    std::function<bool()> pause;
    std::function<void(error const&)> on_wait;
};

/// What `open` gives first that is not `unavailable`, else its last error. The embedded store is
/// tried once: nothing brings its folder back by itself.
[[nodiscard]] result<store::opened_store> open_when_there(store::store_opening const& what,
                                                          store_tries const& tries);

/// `pause` for real time: 200 ms each, until `patience` has passed since this call.
[[nodiscard]] std::function<bool()> pauses_for(std::chrono::milliseconds patience);

}  // namespace cxb::api
