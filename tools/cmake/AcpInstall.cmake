# Install and export: find_package(acp_cep) gives the rooms as acp_cep::acp_core, acp_cep::cep_verify, ..., and under the names
# they have in this tree, acp::core, cep::verify, ...
include(GNUInstallDirs)
include(CMakePackageConfigHelpers)

# Every room, and every target of ours that a room needs at link time (generated schema code, for instance).
function(acp_exported_targets result)
  get_property(todo GLOBAL PROPERTY ACP_ROOMS)
  set(found "")
  while(todo)
    list(POP_FRONT todo target)
    if(target MATCHES "LINK_ONLY:([^>]+)>")
      set(target ${CMAKE_MATCH_1})
    endif()
    if(NOT TARGET ${target})
      continue()
    endif()
    get_target_property(aliased ${target} ALIASED_TARGET)
    if(aliased)
      set(target ${aliased})
    endif()
    get_target_property(imported ${target} IMPORTED)
    if(imported OR target IN_LIST found)
      continue()
    endif()
    list(APPEND found ${target})
    foreach(property LINK_LIBRARIES INTERFACE_LINK_LIBRARIES)
      get_target_property(needed ${target} ${property})
      if(needed)
        list(APPEND todo ${needed})
      endif()
    endforeach()
  endwhile()
  set(${result} ${found} PARENT_SCOPE)
endfunction()

acp_exported_targets(ACP_EXPORTED)
install(TARGETS ${ACP_EXPORTED} EXPORT acp_cep
  ARCHIVE DESTINATION ${CMAKE_INSTALL_LIBDIR}
  LIBRARY DESTINATION ${CMAKE_INSTALL_LIBDIR}
  INCLUDES DESTINATION ${CMAKE_INSTALL_INCLUDEDIR})
install(DIRECTORY ${PROJECT_SOURCE_DIR}/libacp/include/ ${PROJECT_SOURCE_DIR}/libcep/include/
  DESTINATION ${CMAKE_INSTALL_INCLUDEDIR} FILES_MATCHING PATTERN "*.h")
set(ACP_PACKAGE_DIR ${CMAKE_INSTALL_LIBDIR}/cmake/acp_cep)
install(EXPORT acp_cep NAMESPACE acp_cep:: FILE acp_cepTargets.cmake DESTINATION ${ACP_PACKAGE_DIR})

# acp_core -> acp::core, for the config file.
get_property(rooms GLOBAL PROPERTY ACP_ROOMS)
set(ACP_ROOM_ALIASES "")
foreach(room IN LISTS rooms)
  string(REGEX REPLACE "^(acp|cep)_" "\\1::" name ${room})
  string(APPEND ACP_ROOM_ALIASES "acp_cep_room(${name} ${room})\n")
endforeach()
configure_package_config_file(${CMAKE_CURRENT_LIST_DIR}/acp_cepConfig.cmake.in
  ${CMAKE_BINARY_DIR}/acp_cepConfig.cmake INSTALL_DESTINATION ${ACP_PACKAGE_DIR})
write_basic_package_version_file(${CMAKE_BINARY_DIR}/acp_cepConfigVersion.cmake COMPATIBILITY SameMinorVersion)
install(FILES ${CMAKE_BINARY_DIR}/acp_cepConfig.cmake ${CMAKE_BINARY_DIR}/acp_cepConfigVersion.cmake
  DESTINATION ${ACP_PACKAGE_DIR})
