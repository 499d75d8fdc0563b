# One small static library a folder of src/. Sources are globbed, so that a new file needs no change here.
function(sqs2pg_module name)
  cmake_parse_arguments(ARG "" "" "DEPENDS" ${ARGN})
  file(GLOB sources CONFIGURE_DEPENDS ${CMAKE_SOURCE_DIR}/src/${name}/*.cpp)
  list(FILTER sources EXCLUDE REGEX "/main\\.cpp$")
  set(dependencies "")
  foreach(dependency IN LISTS ARG_DEPENDS)
    if(TARGET sqs2pg_${dependency})
      list(APPEND dependencies sqs2pg_${dependency})
    else()
      list(APPEND dependencies ${dependency})
    endif()
  endforeach()
  if(sources)
    add_library(sqs2pg_${name} STATIC ${sources})
    target_link_libraries(sqs2pg_${name} PUBLIC ${dependencies} sqs2pg_flags)
    target_include_directories(sqs2pg_${name} PUBLIC ${CMAKE_SOURCE_DIR}/src)
  else()
    add_library(sqs2pg_${name} INTERFACE)
    target_link_libraries(sqs2pg_${name} INTERFACE ${dependencies} sqs2pg_flags)
    target_include_directories(sqs2pg_${name} INTERFACE ${CMAKE_SOURCE_DIR}/src)
  endif()
endfunction()

function(sqs2pg_program name module)
  set(main ${CMAKE_SOURCE_DIR}/src/${module}/main.cpp)
  if(EXISTS ${main})
    add_executable(${name} ${main})
    # Takes the place of malloc and free: a message lives in some ten small strings, and with glibc a sixth of the CPU went there.
    # Sanitizers bring their own.
    if(SQS2PG_SANITIZE STREQUAL "")
      target_link_libraries(${name} PRIVATE PkgConfig::tcmalloc)
    endif()
    target_link_libraries(${name} PRIVATE sqs2pg_${module})
    set_target_properties(${name} PROPERTIES RUNTIME_OUTPUT_DIRECTORY ${CMAKE_BINARY_DIR})
  endif()
endfunction()

# What `sqs2pg version` tells; only the one file that tells it is compiled anew when it changes.
function(sqs2pg_build_info module file)
  set(header ${CMAKE_BINARY_DIR}/generated/cli/commit.h)
  add_custom_target(sqs2pg_commit BYPRODUCTS ${header} COMMENT ""
    COMMAND ${CMAKE_COMMAND} -DSOURCE=${CMAKE_SOURCE_DIR} -DHEADER=${header} "-DSQS2PG_COMMIT=${SQS2PG_COMMIT}"
            -P ${CMAKE_SOURCE_DIR}/cmake/commit.cmake)
  add_dependencies(sqs2pg_${module} sqs2pg_commit)
  set(lto 0)
  if(CMAKE_INTERPROCEDURAL_OPTIMIZATION OR CMAKE_CXX_FLAGS MATCHES "-flto")
    set(lto 1)
  endif()
  set_source_files_properties(${CMAKE_SOURCE_DIR}/src/${module}/${file} PROPERTIES
    OBJECT_DEPENDS ${header}
    INCLUDE_DIRECTORIES ${CMAKE_BINARY_DIR}/generated
    COMPILE_DEFINITIONS "SQS2PG_VERSION=\"${PROJECT_VERSION}\";SQS2PG_BUILD_TYPE=\"${CMAKE_BUILD_TYPE}\";SQS2PG_SANITIZE=\"${SQS2PG_SANITIZE}\";SQS2PG_ARCH=\"${SQS2PG_ARCH}\";SQS2PG_LTO=${lto}")
endfunction()
