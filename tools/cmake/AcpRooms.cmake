# A room is one folder, one static library, one alias (acp::wire, cep::verify, ...). tools/tidy checks who includes whom.
#
#   acp_room(LIB acp|cep NAME wire SOURCES a.cc b.cc [PUBLIC deps] [PRIVATE deps])
function(acp_room)
  cmake_parse_arguments(R "" "LIB;NAME" "SOURCES;PUBLIC;PRIVATE" ${ARGN})
  set(target ${R_LIB}_${R_NAME})
  if(R_SOURCES)
    add_library(${target} STATIC ${R_SOURCES})
    set(scope PUBLIC)
  else()
    add_library(${target} INTERFACE)
    set(scope INTERFACE)
  endif()
  add_library(${R_LIB}::${R_NAME} ALIAS ${target})
  target_include_directories(${target} ${scope}
    $<BUILD_INTERFACE:${PROJECT_SOURCE_DIR}/lib${R_LIB}/include>
    $<INSTALL_INTERFACE:include>)
  target_compile_features(${target} ${scope} cxx_std_20)
  if(R_SOURCES)
    target_include_directories(${target} PRIVATE ${PROJECT_SOURCE_DIR}/lib${R_LIB}/src)
  endif()
  if(R_PUBLIC)
    target_link_libraries(${target} ${scope} ${R_PUBLIC})
  endif()
  if(R_PRIVATE)
    target_link_libraries(${target} PRIVATE ${R_PRIVATE})
  endif()
  set_property(GLOBAL APPEND PROPERTY ACP_ROOMS ${target})
  set_target_properties(${target} PROPERTIES EXPORT_NAME ${R_LIB}_${R_NAME})
endfunction()

# The cases of a test program that a filter lets through, each one ctest case. A second call takes other cases, and needs a LIST.
#
#   acp_test_cases(NAME verify TIER full TIMEOUT 300 [LIST name] [FILTER gtest-filter] [ENV VAR=value ...])
function(acp_test_cases)
  cmake_parse_arguments(C "" "NAME;TIER;TIMEOUT;LIST;FILTER" "ENV" ${ARGN})
  if(NOT C_LIST)
    set(C_LIST test_${C_NAME}_TESTS)
  endif()
  gtest_discover_tests(test_${C_NAME} TEST_PREFIX "${C_NAME}." TEST_LIST ${C_LIST} TEST_FILTER "${C_FILTER}"
    DISCOVERY_TIMEOUT 120 PROPERTIES LABELS ${C_TIER} TIMEOUT ${C_TIMEOUT})
  # gtest_discover_tests takes lists apart and would keep the first variable only: ctest sets them from a file of their own.
  set(environment ${CMAKE_CURRENT_BINARY_DIR}/${C_LIST}_environment.cmake)
  file(CONFIGURE OUTPUT ${environment} @ONLY CONTENT
    "if(@C_LIST@)\n  set_tests_properties(\${@C_LIST@} PROPERTIES ENVIRONMENT \"@C_ENV@\")\nendif()\n")
  set_property(DIRECTORY APPEND PROPERTY TEST_INCLUDE_FILES ${environment})
endfunction()

# A test program: every TEST in it becomes one ctest case, named after its folder.
#
#   acp_test(NAME verify SOURCES a_test.cc DEPS cep::verify [TIER quick|full|heavy|exhaustive] [ENV VAR=value ...]
#            [FILTER gtest-filter])
function(acp_test)
  cmake_parse_arguments(T "" "NAME;TIER;TIMEOUT;FILTER" "SOURCES;DEPS;ENV" ${ARGN})
  if(NOT T_TIER)
    set(T_TIER quick)
  endif()
  if(NOT T_TIMEOUT)
    set(T_TIMEOUT 300)
  endif()
  add_executable(test_${T_NAME} ${T_SOURCES})
  target_link_libraries(test_${T_NAME} PRIVATE ${T_DEPS} GTest::gtest_main rapidcheck_gtest rapidcheck)
  target_include_directories(test_${T_NAME} PRIVATE ${PROJECT_SOURCE_DIR}/tests)
  set_target_properties(test_${T_NAME} PROPERTIES RUNTIME_OUTPUT_DIRECTORY ${CMAKE_BINARY_DIR}/tests)
  acp_test_cases(NAME ${T_NAME} TIER ${T_TIER} TIMEOUT ${T_TIMEOUT} FILTER "${T_FILTER}" ENV ${T_ENV})
endfunction()

# A libFuzzer target in <build>/fuzzers, built by the target `fuzzers` of preset fuzz; its seeds lie in tests/fuzz/corpus/NAME.
#
#   acp_fuzzer(NAME plan_wire SOURCES plan_wire_fuzz.cc DEPS cep::wire)
function(acp_fuzzer)
  if(NOT ACP_BUILD_FUZZERS)
    return()
  endif()
  cmake_parse_arguments(F "" "NAME" "SOURCES;DEPS" ${ARGN})
  add_executable(fuzz_${F_NAME} EXCLUDE_FROM_ALL ${F_SOURCES})
  target_link_libraries(fuzz_${F_NAME} PRIVATE ${F_DEPS})
  target_include_directories(fuzz_${F_NAME} PRIVATE ${PROJECT_SOURCE_DIR}/tests)
  target_link_options(fuzz_${F_NAME} PRIVATE -fsanitize=fuzzer)
  set_target_properties(fuzz_${F_NAME} PROPERTIES OUTPUT_NAME ${F_NAME}
    RUNTIME_OUTPUT_DIRECTORY ${CMAKE_BINARY_DIR}/fuzzers)
  if(NOT TARGET fuzzers)
    add_custom_target(fuzzers)
  endif()
  add_dependencies(fuzzers fuzz_${F_NAME})
endfunction()
