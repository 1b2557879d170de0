# The flags every target shares, and mycontainer_library(): one static library per folder.

add_library(mycontainer_flags INTERFACE)
target_include_directories(mycontainer_flags INTERFACE ${CMAKE_SOURCE_DIR} ${CMAKE_BINARY_DIR})
target_compile_options(mycontainer_flags INTERFACE
  -Wall -Wextra -Wpedantic -Wshadow -Wconversion -Werror
  -fno-plt -ffunction-sections -fdata-sections)
if(CMAKE_CXX_COMPILER_ID STREQUAL "GNU" AND CMAKE_CXX_COMPILER_VERSION VERSION_LESS 13)
  # Optimising, g++ 12 warns of overlaps and uses that cannot be (GCC bugs 105329 and 105562).
  target_compile_options(mycontainer_flags INTERFACE -Wno-restrict -Wno-maybe-uninitialized)
endif()
target_compile_definitions(mycontainer_flags INTERFACE _GNU_SOURCE _FILE_OFFSET_BITS=64)
target_link_options(mycontainer_flags INTERFACE -Wl,--gc-sections)
if(MYCONTAINER_SANITIZE)
  target_compile_options(mycontainer_flags INTERFACE
    -fsanitize=${MYCONTAINER_SANITIZE} -fno-sanitize-recover=all -fno-omit-frame-pointer)
  target_link_options(mycontainer_flags INTERFACE -fsanitize=${MYCONTAINER_SANITIZE})
endif()

# Nothing compiles while an include points upward (scripts/layers says which).
file(GLOB_RECURSE layered CONFIGURE_DEPENDS
  ${CMAKE_SOURCE_DIR}/cmd/* ${CMAKE_SOURCE_DIR}/runtime/* ${CMAKE_SOURCE_DIR}/rootfs/*
  ${CMAKE_SOURCE_DIR}/reexec/*)
add_custom_command(OUTPUT ${CMAKE_BINARY_DIR}/layers.stamp
  COMMAND ${CMAKE_SOURCE_DIR}/scripts/layers
  COMMAND ${CMAKE_COMMAND} -E touch ${CMAKE_BINARY_DIR}/layers.stamp
  DEPENDS ${layered} ${CMAKE_SOURCE_DIR}/scripts/layers
  COMMENT "Checking that includes follow the layers" VERBATIM)
add_custom_target(layers ALL DEPENDS ${CMAKE_BINARY_DIR}/layers.stamp)

# mycontainer_library(<folder name> DEPENDS <other folders> LIBRARIES <outside libraries>)
# Every .cpp of the calling folder becomes part of the static library mycontainer_<folder name>.
# A folder that holds headers only becomes an interface library.
function(mycontainer_library name)
  cmake_parse_arguments(ARG "" "" "DEPENDS;LIBRARIES" ${ARGN})
  file(GLOB sources CONFIGURE_DEPENDS ${CMAKE_CURRENT_SOURCE_DIR}/*.cpp)
  list(TRANSFORM ARG_DEPENDS PREPEND mycontainer_)
  if(sources)
    add_library(mycontainer_${name} STATIC ${sources})
    target_link_libraries(mycontainer_${name} PUBLIC $<BUILD_INTERFACE:mycontainer_flags> ${ARG_DEPENDS} ${ARG_LIBRARIES})
  else()
    add_library(mycontainer_${name} INTERFACE)
    target_link_libraries(mycontainer_${name} INTERFACE mycontainer_flags ${ARG_DEPENDS} ${ARG_LIBRARIES})
  endif()
  add_dependencies(mycontainer_${name} layers)
endfunction()
