# The re-exec library as others get it: installed, then found, built against and run.
set(prefix ${CMAKE_BINARY_DIR}/package/prefix)
if(MYCONTAINER_SANITIZE)
  set(sanitize -DCMAKE_CXX_FLAGS=-fsanitize=${MYCONTAINER_SANITIZE})
endif()
add_test(NAME package.installs
  COMMAND ${CMAKE_COMMAND} --install ${CMAKE_BINARY_DIR} --component reexec --prefix ${prefix})
add_test(NAME package.serves_an_outside_project
  COMMAND ${CMAKE_CTEST_COMMAND}
    --build-and-test ${CMAKE_CURRENT_LIST_DIR} ${CMAKE_BINARY_DIR}/package/build
    --build-generator ${CMAKE_GENERATOR}
    --build-options -DCMAKE_PREFIX_PATH=${prefix} -DCMAKE_CXX_COMPILER=${CMAKE_CXX_COMPILER} ${sanitize}
    --test-command ${CMAKE_BINARY_DIR}/package/build/outside)
set_tests_properties(package.installs PROPERTIES FIXTURES_SETUP package)
set_tests_properties(package.serves_an_outside_project PROPERTIES FIXTURES_REQUIRED package TIMEOUT 300)
