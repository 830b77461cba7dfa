// Gives new documents of the golden corpus their expected values (tests/contract/README.md).
#include <gtest/gtest.h>

#include "tests/contract/corpus_files.hpp"

int main(int argc, char** argv) {
    ::testing::InitGoogleTest(&argc, argv);
    contract_cases::add_new_documents(contract_cases::corpus());
    // What the readers of files and documents found wrong, outside any test.
    return ::testing::UnitTest::GetInstance()->ad_hoc_test_result().Failed() ? 1 : 0;
}
