# cmake -P: builds the project in HOST_DIR, which takes the library in by WAY, and runs it. The
# library must bring no tests, no programs and no install rules along.
cmake_minimum_required(VERSION 3.25)
file(REMOVE_RECURSE ${WORK_DIR})

function(run)
  execute_process(COMMAND ${ARGN} RESULT_VARIABLE code OUTPUT_VARIABLE out ERROR_VARIABLE out)
  if(NOT code EQUAL 0)
    list(JOIN ARGN " " text)
    message(FATAL_ERROR "exit ${code} of: ${text}\n${out}")
  endif()
  set(output "${out}" PARENT_SCOPE)
endfunction()

# No debug information, so that the compiler cache serves both ways.
find_program(launcher ccache)
set(options "")
if(launcher)
  list(APPEND options -D CMAKE_CXX_COMPILER_LAUNCHER=${launcher})
endif()
run(${CMAKE_COMMAND} -S ${HOST_DIR} -B ${WORK_DIR}/build -G Ninja -D WAY=${WAY}
    -D CXB_SOURCE=${SOURCE_DIR} -D CMAKE_CXX_COMPILER=${COMPILER}
    ${options})
run(${CMAKE_COMMAND} --build ${WORK_DIR}/build --parallel 2)
run(${WORK_DIR}/build/host)
run(${CMAKE_CTEST_COMMAND} --test-dir ${WORK_DIR}/build -N)
if(NOT output MATCHES "Total Tests: 0")
  message(FATAL_ERROR "the library brings tests along:\n${output}")
endif()
run(${CMAKE_COMMAND} --install ${WORK_DIR}/build --prefix ${WORK_DIR}/prefix)
file(GLOB_RECURSE installed RELATIVE ${WORK_DIR}/prefix ${WORK_DIR}/prefix/*)
if(NOT installed STREQUAL "bin/host")
  message(FATAL_ERROR "the library installs itself with its host: ${installed}")
endif()
