# Outside libraries. ARCHITECTURE.md lists what each is for.
find_package(Boost 1.81 REQUIRED COMPONENTS json url system)
find_package(OpenSSL 3 REQUIRED)
find_package(SQLite3 REQUIRED)
find_package(Threads REQUIRED)
find_package(date REQUIRED)
find_package(yaml-cpp REQUIRED)
find_package(spdlog REQUIRED)
find_package(fmt REQUIRED)
find_package(prometheus-cpp REQUIRED)
find_package(CLI11 QUIET)
find_library(ARGON2_LIBRARY argon2 REQUIRED)
add_library(argon2 INTERFACE IMPORTED)
set_target_properties(argon2 PROPERTIES INTERFACE_LINK_LIBRARIES ${ARGON2_LIBRARY})

# Debian's libphonenumber-dev pulls Boost 1.74 development files, which conflict with 1.81.
# scripts/setup.sh unpacks its headers (and protobuf's) into .deps and links the runtime package.
find_path(PHONENUMBER_INCLUDE_DIR phonenumbers/phonenumberutil.h
          HINTS ${CMAKE_SOURCE_DIR}/.deps/usr/include REQUIRED)
find_file(PHONENUMBER_LIBRARY NAMES libphonenumber.so.8 libphonenumber.so
          HINTS /usr/lib/${CMAKE_LIBRARY_ARCHITECTURE} /usr/lib/x86_64-linux-gnu
                /usr/lib/aarch64-linux-gnu REQUIRED)
find_file(PROTOBUF_LIBRARY NAMES libprotobuf.so.32 libprotobuf.so
          HINTS /usr/lib/x86_64-linux-gnu /usr/lib/aarch64-linux-gnu REQUIRED)
add_library(phonenumber INTERFACE IMPORTED)
set_target_properties(phonenumber PROPERTIES
  INTERFACE_SYSTEM_INCLUDE_DIRECTORIES ${PHONENUMBER_INCLUDE_DIR}
  INTERFACE_INCLUDE_DIRECTORIES ${PHONENUMBER_INCLUDE_DIR}
  INTERFACE_LINK_LIBRARIES "${PHONENUMBER_LIBRARY};${PROTOBUF_LIBRARY}")

add_library(cxb_asio INTERFACE)
target_compile_definitions(cxb_asio INTERFACE BOOST_ASIO_SEPARATE_COMPILATION
  BOOST_BEAST_SEPARATE_COMPILATION BOOST_ASIO_NO_DEPRECATED)
target_link_libraries(cxb_asio INTERFACE Boost::headers Threads::Threads)
