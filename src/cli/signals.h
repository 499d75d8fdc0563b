// SIGTERM and SIGINT on an event loop: the first begins the orderly end, a second one ends the process at once. SIGHUP
// asks for a reload.
#pragma once

#include <functional>
#include <string_view>

#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/signal_set.hpp>

namespace sqs2pg::cli {

class Signals {
   public:
    // `on_first` gets the signal's number, on the executor. `before_end` is called before a second one ends the process
    // with exit code 1; may be empty. `on_reload` is called for each SIGHUP; empty: SIGHUP keeps its default. All are
    // called while this object lives only.
    Signals(boost::asio::any_io_executor executor, std::function<void(int)> on_first, std::function<void()> before_end,
            std::function<void()> on_reload = {});

    // Waits no more; the system's default handling is back.
    void close();

   private:
    void wait();
    void wait_for_reload();

    boost::asio::signal_set set_;
    std::function<void(int)> on_first_;
    std::function<void()> before_end_;
    boost::asio::signal_set reload_;
    std::function<void()> on_reload_;
    bool seen_ = false;
};

// For a process with the id 1, as in a container: the kernel drops SIGTERM and SIGINT there unless somebody handles
// them, so that commands without an orderly end could not be stopped. From then on those signals end the process with
// 128 + number, as a shell shows them; whoever makes Signals takes them over. Does nothing under another id.
void end_on_signals_as_first_process();

std::string_view signal_name(int number);  // "SIGTERM", "SIGINT"

// Ends the process without destructors or exit handlers: threads may be anywhere. Flushes what was printed.
[[noreturn]] void end_at_once(int exit_code);

}  // namespace sqs2pg::cli
