// cxb::contract: reading, refusing and writing a document; a signature.
#include "cxb/contract/call_results/call_results.hpp"
#include "cxb/contract/registry.hpp"
#include "cxb/contract/webhook/signature.hpp"

namespace results = cxb::contract::call_results;

int main() {
    auto const good = results::parse_call_results(R"({"session_id":"s1"})");
    auto const bad = results::parse_call_results(R"({"session_id":5})");
    bool const listed = cxb::contract::find_document_type("call_results") != nullptr;
    return good && !bad && listed && results::serialize(*good).find("s1") != std::string::npos ? 0
                                                                                               : 1;
}
