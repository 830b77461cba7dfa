# The JSON Schemas of all documents, written from the field tables: ${CXB_SCHEMA_DIR}/<type>.json.
add_executable(contract_reference src/cmake/contract_reference/main.cpp)
target_link_libraries(contract_reference PRIVATE cxb_contract cxb_flags)
set(CXB_SCHEMA_DIR ${PROJECT_BINARY_DIR}/schema/v1)
if(PROJECT_IS_TOP_LEVEL)
  add_custom_command(OUTPUT ${PROJECT_BINARY_DIR}/schema/stamp
    COMMAND contract_reference schemas ${CXB_SCHEMA_DIR}
    COMMAND ${CMAKE_COMMAND} -E touch ${PROJECT_BINARY_DIR}/schema/stamp
    DEPENDS contract_reference VERBATIM)
  add_custom_target(cxb_schemas ALL DEPENDS ${PROJECT_BINARY_DIR}/schema/stamp)
else()
  set_target_properties(contract_reference PROPERTIES EXCLUDE_FROM_ALL ON)
endif()
