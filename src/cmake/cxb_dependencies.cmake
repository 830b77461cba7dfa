# Outside libraries. ARCHITECTURE.md lists what each is for. Only those of the modules that are
# built (cxb_closed) are looked for.
set(cxb_boost json system)
if("net" IN_LIST cxb_closed)
  list(APPEND cxb_boost url)
endif()
find_package(Boost 1.81 REQUIRED COMPONENTS ${cxb_boost})
find_package(OpenSSL 3 REQUIRED)
find_package(Threads REQUIRED)
include(cxb_system_libraries)
if("store_sqlite" IN_LIST cxb_closed)
  find_package(SQLite3 REQUIRED)
endif()
if("domain" IN_LIST cxb_closed)
  find_package(date REQUIRED)
  find_path(PHONENUMBER_INCLUDE_DIR phonenumbers/phonenumberutil.h
            HINTS ${PROJECT_SOURCE_DIR}/.deps/usr/include REQUIRED)
  set_target_properties(cxb::phonenumber PROPERTIES
    INTERFACE_SYSTEM_INCLUDE_DIRECTORIES ${PHONENUMBER_INCLUDE_DIR}
    INTERFACE_INCLUDE_DIRECTORIES ${PHONENUMBER_INCLUDE_DIR})
endif()
if("store_redis" IN_LIST cxb_closed)
  find_path(HIREDIS_INCLUDE_DIR hiredis/hiredis.h REQUIRED)
  set_target_properties(cxb::hiredis PROPERTIES
    INTERFACE_SYSTEM_INCLUDE_DIRECTORIES ${HIREDIS_INCLUDE_DIR}
    INTERFACE_INCLUDE_DIRECTORIES ${HIREDIS_INCLUDE_DIR})
endif()
if(CXB_BUILD_SERVERS AND NOT CXB_PLAIN_ONLY)
  find_package(yaml-cpp REQUIRED)
  find_package(spdlog REQUIRED)
  find_package(fmt REQUIRED)
  find_package(prometheus-cpp REQUIRED)
  find_package(CLI11 QUIET)
  find_library(ARGON2_LIBRARY argon2 REQUIRED)
  add_library(cxb::argon2 INTERFACE IMPORTED)
  set_target_properties(cxb::argon2 PROPERTIES INTERFACE_LINK_LIBRARIES ${ARGON2_LIBRARY})
endif()
