# Profile-guided optimisation of what is shipped: profile.tar.xz beside this file tells clang which functions and branches
# a worker and a queue at full rate run through. `./dev profile` makes it anew. A function that has changed since is
# compiled without it, so an old profile costs speed and never correctness.
#   SQS2PG_PROFILE=use    the default; of a Release build by clang 19 or newer, other builds do without
#   SQS2PG_PROFILE=train  a program that writes profiles where LLVM_PROFILE_FILE says
#   SQS2PG_PROFILE=off
set(SQS2PG_PROFILE "use" CACHE STRING "Profile-guided optimisation: use, train or off")
set_property(CACHE SQS2PG_PROFILE PROPERTY STRINGS use train off)

if(SQS2PG_PROFILE STREQUAL "train")
  target_compile_options(sqs2pg_flags INTERFACE -fprofile-generate)
  target_link_options(sqs2pg_flags INTERFACE -fprofile-generate)
elseif(SQS2PG_PROFILE STREQUAL "use" AND CMAKE_BUILD_TYPE STREQUAL "Release" AND SQS2PG_SANITIZE STREQUAL ""
       AND CMAKE_CXX_COMPILER_ID STREQUAL "Clang" AND CMAKE_CXX_COMPILER_VERSION VERSION_GREATER_EQUAL 19)
  set(packed ${CMAKE_CURRENT_LIST_DIR}/profile.tar.xz)
  set_property(DIRECTORY APPEND PROPERTY CMAKE_CONFIGURE_DEPENDS ${packed})
  # Its hash is part of the path, and with that of every command, so that a new profile compiles everything anew. Relative
  # to the build's folder, where compilers run: another checkout then finds the same commands in ccache.
  file(SHA256 ${packed} hash)
  string(SUBSTRING ${hash} 0 12 hash)
  file(ARCHIVE_EXTRACT INPUT ${packed} DESTINATION ${CMAKE_BINARY_DIR}/profile-${hash})
  target_compile_options(sqs2pg_flags INTERFACE -fprofile-use=profile-${hash}/sqs2pg.profdata
                                                -Wno-profile-instr-unprofiled -Wno-profile-instr-out-of-date -Wno-backend-plugin)
elseif(NOT SQS2PG_PROFILE MATCHES "^(use|off)$")
  message(FATAL_ERROR "SQS2PG_PROFILE is to be use, train or off, not \"${SQS2PG_PROFILE}\"")
endif()
