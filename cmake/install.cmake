# `cmake --install`: the program, and what it says of itself: manual pages and completion.
include(GNUInstallDirs)

install(TARGETS sqs2pg RUNTIME DESTINATION ${CMAKE_INSTALL_BINDIR})
install(CODE "
  set(program \"$<TARGET_FILE:sqs2pg>\")
  set(root \"\$ENV{DESTDIR}\${CMAKE_INSTALL_PREFIX}\")
  set(pages \"\${root}/${CMAKE_INSTALL_MANDIR}/man1\")
  file(MAKE_DIRECTORY \"\${pages}\")
  execute_process(COMMAND \"\${program}\" man --into \"\${pages}\" COMMAND_ERROR_IS_FATAL ANY)
  foreach(place \"bash:share/bash-completion/completions/sqs2pg\" \"zsh:share/zsh/site-functions/_sqs2pg\"
                \"fish:share/fish/vendor_completions.d/sqs2pg.fish\")
    string(REPLACE \":\" \";\" parts \"\${place}\")
    list(GET parts 0 shell)
    list(GET parts 1 path)
    get_filename_component(folder \"\${root}/\${path}\" DIRECTORY)
    file(MAKE_DIRECTORY \"\${folder}\")
    execute_process(COMMAND \"\${program}\" completion \"\${shell}\" OUTPUT_FILE \"\${root}/\${path}\"
                    COMMAND_ERROR_IS_FATAL ANY)
  endforeach()
")
