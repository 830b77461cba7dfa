#include "support/child_entry.hpp"

int main(int argc, char** argv) {
    return cxb_test::run_tests_or_child(argc, argv);
}
