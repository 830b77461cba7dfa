#pragma once
// The contract cases and the corpus as files, for the runners of this folder.

#include <filesystem>
#include <iosfwd>
#include <string>
#include <vector>

#include "cxb/contract/registry.hpp"
#include "cxb/wire/json.hpp"

// So that a failing test names the type.
namespace cxb::contract {
void PrintTo(document_type const& type, std::ostream* out);
}  // namespace cxb::contract

namespace contract_cases {

using cxb::contract::document_type;

/// tests/contract.
std::filesystem::path root();

/// The whole file; fails the test when it cannot be read.
std::string read_file(std::filesystem::path const& file);

/// JSON files directly in a folder, sorted; without `.expected.json`. Empty if there is no folder.
std::vector<std::filesystem::path> documents_in(std::filesystem::path const& folder);

/// Every document that its parser must accept: accept cases and corpus of a type.
std::vector<std::filesystem::path> accepted_documents(document_type const& type);

/// Names of the folders directly in a folder.
std::vector<std::string> folders_in(std::filesystem::path const& folder);

/// First place where `actual` lacks or changes something of `expected`, "" when it is a superset:
/// objects may have more members, everything else must be equal (whole numbers by value).
std::string missing_in(cxb::wire::json_value const& expected, cxb::wire::json_value const& actual,
                       std::string const& pointer = {});

/// Parse and serialize with the limit of the type.
cxb::result<std::string> normalise(document_type const& type, std::string const& text);

/// The same as a value; a null value and a test failure when it is refused.
cxb::wire::json_value normalised_value(document_type const& type, std::string const& text);

}  // namespace contract_cases
