# The test in place of tests that were not built: says SKIP and why, and fails where everything has
# to run, by the rule of support/required.hpp.
#
#   cmake -D WHAT=reason -P missing.cmake
if("$ENV{CI}" STREQUAL "true" OR "$ENV{CXB_TEST_REQUIRE_ALL}" STREQUAL "1")
  message(FATAL_ERROR "${WHAT}, and everything has to run here")
endif()
message("SKIP: ${WHAT}")
