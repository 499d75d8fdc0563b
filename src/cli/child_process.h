// A program run beside us, for the demo's private PostgreSQL: in a process group of its own (Ctrl-C in the terminal
// does not reach it), as another user when we are root, and gone when we are.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include <sys/types.h>

#include "base/result.h"

namespace sqs2pg::cli {

struct UserIds {
    uid_t user = 0;
    gid_t group = 0;
};

// Whom to be instead of root: "postgres", else "nobody". Nothing when we are not root. Configuration error when neither
// exists.
Result<std::optional<UserIds>> unprivileged_user();

struct ChildOptions {
    std::vector<std::string> command;  // an absolute path, then the arguments
    std::string folder;                // to run in
    std::string output;                // file that gets stdout and stderr, appended
    std::optional<UserIds> user;
    int signal_when_we_die = 0;  // sent to the child when the starting thread ends; 0: none
};

class ChildProcess {
   public:
    ChildProcess() = default;
    ChildProcess(const ChildProcess&) = delete;
    ChildProcess& operator=(const ChildProcess&) = delete;

    // Retry error when the system has no process to spare. A program that cannot be run ends with status 127.
    Status start(const ChildOptions& options);

    // The exit status (128 + signal when one ended it), nothing while it runs. 0 when none was ever started.
    std::optional<int> poll();
    // To the child's whole group; nothing happens when it has ended.
    void signal(int number);
    // Sends `first`, waits up to two seconds, then kills; at last its whole group. Returns when it is gone.
    void end(int first);

   private:
    pid_t pid_ = 0;
    int status_ = 0;
};

}  // namespace sqs2pg::cli
