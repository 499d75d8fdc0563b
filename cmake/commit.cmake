# Run by every build (`cmake -P`): writes which commit is built into a header, which changes only when that does, so that
# nothing else is compiled anew. Without a repository, as from a tarball or in a container, the commit is what
# -DSQS2PG_COMMIT=… says, or not known.
cmake_minimum_required(VERSION 3.25)
set(commit "${SQS2PG_COMMIT}")
set(dirty 0)
if(commit STREQUAL "")
  find_program(git git)
  if(git)
    set(ENV{GIT_OPTIONAL_LOCKS} 0)
    execute_process(COMMAND ${git} -C ${SOURCE} rev-parse --show-toplevel
                    OUTPUT_VARIABLE top OUTPUT_STRIP_TRAILING_WHITESPACE ERROR_QUIET)
    file(REAL_PATH "${SOURCE}" source)
    if(top STREQUAL source)  # not that of a repository around an unpacked tarball
      execute_process(COMMAND ${git} -C ${SOURCE} rev-parse HEAD
                      OUTPUT_VARIABLE commit OUTPUT_STRIP_TRAILING_WHITESPACE ERROR_QUIET)
      execute_process(COMMAND ${git} -C ${SOURCE} status --porcelain --untracked-files=no
                      OUTPUT_VARIABLE changes OUTPUT_STRIP_TRAILING_WHITESPACE ERROR_QUIET)
      if(NOT changes STREQUAL "")
        set(dirty 1)
      endif()
    endif()
  endif()
endif()
if(NOT commit MATCHES "^[0-9A-Za-z._-]*$")
  message(FATAL_ERROR "SQS2PG_COMMIT is to be a commit's hash")
endif()
file(CONFIGURE OUTPUT ${HEADER} CONTENT
"// Written by cmake/commit.cmake.
#pragma once
#define SQS2PG_COMMIT \"${commit}\"
#define SQS2PG_COMMIT_DIRTY ${dirty}
")
