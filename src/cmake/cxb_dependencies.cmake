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
include(cxb_system_libraries)
find_path(PHONENUMBER_INCLUDE_DIR phonenumbers/phonenumberutil.h
          HINTS ${CMAKE_SOURCE_DIR}/.deps/usr/include REQUIRED)
set_target_properties(cxb::phonenumber PROPERTIES
  INTERFACE_SYSTEM_INCLUDE_DIRECTORIES ${PHONENUMBER_INCLUDE_DIR}
  INTERFACE_INCLUDE_DIRECTORIES ${PHONENUMBER_INCLUDE_DIR})
find_library(ARGON2_LIBRARY argon2 REQUIRED)
add_library(cxb::argon2 INTERFACE IMPORTED)
set_target_properties(cxb::argon2 PROPERTIES INTERFACE_LINK_LIBRARIES ${ARGON2_LIBRARY})

# Asio's body, compiled once, and the switches everybody who sees Asio must agree on.
add_library(cxb_asio STATIC src/net/asio/asio_body.cpp)
add_library(cxb::asio ALIAS cxb_asio)
target_compile_definitions(cxb_asio PUBLIC BOOST_ASIO_SEPARATE_COMPILATION
  BOOST_BEAST_SEPARATE_COMPILATION BOOST_ASIO_NO_DEPRECATED)
target_compile_features(cxb_asio PUBLIC cxx_std_20)
target_link_libraries(cxb_asio PUBLIC Boost::headers Threads::Threads)
set_target_properties(cxb_asio PROPERTIES EXPORT_NAME asio)
