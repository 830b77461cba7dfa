# Debian packages: `cpack -G DEB` in the build folder, after a build.
#
#   libcxb1      the shared objects           libcxb-dev   headers, archives, CMake and pkg-config
#   cxb-server   cxb-api, cxb-core, units     cxb-cli      cxb
if(NOT TARGET cxb-api OR NOT CXB_SHARED)
  return()
endif()
set(cxb_runtime_components asio_runtime)
set(cxb_dev_components asio documents)
foreach(target ${CXB_MODULES})
  get_target_property(name ${target} EXPORT_NAME)
  list(APPEND cxb_runtime_components ${name}_runtime)
  list(APPEND cxb_dev_components ${name})
endforeach()

set(CPACK_GENERATOR DEB)
set(CPACK_PACKAGE_NAME cxb)
set(CPACK_PACKAGE_VENDOR "CX Bridge")
set(CPACK_PACKAGE_CONTACT "CX Bridge <packages@cxb.invalid>")
set(CPACK_PACKAGE_DESCRIPTION_SUMMARY "SDK and servers for voice-bot contact centres")
set(CPACK_PACKAGE_INSTALL_DIRECTORY cxb)
set(CPACK_VERBATIM_VARIABLES ON)
set(CPACK_STRIP_FILES ON)
set(CPACK_COMPONENTS_ALL ${cxb_runtime_components} ${cxb_dev_components} server cli)
set(CPACK_COMPONENTS_GROUPING ONE_PER_GROUP)
set(CPACK_DEB_COMPONENT_INSTALL ON)
set(CPACK_PACKAGING_INSTALL_PREFIX /usr)
set(CPACK_DEBIAN_FILE_NAME DEB-DEFAULT)
set(CPACK_DEBIAN_COMPRESSION_TYPE xz)
set(CPACK_DEBIAN_PACKAGE_SHLIBDEPS ON)
# dpkg-shlibdeps finds our own shared objects here; what depends on them is said below.
set(CPACK_DEBIAN_PACKAGE_SHLIBDEPS_PRIVATE_DIRS ${PROJECT_BINARY_DIR})

set(CPACK_DEBIAN_LIBRARIES_PACKAGE_NAME libcxb1)
set(CPACK_DEBIAN_LIBRARIES_PACKAGE_SECTION libs)
set(CPACK_COMPONENT_LIBRARIES_DESCRIPTION
    "CX Bridge SDK: shared objects\n Contracts, clients and worker kit for voice-bot Cores and CRMs.")
set(CPACK_DEBIAN_DEVELOPMENT_PACKAGE_NAME libcxb-dev)
set(CPACK_DEBIAN_DEVELOPMENT_PACKAGE_SECTION libdevel)
set(CPACK_DEBIAN_DEVELOPMENT_PACKAGE_SHLIBDEPS OFF)
# Headers need Boost's; the rest is for linking the archives or single components.
set(CPACK_DEBIAN_DEVELOPMENT_PACKAGE_DEPENDS "libcxb1 (= ${PROJECT_VERSION}), \
libboost1.81-dev, libboost-system1.81-dev, libboost-json1.81-dev")
set(CPACK_DEBIAN_DEVELOPMENT_PACKAGE_RECOMMENDS "libssl-dev, libboost-url1.81-dev, \
libhowardhinnant-date-dev")
set(CPACK_DEBIAN_DEVELOPMENT_PACKAGE_SUGGESTS "libsqlite3-dev, libmongoc-dev, libhiredis-dev, libgmock-dev")
set(CPACK_COMPONENT_DEVELOPMENT_DESCRIPTION
    "CX Bridge SDK: development files\n Headers, static libraries, CMake package, pkg-config files and JSON Schemas.")
set(CPACK_DEBIAN_SERVER_PACKAGE_NAME cxb-server)
set(CPACK_DEBIAN_SERVER_PACKAGE_SECTION net)
set(CPACK_COMPONENT_SERVER_DESCRIPTION
    "CX Bridge servers\n Control plane cxb-api and media worker cxb-core with systemd units.")
set(CPACK_DEBIAN_CLI_PACKAGE_NAME cxb-cli)
set(CPACK_DEBIAN_CLI_PACKAGE_SECTION utils)
set(CPACK_COMPONENT_CLI_DESCRIPTION
    "CX Bridge command line\n Manages, checks and watches an installation.")
# Settings that an administrator changed survive upgrades.
file(CONFIGURE OUTPUT ${PROJECT_BINARY_DIR}/package/conffiles CONTENT "/etc/cxb/cxb.yaml\n")
set(CPACK_DEBIAN_SERVER_PACKAGE_CONTROL_EXTRA ${PROJECT_BINARY_DIR}/package/conffiles)

foreach(component ${cxb_runtime_components})
  string(TOUPPER ${component} upper)
  set(CPACK_COMPONENT_${upper}_GROUP libraries)
endforeach()
foreach(component ${cxb_dev_components})
  string(TOUPPER ${component} upper)
  set(CPACK_COMPONENT_${upper}_GROUP development)
endforeach()
set(CPACK_COMPONENT_SERVER_GROUP server)
set(CPACK_COMPONENT_CLI_GROUP cli)
foreach(group LIBRARIES DEVELOPMENT SERVER CLI)
  set(CPACK_COMPONENT_GROUP_${group}_DESCRIPTION "${CPACK_COMPONENT_${group}_DESCRIPTION}")
endforeach()
include(CPack)
