# Libraries that Debian ships without a usable CMake package. Installed with the package, so that
# users of cxb::domain find the same ones.
include_guard(GLOBAL)

# Debian's libphonenumber-dev pulls Boost 1.74 development files, which conflict with 1.81.
# scripts/setup.sh unpacks its headers (and protobuf's) into .deps and links the runtime package.
# Only the body of cxb::domain includes them, so users of the library need no headers.
if(NOT TARGET cxb::phonenumber)
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
