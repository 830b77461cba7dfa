# Install rules. Each library module is an install component of its own with its own export file,
# so that `cmake --install --component contract` plus what it needs is a working package.
#
#   find_package(cxb COMPONENTS contract)   -> cxb::contract, cxb::wire, cxb::base
#
# Processes are the component `processes`, texts the component `documents`.
include(GNUInstallDirs)
include(CMakePackageConfigHelpers)

set(cxb_package_dir ${CMAKE_INSTALL_LIBDIR}/cmake/cxb)

function(cxb_install_module target)
  get_target_property(name ${target} EXPORT_NAME)
  install(TARGETS ${target} EXPORT cxb-${name}
          ARCHIVE DESTINATION ${CMAKE_INSTALL_LIBDIR} COMPONENT ${name})
  install(EXPORT cxb-${name} NAMESPACE cxb:: DESTINATION ${cxb_package_dir}
          FILE cxb-${name}-targets.cmake COMPONENT ${name})
  string(REPLACE "store_" "store/" folder ${name})
  if(EXISTS ${CMAKE_SOURCE_DIR}/include/cxb/${folder})
    install(DIRECTORY include/cxb/${folder}/ DESTINATION ${CMAKE_INSTALL_INCLUDEDIR}/cxb/${folder}
            COMPONENT ${name} FILES_MATCHING PATTERN "*.hpp")
  endif()
endfunction()

# The Asio switches (cxb::asio) are a component as well: whoever sees Asio must agree on them.
foreach(target cxb_asio ${CXB_MODULES})
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
  ${CMAKE_BINARY_DIR}/package/cxb-config.cmake INSTALL_DESTINATION ${cxb_package_dir})
write_basic_package_version_file(${CMAKE_BINARY_DIR}/package/cxb-config-version.cmake
  COMPATIBILITY SameMajorVersion)
install(FILES ${CMAKE_BINARY_DIR}/package/cxb-config.cmake
              ${CMAKE_BINARY_DIR}/package/cxb-config-version.cmake
              src/cmake/cxb_system_libraries.cmake
        DESTINATION ${cxb_package_dir} COMPONENT base)
install(FILES include/cxb/version.hpp DESTINATION ${CMAKE_INSTALL_INCLUDEDIR}/cxb COMPONENT base)

if(CXB_PROCESSES)
  install(TARGETS ${CXB_PROCESSES} RUNTIME DESTINATION ${CMAKE_INSTALL_BINDIR} COMPONENT processes)
endif()
install(FILES README.md CHANGELOG.md LICENSE DESTINATION ${CMAKE_INSTALL_DOCDIR}
        COMPONENT documents)
install(FILES examples/cxb.example.yaml DESTINATION ${CMAKE_INSTALL_DOCDIR}
        COMPONENT documents OPTIONAL)
