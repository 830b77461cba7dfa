# Libraries that Debian ships without a usable CMake package. Installed with the package, so that
# users find the same ones; there only those that the modules asked for (cxb_closed) stand on.

# Debian's libphonenumber-dev pulls Boost 1.74 development files, which conflict with 1.81.
# scripts/setup.sh unpacks its headers (and protobuf's) into .deps and links the runtime package.
# Only the body of cxb::domain includes them, so users of the library need no headers.
if(NOT TARGET cxb::phonenumber AND (NOT DEFINED cxb_closed OR "domain" IN_LIST cxb_closed))
  set(cxb_library_dirs /usr/lib/${CMAKE_LIBRARY_ARCHITECTURE} /usr/lib/x86_64-linux-gnu
                       /usr/lib/aarch64-linux-gnu)
  find_file(CXB_PHONENUMBER_LIBRARY NAMES libphonenumber.so.8 libphonenumber.so
            HINTS ${cxb_library_dirs} REQUIRED)
  find_file(CXB_PROTOBUF_LIBRARY NAMES libprotobuf.so.32 libprotobuf.so
            HINTS ${cxb_library_dirs} REQUIRED)
  add_library(cxb::phonenumber INTERFACE IMPORTED)
  set_target_properties(cxb::phonenumber PROPERTIES
    INTERFACE_LINK_LIBRARIES "${CXB_PHONENUMBER_LIBRARY};${CXB_PROTOBUF_LIBRARY}")
  unset(cxb_library_dirs)
endif()

# hiredis 0.14 has no usable CMake package; only the body of cxb::store_redis includes it.
if(NOT TARGET cxb::hiredis AND (NOT DEFINED cxb_closed OR "store_redis" IN_LIST cxb_closed))
  find_library(CXB_HIREDIS_LIBRARY hiredis REQUIRED)
  add_library(cxb::hiredis INTERFACE IMPORTED)
  set_target_properties(cxb::hiredis PROPERTIES INTERFACE_LINK_LIBRARIES ${CXB_HIREDIS_LIBRARY})
endif()
