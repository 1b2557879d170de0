# The library for others: find_package(mycontainer-reexec), then link mycontainer::reexec and
# include "reexec/command.h". Installed alone by: cmake --install build/release --component reexec
set(package mycontainer-reexec)
set(package_directory ${CMAKE_INSTALL_LIBDIR}/cmake/${package})

foreach(library sys reexec)
  target_include_directories(mycontainer_${library} PUBLIC
    $<INSTALL_INTERFACE:${CMAKE_INSTALL_INCLUDEDIR}/mycontainer>)
  target_compile_features(mycontainer_${library} PUBLIC cxx_std_20)
  set_target_properties(mycontainer_${library} PROPERTIES EXPORT_NAME ${library})
endforeach()
install(TARGETS mycontainer_sys mycontainer_reexec EXPORT ${package}
  ARCHIVE DESTINATION ${CMAKE_INSTALL_LIBDIR} COMPONENT reexec)
install(EXPORT ${package} NAMESPACE mycontainer:: FILE ${package}-targets.cmake
  DESTINATION ${package_directory} COMPONENT reexec)
# What command.cpp keeps to itself stays at home.
install(DIRECTORY ${CMAKE_CURRENT_SOURCE_DIR}/
  DESTINATION ${CMAKE_INSTALL_INCLUDEDIR}/mycontainer/reexec COMPONENT reexec
  FILES_MATCHING PATTERN "*.h"
  PATTERN examples EXCLUDE
  PATTERN starter.h EXCLUDE PATTERN spawn_plan.h EXCLUDE PATTERN id_maps.h EXCLUDE)

include(CMakePackageConfigHelpers)
file(CONFIGURE OUTPUT ${package}-config.cmake @ONLY CONTENT
"include(CMakeFindDependencyMacro)
find_dependency(tl-expected)
include(\${CMAKE_CURRENT_LIST_DIR}/@package@-targets.cmake)
")
write_basic_package_version_file(${CMAKE_CURRENT_BINARY_DIR}/${package}-config-version.cmake
  COMPATIBILITY SameMajorVersion)
install(FILES ${CMAKE_CURRENT_BINARY_DIR}/${package}-config.cmake
  ${CMAKE_CURRENT_BINARY_DIR}/${package}-config-version.cmake
  DESTINATION ${package_directory} COMPONENT reexec)
