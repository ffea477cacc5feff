# Installs, configures and builds the consumer, runs it. Stops at the first step that fails.
function(step)
  execute_process(COMMAND ${ARGV} COMMAND_ERROR_IS_FATAL ANY)
endfunction()

file(REMOVE_RECURSE ${WORK})
step(${CMAKE_COMMAND} --install ${BUILD} --prefix ${WORK}/prefix)
step(${CMAKE_COMMAND} -G ${GENERATOR} -S ${CONSUMER} -B ${WORK}/build
  -DCMAKE_CXX_COMPILER=${CXX} -DCMAKE_BUILD_TYPE=${BUILD_TYPE} -DCMAKE_PREFIX_PATH=${WORK}/prefix)
step(${CMAKE_COMMAND} --build ${WORK}/build)
step(${WORK}/build/consumer)

# The programs, somewhere else than they were installed: shims, host and corpus are found beside them.
unset(ENV{ACP_SHIM_PATH})
unset(ENV{ACP_SHIM_HOST})
unset(ENV{ACP_DOCUMENTS})
file(RENAME ${WORK}/prefix ${WORK}/moved)
set(bin ${WORK}/moved/bin)
step(${bin}/acp probe template@process)
step(${bin}/cep import ${THREAD}/workload.json -o ${WORK}/W.cep)
step(${bin}/cep plan ${WORK}/W.cep --devices cpu -o ${WORK}/P.cep)
step(${bin}/cep verify ${WORK}/W.cep ${WORK}/P.cep --certificate ${WORK}/C.cep)
step(${bin}/cep-check ${WORK}/W.cep ${WORK}/P.cep ${WORK}/C.cep)
step(${bin}/cep run ${WORK}/W.cep ${WORK}/P.cep --compare reference)
step(${bin}/acp-conformance mutants --mutant executed.a_step_without_time)
# The corpus that the program finds is its own.
file(RENAME ${WORK}/moved/share/acp_cep ${WORK}/elsewhere)
execute_process(COMMAND ${bin}/acp-conformance mutants --mutant executed.a_step_without_time RESULT_VARIABLE code ERROR_VARIABLE words)
if(NOT code EQUAL 4 OR NOT words MATCHES "moved/share/acp_cep/conformance/cep/documents: No such file")
  message(FATAL_ERROR "without its corpus: ${code} ${words}")
endif()
step(${CMAKE_COMMAND} -E env ACP_DOCUMENTS=${WORK}/elsewhere/conformance/cep/documents
  ${bin}/acp-conformance mutants --mutant executed.a_step_without_time)
