// Programs run for their output, see command_output.h.
#include "aws/command_output.h"

#include <cerrno>
#include <csignal>
#include <cstring>
#include <memory>

#include <fcntl.h>
#include <openssl/crypto.h>
#include <spawn.h>
#include <sys/wait.h>
#include <unistd.h>
#include <boost/asio/buffer.hpp>
#include <boost/asio/error.hpp>
#include <boost/asio/posix/stream_descriptor.hpp>
#include <boost/asio/redirect_error.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/this_coro.hpp>
#include <boost/asio/use_awaitable.hpp>

extern char** environ;

namespace sqs2pg::aws {
namespace {

namespace asio = boost::asio;
using boost::system::error_code;

constexpr auto kPollInterval = std::chrono::milliseconds(5);

tl::unexpected<Error> failed(std::string code, std::string detail) {
    return fail(ErrorKind::Credentials, Stage::Start, std::move(code), std::move(detail));
}

bool is_blank(char c) { return c == ' ' || c == '\t' || c == '\n' || c == '\r'; }

// A child and its group: gone at the latest with this object.
class Child {
   public:
    Child() = default;
    Child(const Child&) = delete;
    Child& operator=(const Child&) = delete;
    ~Child() {
        if (pid_ <= 0) return;
        kill(-pid_, SIGKILL);
        while (waitpid(pid_, nullptr, 0) < 0 && errno == EINTR) {
        }
    }

    // 0, or the errno of why not. `out` becomes its stdout.
    int start(const std::vector<std::string>& words, int out) {
        posix_spawn_file_actions_t actions;
        posix_spawn_file_actions_init(&actions);
        posix_spawn_file_actions_addopen(&actions, STDIN_FILENO, "/dev/null", O_RDONLY, 0);
        posix_spawn_file_actions_adddup2(&actions, out, STDOUT_FILENO);
        posix_spawn_file_actions_addopen(&actions, STDERR_FILENO, "/dev/null", O_WRONLY, 0);
        posix_spawn_file_actions_addclosefrom_np(&actions, STDERR_FILENO + 1);
        posix_spawnattr_t attributes;
        posix_spawnattr_init(&attributes);
        sigset_t none;
        sigset_t all;
        sigemptyset(&none);
        sigfillset(&all);
        posix_spawnattr_setpgroup(&attributes, 0);
        posix_spawnattr_setsigmask(&attributes, &none);
        posix_spawnattr_setsigdefault(&attributes, &all);
        posix_spawnattr_setflags(&attributes, POSIX_SPAWN_SETPGROUP | POSIX_SPAWN_SETSIGMASK | POSIX_SPAWN_SETSIGDEF);
        std::vector<char*> arguments;
        for (const auto& word : words) arguments.push_back(const_cast<char*>(word.c_str()));
        arguments.push_back(nullptr);
        pid_t pid = 0;
        int error = posix_spawnp(&pid, arguments[0], &actions, &attributes, arguments.data(), environ);
        posix_spawn_file_actions_destroy(&actions);
        posix_spawnattr_destroy(&attributes);
        if (error == 0) pid_ = pid;
        return error;
    }

    // Its exit status, once it has ended.
    std::optional<int> poll() {
        int status = 0;
        if (waitpid(pid_, &status, WNOHANG) != pid_) return std::nullopt;
        // What it left behind in its group goes too.
        kill(-pid_, SIGKILL);
        pid_ = 0;
        return WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
    }

   private:
    pid_t pid_ = 0;
};

// The text, grown without leaving copies of it behind.
class Gathered {
   public:
    explicit Gathered(std::size_t most) : text_(most + 1, '\0') {}
    Gathered(const Gathered&) = delete;
    Gathered& operator=(const Gathered&) = delete;
    ~Gathered() { OPENSSL_cleanse(text_.data(), text_.size()); }

    asio::mutable_buffer room() { return asio::buffer(text_.data() + size_, text_.size() - size_); }
    void add(std::size_t bytes) { size_ += bytes; }
    bool full() const { return size_ == text_.size(); }
    Secret take() const { return Secret(text_.substr(0, size_)); }

   private:
    std::string text_;
    std::size_t size_ = 0;
};

}  // namespace

std::optional<std::vector<std::string>> command_words(std::string_view command) {
    std::vector<std::string> words;
    std::string word;
    bool begun = false;
    char quote = 0;
    for (std::size_t i = 0; i < command.size(); ++i) {
        char c = command[i];
        char next = i + 1 < command.size() ? command[i + 1] : '\0';
        if (quote == 0 && is_blank(c)) {
            if (begun) words.push_back(std::move(word));
            word.clear();
            begun = false;
            continue;
        }
        begun = true;
        if (quote == 0 && (c == '"' || c == '\'')) {
            quote = c;
        } else if (c == quote) {
            quote = 0;
        } else if (c == '\\' && (quote == 0 || (quote == '"' && (next == '"' || next == '\\')))) {
            if (i + 1 == command.size()) return std::nullopt;
            word += next;
            ++i;
        } else {
            word += c;
        }
    }
    if (quote != 0) return std::nullopt;
    if (begun) words.push_back(std::move(word));
    return words;
}

awaitable<Result<CommandOutput>> command_output(std::vector<std::string> words, CommandLimits limits) {
    auto executor = co_await asio::this_coro::executor;
    if (words.empty()) co_return failed("not_run", "there is no command");
    int ends[2];
    if (pipe2(ends, O_CLOEXEC) != 0) co_return failed("not_run", std::string("no pipe: ") + std::strerror(errno));
    auto out = std::make_shared<asio::posix::stream_descriptor>(executor, ends[0]);
    Child child;
    int error = child.start(words, ends[1]);
    close(ends[1]);
    if (error != 0) co_return failed("not_run", std::string("it cannot be run: ") + std::strerror(error));

    auto expired = std::make_shared<bool>(false);
    asio::steady_timer timer(executor);
    timer.expires_after(limits.deadline);
    timer.async_wait([expired, out](error_code ec) {
        if (ec) return;
        *expired = true;
        out->cancel(ec);
    });
    auto too_long = [&] {
        auto seconds = std::chrono::duration<double>(limits.deadline).count();
        return failed("timeout",
                      "it did not end within " + std::to_string(static_cast<int>(seconds + 0.5)) + " s and was killed");
    };
    Gathered gathered(limits.max_bytes);
    for (error_code ec; !ec;) {
        auto bytes = co_await out->async_read_some(gathered.room(), asio::redirect_error(asio::use_awaitable, ec));
        gathered.add(bytes);
        if (*expired) co_return too_long();
        if (gathered.full()) {
            co_return failed("too_much", "it writes more than " + std::to_string(limits.max_bytes) + " bytes");
        }
    }
    auto status = child.poll();
    while (!status) {
        if (*expired) co_return too_long();
        asio::steady_timer pause(executor, kPollInterval);
        error_code ignored;
        co_await pause.async_wait(asio::redirect_error(asio::use_awaitable, ignored));
        status = child.poll();
    }
    co_return CommandOutput{*status, gathered.take()};
}

}  // namespace sqs2pg::aws
