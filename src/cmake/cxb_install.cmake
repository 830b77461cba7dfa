# Install rules. Each library module is an install component of its own with its own export file,
# so that `cmake --install --component contract` plus what it needs is a working package.
#
#   find_package(cxb COMPONENTS contract)   -> cxb::contract, cxb::wire, cxb::base
#   pkg-config --libs cxb-contract
#
# Component <module> holds headers, archive and package files, <module>_runtime the shared object.
# Processes are the components `server` and `cli`, texts the component `documents`.
include(GNUInstallDirs)
include(CMakePackageConfigHelpers)

set(cxb_package_dir ${CMAKE_INSTALL_LIBDIR}/cmake/cxb)

# What a module's own objects need from outside, for pkg-config; cxb_private_<module> has the same
# as CMake targets. Public needs are Libs, the others count for static linking only.
set(cxb_pc_libs_wire "-lboost_json")
set(cxb_pc_libs_asio "-pthread")
set(cxb_pc_cflags_asio "-DBOOST_ASIO_SEPARATE_COMPILATION -DBOOST_BEAST_SEPARATE_COMPILATION \
-DBOOST_ASIO_NO_DEPRECATED -pthread")
set(cxb_pc_private_base "-lcrypto")
set(cxb_pc_private_store_sqlite "-lsqlite3")
set(cxb_pc_private_store_mongo "-lmongoc-1.0 -lbson-1.0")
set(cxb_pc_private_store_redis "-lhiredis")
set(cxb_pc_private_net "-lssl -lcrypto -lboost_url")
if("domain" IN_LIST cxb_closed)
  cmake_path(GET CXB_PHONENUMBER_LIBRARY FILENAME phonenumber)
  cmake_path(GET CXB_PROTOBUF_LIBRARY FILENAME protobuf)
  set(cxb_pc_private_domain "-ldate-tz -l:${phonenumber} -l:${protobuf}")
endif()

function(cxb_install_pkg_config name)
  list(TRANSFORM CXB_NEEDS_${name} PREPEND "cxb-" OUTPUT_VARIABLE needs)
  list(JOIN needs ", " CXB_PC_REQUIRES)
  set(CXB_PC_NAME ${name})
  set(CXB_PC_LIBS "${cxb_pc_libs_${name}}")
  set(CXB_PC_PRIVATE "${cxb_pc_private_${name}}")
  set(CXB_PC_CFLAGS "${cxb_pc_cflags_${name}}")
  file(RELATIVE_PATH CXB_PC_UP /${CMAKE_INSTALL_LIBDIR}/pkgconfig /)
  configure_file(src/cmake/cxb.pc.in ${PROJECT_BINARY_DIR}/package/cxb-${name}.pc @ONLY)
  install(FILES ${PROJECT_BINARY_DIR}/package/cxb-${name}.pc
          DESTINATION ${CMAKE_INSTALL_LIBDIR}/pkgconfig COMPONENT ${name})
endfunction()

function(cxb_install_module target)
  get_target_property(name ${target} EXPORT_NAME)
  install(TARGETS ${target} EXPORT cxb-${name}
          ARCHIVE DESTINATION ${CMAKE_INSTALL_LIBDIR} COMPONENT ${name})
  install(EXPORT cxb-${name} NAMESPACE cxb:: DESTINATION ${cxb_package_dir}
          FILE cxb-${name}-static-targets.cmake COMPONENT ${name})
  if(CXB_SHARED)
    install(TARGETS ${target}_shared EXPORT cxb-${name}-shared
            LIBRARY DESTINATION ${CMAKE_INSTALL_LIBDIR} COMPONENT ${name}_runtime
            NAMELINK_COMPONENT ${name})
    install(EXPORT cxb-${name}-shared NAMESPACE cxb:: DESTINATION ${cxb_package_dir}
            FILE cxb-${name}-shared-targets.cmake COMPONENT ${name})
  endif()
  cxb_install_pkg_config(${name})
  string(REPLACE "store_" "store/" folder ${name})
  if(EXISTS ${PROJECT_SOURCE_DIR}/include/cxb/${folder})
    install(DIRECTORY include/cxb/${folder}/ DESTINATION ${CMAKE_INSTALL_INCLUDEDIR}/cxb/${folder}
            COMPONENT ${name} FILES_MATCHING PATTERN "*.hpp")
  endif()
endfunction()

# The Asio switches (cxb::asio) are a component as well: whoever sees Asio must agree on them.
if(TARGET cxb_asio)
  cxb_install_module(cxb_asio)
endif()
foreach(target ${CXB_MODULES})
  cxb_install_module(${target})
endforeach()

# The same arrows as in the build, for cxb-config.cmake.
set(CXB_PACKAGE_ARROWS "set(cxb_all_modules asio")
foreach(target ${CXB_MODULES})
  get_target_property(name ${target} EXPORT_NAME)
  string(APPEND CXB_PACKAGE_ARROWS " ${name}")
endforeach()
string(APPEND CXB_PACKAGE_ARROWS ")\n")
foreach(target ${CXB_MODULES})
  get_target_property(name ${target} EXPORT_NAME)
  string(REPLACE ";" " " needs "${CXB_NEEDS_${name}}")
  string(APPEND CXB_PACKAGE_ARROWS "set(cxb_needs_${name} ${needs})\n")
endforeach()

configure_package_config_file(src/cmake/cxb-config.cmake.in
  ${PROJECT_BINARY_DIR}/package/cxb-config.cmake INSTALL_DESTINATION ${cxb_package_dir})
write_basic_package_version_file(${PROJECT_BINARY_DIR}/package/cxb-config-version.cmake
  COMPATIBILITY SameMajorVersion)
install(FILES ${PROJECT_BINARY_DIR}/package/cxb-config.cmake
              ${PROJECT_BINARY_DIR}/package/cxb-config-version.cmake
              src/cmake/cxb_system_libraries.cmake
        DESTINATION ${cxb_package_dir} COMPONENT base)
install(FILES include/cxb/version.hpp DESTINATION ${CMAKE_INSTALL_INCLUDEDIR}/cxb COMPONENT base)
if(TARGET cxb_schemas)
  install(DIRECTORY ${CXB_SCHEMA_DIR}/ DESTINATION ${CMAKE_INSTALL_DATADIR}/cxb/schema/v1
          COMPONENT contract)
endif()
install(FILES README.md CHANGELOG.md LICENSE DESTINATION ${CMAKE_INSTALL_DOCDIR}
        COMPONENT documents)

if(NOT TARGET cxb-api)
  return()
endif()
install(TARGETS cxb-api cxb-core RUNTIME DESTINATION ${CMAKE_INSTALL_BINDIR} COMPONENT server)
install(TARGETS cxb RUNTIME DESTINATION ${CMAKE_INSTALL_BINDIR} COMPONENT cli)
install(FILES server/api/cxb-api.service server/core/cxb-core.service
        DESTINATION lib/systemd/system COMPONENT server)
install(FILES examples/cxb.example.yaml DESTINATION ${CMAKE_INSTALL_DOCDIR} COMPONENT server)
install(DIRECTORY docs/operations DESTINATION ${CMAKE_INSTALL_DOCDIR} COMPONENT server)
# Settings lie in <prefix>/etc/cxb, those of the prefix /usr in /etc/cxb.
install(CODE [[
  set(cxb_settings_root "${CMAKE_INSTALL_PREFIX}")
  if(cxb_settings_root MATCHES "/usr/?$")
    string(REGEX REPLACE "/usr/?$" "" cxb_settings_root "${cxb_settings_root}")
  endif()]] COMPONENT server)
install(CODE "file(INSTALL DESTINATION \"\${cxb_settings_root}/etc/cxb\" TYPE FILE
  RENAME cxb.yaml FILES \"${PROJECT_SOURCE_DIR}/examples/cxb.example.yaml\")" COMPONENT server)
