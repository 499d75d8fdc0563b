// Signals as events, see signals.h.
#include "cli/signals.h"

#include <csignal>
#include <cstdio>
#include <cstdlib>

#include <unistd.h>

#include "cli/commands.h"

namespace sqs2pg::cli {

Signals::Signals(boost::asio::any_io_executor executor, std::function<void(int)> on_first,
                 std::function<void()> before_end, std::function<void()> on_reload)
    : set_(executor, SIGTERM, SIGINT),
      on_first_(std::move(on_first)),
      before_end_(std::move(before_end)),
      reload_(executor),
      on_reload_(std::move(on_reload)) {
    wait();
    if (!on_reload_) return;
    reload_.add(SIGHUP);
    wait_for_reload();
}

void Signals::wait_for_reload() {
    reload_.async_wait([this](const boost::system::error_code& error, int) {
        if (error) return;
        wait_for_reload();
        on_reload_();
    });
}

void Signals::wait() {
    set_.async_wait([this](const boost::system::error_code& error, int number) {
        if (error) return;
        if (seen_) {
            if (before_end_) before_end_();
            end_at_once(kFailed);
        }
        seen_ = true;
        wait();
        on_first_(number);
    });
}

void Signals::close() {
    boost::system::error_code ignored;
    set_.cancel(ignored);
    set_.clear(ignored);
    reload_.cancel(ignored);
    reload_.clear(ignored);
}

void end_on_signals_as_first_process() {
    if (getpid() != 1) return;
    for (const int number : {SIGTERM, SIGINT, SIGHUP}) {
        std::signal(number, [](int caught) { std::_Exit(128 + caught); });
    }
}

std::string_view signal_name(int number) {
    switch (number) {
        case SIGTERM:
            return "SIGTERM";
        case SIGINT:
            return "SIGINT";
        default:
            return "a signal";
    }
}

void end_at_once(int exit_code) {
    std::fflush(stdout);
    std::fflush(stderr);
    std::_Exit(exit_code);
}

}  // namespace sqs2pg::cli
