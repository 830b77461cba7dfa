// Reads a call result as a CRM or an archive would, and shows what a faulty one is answered with.
#include <cstdio>
#include <string_view>

#include "cxb/contract/call_results/call_results.hpp"

namespace results = cxb::contract::call_results;

int main() {
    constexpr std::string_view good =
        R"({"session_id":"019436f2-7c1e-7a52-9b1d-3f0f5f7f1a10","disconnected_by":"customer",)"
        R"("transcript":[{"role":"assistant","content":"Hello"}]})";
    auto call = results::parse_call_results(good);
    if (!call) {
        std::fprintf(stderr, "%s\n", call.error().detail().c_str());
        return 1;
    }
    std::printf("%s\n", results::serialize(*call).c_str());

    auto bad = results::parse_call_results(R"({"session_id":5,"transcript":[{"role":7}]})");
    if (bad) return 1;
    cxb::error const problem =
        bad.error();  // error() returns a value: keep it while faults are read
    for (auto const& fault : problem.faults()) {
        std::printf("%s: %s\n", fault.pointer.c_str(), fault.reason.c_str());
    }
    return problem.faults().size() >= 2 ? 0 : 1;
}
