// Receives that wait: which queue each waits for, and waking just as many as there are messages, first come first
// served. On the server's one thread; no lock.
#pragma once

#include <deque>
#include <functional>
#include <map>
#include <string>

#include <boost/asio/steady_timer.hpp>

#include "devqueue/account.h"

namespace sqs2pg::devqueue {

// One waiting receive: its timer is cancelled to wake it. Lives in the waiting coroutine's frame.
struct Waiter {
    boost::asio::steady_timer& timer;
    bool listed = false;
};

class WaitingRoom {
   public:
    void enter(const std::string& queue, Waiter& waiter);
    // Does nothing when the waiter was woken.
    void leave(const std::string& queue, Waiter& waiter);

    // Wakes one waiter of each queue that has visible messages, and all of a queue that is gone. A woken one takes what
    // it may and calls this again, so that the others follow while messages last.
    void wake(Account& account);
    void wake_all();
    bool empty() const noexcept { return rooms_.empty(); }
    std::size_t size() const noexcept;

   private:
    std::map<std::string, std::deque<Waiter*>, std::less<>> rooms_;
};

}  // namespace sqs2pg::devqueue
