#pragma once
/// @file
/// MongoDB in the conformance suite.
///
/// | engine      | server                                                                       |
/// |-------------|------------------------------------------------------------------------------|
/// | mongo       | the test server, alone: batches go by the protocol without transactions      |
/// | mongo_set   | the test server as primary of a replica set: batches are transactions        |
/// | mongo_url   | the one `CXB_TEST_MONGODB_URL` names                                         |

#include "src/store/mongo/mongo_document_store.hpp"
#include "store/conformance.hpp"
#include "support/mongo_server.hpp"

namespace cxb::store {

std::vector<engine_kind> mongo_engines();

/// A database of its own for a folder.
std::string database_of(std::filesystem::path const& folder);
/// Opens a store at the options' URL; when that is empty, on the test server that is alone.
std::unique_ptr<mongo_document_store> open_on_test_server(std::filesystem::path const& folder,
                                                          mongo_options options = {});
}  // namespace cxb::store
