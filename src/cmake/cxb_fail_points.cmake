# Fail-points (src/base/fail_point.hpp) are compiled into the sources that the table names, and into
# no other: a build without them differs in nothing from one that never had them.
if(CXB_FAIL_POINTS)
  set(table ${PROJECT_SOURCE_DIR}/src/base/fail_point_table.hpp)
  set_property(DIRECTORY APPEND PROPERTY CMAKE_CONFIGURE_DEPENDS ${table})
  file(READ ${table} rows)
  string(REGEX MATCHALL "\"(src|server)/[^\"]+\\.cpp\"" sources "${rows}")
  string(REPLACE "\"" "" sources "${sources}")
  list(APPEND sources src/base/fail_point.cpp src/base/clock.cpp)
  list(REMOVE_DUPLICATES sources)
  set_property(SOURCE ${sources} APPEND PROPERTY COMPILE_DEFINITIONS CXB_FAIL_POINTS)
endif()
