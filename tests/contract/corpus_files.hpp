#pragma once
// The golden corpus as files (spec 10 §1.4).

#include <filesystem>
#include <map>
#include <string>
#include <vector>

namespace contract_cases {

/// tests/contract/corpus/v1.
std::filesystem::path corpus();

/// Hashes by name below the corpus.
std::map<std::string, std::string> manifest(std::filesystem::path const& corpus);

/// What is wrong with the corpus as its manifest has it: listed files that changed or went, files
/// that are not listed, documents without an expected value.
std::vector<std::string> manifest_faults(std::filesystem::path const& corpus);

/// Gives each new document its expected value and a line in the manifest; touches nothing that is
/// there already.
void add_new_documents(std::filesystem::path const& corpus);

}  // namespace contract_cases
