// Writes a generated call result to standard output: make_body KIB
#include <cstdlib>
#include <iostream>

#include "benchmarks/support/result_body.hpp"

int main(int argc, char** argv) {
    auto const kib = argc == 2 ? std::strtoul(argv[1], nullptr, 10) : 0;
    if (kib < 4 || kib > 2048) {
        std::cerr << "error: wants a size of 4 to 2048 KiB\n";
        return 2;
    }
    std::cout << cxb::bench::make_result_body(kib * 1024);
    return std::cout.flush() ? 0 : 1;
}
