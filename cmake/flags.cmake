# Compiler and linker flags of every target.
add_library(sqs2pg_flags INTERFACE)
target_compile_options(sqs2pg_flags INTERFACE -Wall -Wextra -Wpedantic -Wshadow -Wnon-virtual-dtor -Wimplicit-fallthrough
                                              -fno-omit-frame-pointer -fstack-protector-strong)
if(NOT SQS2PG_ARCH STREQUAL "")
  target_compile_options(sqs2pg_flags INTERFACE -march=${SQS2PG_ARCH})
endif()
if(NOT SQS2PG_SANITIZE STREQUAL "")
  target_compile_options(sqs2pg_flags INTERFACE -fsanitize=${SQS2PG_SANITIZE} -fno-sanitize-recover=all)
  target_link_options(sqs2pg_flags INTERFACE -fsanitize=${SQS2PG_SANITIZE})
endif()
# lld links in a fraction of the time; the paths of the build machine stay out of the binary.
target_link_options(sqs2pg_flags INTERFACE -fuse-ld=lld -Wl,-z,relro,-z,now)
target_compile_options(sqs2pg_flags INTERFACE -ffile-prefix-map=${CMAKE_SOURCE_DIR}=.)

find_program(SQS2PG_CCACHE ccache)
if(SQS2PG_CCACHE)
  set(CMAKE_CXX_COMPILER_LAUNCHER ${SQS2PG_CCACHE})
endif()
