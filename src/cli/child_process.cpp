// fork, exec and wait, see child_process.h.
#include "cli/child_process.h"

#include <cerrno>
#include <chrono>
#include <csignal>
#include <cstdlib>
#include <cstring>
#include <thread>

#include <fcntl.h>
#include <grp.h>
#include <pwd.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

namespace sqs2pg::cli {

namespace {

// In the child, between fork and exec: only calls that are safe there.
[[noreturn]] void become(const ChildOptions& options, char* const* arguments, pid_t parent) {
    setpgid(0, 0);
    int output = open(options.output.c_str(), O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0600);
    int input = open("/dev/null", O_RDONLY | O_CLOEXEC);
    bool ready = output >= 0 && input >= 0 && dup2(input, STDIN_FILENO) >= 0 && dup2(output, STDOUT_FILENO) >= 0 &&
                 dup2(output, STDERR_FILENO) >= 0;
    if (ready && options.user) {
        ready = fchown(output, options.user->user, options.user->group) == 0 &&
                setgroups(1, &options.user->group) == 0 && setgid(options.user->group) == 0 &&
                setuid(options.user->user) == 0;
    }
    ready = ready && chdir(options.folder.c_str()) == 0;
    // After setuid, which clears it. The parent may have ended meanwhile.
    if (options.signal_when_we_die != 0) prctl(PR_SET_PDEATHSIG, options.signal_when_we_die);
    if (getppid() != parent) _exit(127);
    sigset_t none;
    sigemptyset(&none);
    sigprocmask(SIG_SETMASK, &none, nullptr);
    std::signal(SIGPIPE, SIG_DFL);
    if (ready) execv(arguments[0], arguments);
    _exit(127);
}

}  // namespace

Result<std::optional<UserIds>> unprivileged_user() {
    if (geteuid() != 0) return std::optional<UserIds>{};
    for (const char* name : {"postgres", "nobody"}) {
        if (const passwd* entry = getpwnam(name)) return std::optional(UserIds{entry->pw_uid, entry->pw_gid});
    }
    return fail(ErrorKind::Configuration, Stage::Start, "no_user",
                "PostgreSQL does not run as root, and there is no user \"postgres\" or \"nobody\" to run it as");
}

Status ChildProcess::start(const ChildOptions& options) {
    std::vector<char*> arguments;
    for (const auto& argument : options.command) arguments.push_back(const_cast<char*>(argument.c_str()));
    arguments.push_back(nullptr);
    auto parent = getpid();
    auto pid = fork();
    if (pid < 0) {
        return fail(ErrorKind::Retry, Stage::Start, "cannot_fork",
                    "cannot start " + options.command.front() + ": " + std::strerror(errno));
    }
    if (pid == 0) become(options, arguments.data(), parent);
    setpgid(pid, pid);  // here too: whoever comes first
    pid_ = pid;
    return {};
}

std::optional<int> ChildProcess::poll() {
    if (pid_ == 0) return status_;
    int status = 0;
    auto found = waitpid(pid_, &status, WNOHANG);
    if (found == 0 || (found < 0 && errno == EINTR)) return std::nullopt;
    pid_ = 0;
    status_ = found < 0 ? 127 : WIFSIGNALED(status) ? 128 + WTERMSIG(status) : WEXITSTATUS(status);
    return status_;
}

void ChildProcess::signal(int number) {
    if (pid_ != 0) kill(-pid_, number);
}

void ChildProcess::end(int first) {
    if (pid_ == 0) return;
    const auto group = pid_;
    kill(pid_, first);
    const auto deadline = std::chrono::steady_clock::now() + std::chrono::seconds(2);
    while (!poll()) {
        if (std::chrono::steady_clock::now() > deadline) signal(SIGKILL);
        std::this_thread::sleep_for(std::chrono::milliseconds(2));
    }
    kill(-group, SIGKILL);  // what it had started itself: initdb's own helper outlives it
}

}  // namespace sqs2pg::cli
