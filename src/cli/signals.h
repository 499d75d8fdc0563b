// SIGTERM and SIGINT on an event loop: the first begins the orderly end, a second one ends the process at once.
#pragma once

#include <functional>
#include <string_view>

#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/signal_set.hpp>

namespace sqs2pg::cli {

class Signals {
   public:
    // `on_first` gets the signal's number, on the executor. `before_end` is called before a second one ends the process
    // with exit code 1; may be empty. Both are called while this object lives only.
    Signals(boost::asio::any_io_executor executor, std::function<void(int)> on_first, std::function<void()> before_end);

    // Waits no more; the system's default handling is back.
    void close();

   private:
    void wait();

    boost::asio::signal_set set_;
    std::function<void(int)> on_first_;
    std::function<void()> before_end_;
    bool seen_ = false;
};

std::string_view signal_name(int number);  // "SIGTERM", "SIGINT"

// Ends the process without destructors or exit handlers: threads may be anywhere. Flushes what was printed.
[[noreturn]] void end_at_once(int exit_code);

}  // namespace sqs2pg::cli
