# cxb_module(<name> [SOURCE_DIR dir below src] [PUBLIC ...] [PRIVATE ...]) declares a module: bodies
# from src/<dir>, headers from include/cxb. ASIO stands for the Asio flags. cxb_add_modules() makes
# the libraries of CXB_COMPONENTS and of what they stand on: cxb_<name>, and with CXB_SHARED
# cxb_<name>_shared from the same objects.
set(CXB_MODULES "" CACHE INTERNAL "")
set(CXB_PROCESSES "" CACHE INTERNAL "")
set(cxb_declared "")

macro(cxb_module name)
  list(APPEND cxb_declared ${name})
  cmake_parse_arguments(M "" "SOURCE_DIR" "PUBLIC;PRIVATE" ${ARGN})
  list(TRANSFORM M_PUBLIC REPLACE "^ASIO$" "cxb_asio")
  set(cxb_dir_${name} ${name})
  if(M_SOURCE_DIR)
    set(cxb_dir_${name} ${M_SOURCE_DIR})
  endif()
  set(cxb_public_${name} "${M_PUBLIC}")
  set(cxb_private_${name} "${M_PRIVATE}")
  set(needs ${M_PUBLIC})
  list(FILTER needs INCLUDE REGEX "^cxb_")
  list(TRANSFORM needs REPLACE "^cxb_" "")
  set(CXB_NEEDS_${name} "${needs}" CACHE INTERNAL "Modules that ${name} stands on")
endmacro()

# cxb_close(<out> <module>...): the modules and all they stand on.
function(cxb_close out)
  set(open ${ARGN})
  set(closed "")
  while(open)
    list(POP_FRONT open next)
    if(NOT next IN_LIST closed)
      list(APPEND closed ${next})
      list(APPEND open ${CXB_NEEDS_${next}})
    endif()
  endwhile()
  set(${out} ${closed} PARENT_SCOPE)
endfunction()

function(cxb_add_modules)
  if("asio" IN_LIST cxb_closed)
    cxb_add_asio()
  endif()
  foreach(name IN LISTS cxb_declared)
    if(name IN_LIST cxb_closed)
      cxb_add_module(${name})
    endif()
  endforeach()
endfunction()

# Asio's body, compiled once, and the switches everybody who sees Asio must agree on. Its names
# are Boost's, so they keep the visibility that Boost gives them.
function(cxb_add_asio)
  add_library(cxb_asio STATIC src/net/asio/asio_body.cpp)
  add_library(cxb::asio ALIAS cxb_asio)
  target_compile_definitions(cxb_asio PUBLIC BOOST_ASIO_SEPARATE_COMPILATION
    BOOST_BEAST_SEPARATE_COMPILATION BOOST_ASIO_NO_DEPRECATED)
  target_compile_features(cxb_asio PUBLIC cxx_std_20)
  target_link_libraries(cxb_asio PUBLIC Boost::headers Threads::Threads)
  set_target_properties(cxb_asio PROPERTIES EXPORT_NAME asio)
  if(CXB_SHARED)
    cxb_add_shared(asio "Boost::headers;Threads::Threads" "")
    target_compile_definitions(cxb_asio_shared INTERFACE BOOST_ASIO_SEPARATE_COMPILATION
      BOOST_BEAST_SEPARATE_COMPILATION BOOST_ASIO_NO_DEPRECATED)
  endif()
endfunction()

function(cxb_add_module name)
  set(scope GLOB_RECURSE)
  if(name STREQUAL "store")
    set(scope GLOB)
  endif()
  file(${scope} sources CONFIGURE_DEPENDS ${PROJECT_SOURCE_DIR}/src/${cxb_dir_${name}}/*.cpp)
  list(FILTER sources EXCLUDE REGEX "/src/net/asio/")  # cxb_asio
  set(CXB_MODULES ${CXB_MODULES} cxb_${name} CACHE INTERNAL "")
  add_library(cxb_${name} STATIC ${sources})
  add_library(cxb::${name} ALIAS cxb_${name})
  target_include_directories(cxb_${name}
    PUBLIC $<BUILD_INTERFACE:${PROJECT_SOURCE_DIR}/include> $<INSTALL_INTERFACE:include>
    PRIVATE ${PROJECT_SOURCE_DIR})
  target_link_libraries(cxb_${name} PUBLIC ${cxb_public_${name}} PRIVATE ${cxb_private_${name}}
                        $<BUILD_INTERFACE:cxb_flags>)
  target_compile_features(cxb_${name} PUBLIC cxx_std_20)
  set_target_properties(cxb_${name} PROPERTIES EXPORT_NAME ${name}
    CXX_VISIBILITY_PRESET hidden VISIBILITY_INLINES_HIDDEN ON)
  cxb_precompile(cxb_${name} "${cxb_public_${name}}")
  if(CXB_SHARED)
    cxb_add_shared(${name} "${cxb_public_${name}}" "${cxb_private_${name}}")
  endif()
endfunction()

# The name of a shared object carries major.minor: there is no promise of binary compatibility
# between minor versions (spec 10 §1.4). Undefined names are refused, so a name that another
# module needs but its header does not export shows when linking.
function(cxb_add_shared name public private)
  list(TRANSFORM public REPLACE "^(cxb_.*)$" "\\1_shared")
  list(TRANSFORM private REPLACE "^(.+)$" "$<BUILD_INTERFACE:\\1>")
  add_library(cxb_${name}_shared SHARED $<TARGET_OBJECTS:cxb_${name}>)
  target_include_directories(cxb_${name}_shared INTERFACE
    $<BUILD_INTERFACE:${PROJECT_SOURCE_DIR}/include> $<INSTALL_INTERFACE:include>)
  target_link_libraries(cxb_${name}_shared PUBLIC ${public} PRIVATE ${private})
  target_compile_features(cxb_${name}_shared INTERFACE cxx_std_20)
  target_link_options(cxb_${name}_shared PRIVATE -Wl,-z,defs -Wl,--as-needed)
  set_target_properties(cxb_${name}_shared PROPERTIES LINKER_LANGUAGE CXX OUTPUT_NAME cxb_${name}
    VERSION ${PROJECT_VERSION} SOVERSION ${PROJECT_VERSION_MAJOR}.${PROJECT_VERSION_MINOR}
    EXPORT_NAME ${name} INSTALL_RPATH "$ORIGIN")
endfunction()

# cxb_precompile(<target> <links> [<header>...]): precompiled headers, only where they pay: modules
# that see Boost.JSON or Asio everywhere; further headers are those that all of the target's sources
# include.
function(cxb_precompile target links)
  set(header "")
  if("${links}" MATCHES "cxb_asio|cxb_net|cxb_client|cxb_store|cxb_testing|cxb_server_common|cxb_api|cxb_core|cxb_cli")
    set(header ${PROJECT_SOURCE_DIR}/src/cmake/pch_asio.hpp)
  elseif("${links}" MATCHES "cxb_wire|cxb_contract|cxb_domain")
    set(header ${PROJECT_SOURCE_DIR}/src/cmake/pch_json.hpp)
  endif()
  if(CXB_PCH AND CMAKE_CXX_COMPILER_ID STREQUAL "Clang" AND header)
    target_precompile_headers(${target} PRIVATE ${header} ${ARGN})
  elseif(CXB_SHARED AND header MATCHES "pch_asio")
    # It is also what keeps Asio's own state one in all shared objects.
    target_compile_options(${target} PRIVATE "SHELL:-include ${header}")
  endif()
endfunction()

# cxb_server_module(<name> DIR dir LINK libs...): everything in DIR except DIR/main.
function(cxb_server_module name)
  cmake_parse_arguments(M "" "DIR" "LINK" ${ARGN})
  file(GLOB_RECURSE sources CONFIGURE_DEPENDS ${PROJECT_SOURCE_DIR}/${M_DIR}/*.cpp)
  list(FILTER sources EXCLUDE REGEX "/${M_DIR}/main/")
  if(NOT sources)
    add_library(cxb_${name} INTERFACE)
    target_link_libraries(cxb_${name} INTERFACE ${M_LINK})
    target_include_directories(cxb_${name} INTERFACE ${PROJECT_SOURCE_DIR})
    return()
  endif()
  add_library(cxb_${name} STATIC ${sources})
  target_include_directories(cxb_${name} PUBLIC ${PROJECT_SOURCE_DIR})
  target_link_libraries(cxb_${name} PUBLIC ${M_LINK} PRIVATE cxb_flags)
  cxb_precompile(cxb_${name} "${M_LINK}")
endfunction()

function(cxb_process name main lib)
  if(EXISTS ${PROJECT_SOURCE_DIR}/${main})
    add_executable(${name} ${main})
    target_link_libraries(${name} PRIVATE ${lib} cxb_flags)
    set(CXB_PROCESSES ${CXB_PROCESSES} ${name} CACHE INTERNAL "")
  endif()
endfunction()

# The golden corpus of one document type as text inside a program: OUT defines the function that
# cli/conformance/corpus.hpp declares.
function(cxb_embed_corpus out)
  file(GLOB files CONFIGURE_DEPENDS ${CMAKE_SOURCE_DIR}/tests/contract/corpus/v1/call_results/*.json)
  list(FILTER files EXCLUDE REGEX "\\.expected\\.json$")
  set_property(DIRECTORY APPEND PROPERTY CMAKE_CONFIGURE_DEPENDS ${files})
  set(rows "")
  foreach(path IN LISTS files)
    get_filename_component(name ${path} NAME)
    file(READ ${path} text)
    string(APPEND rows "    {\"${name}\", R\"corpus(${text})corpus\"},\n")
  endforeach()
  file(CONFIGURE OUTPUT ${out} @ONLY CONTENT "#include \"cli/conformance/corpus.hpp\"

namespace cxb::cli::conformance {

std::span<std::pair<std::string_view, std::string_view> const> corpus_results() noexcept {
  static constexpr std::pair<std::string_view, std::string_view> all[] = {
@rows@  };
  return all;
}

}  // namespace cxb::cli::conformance
")
endfunction()
