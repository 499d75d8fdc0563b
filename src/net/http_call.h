// Deadlines of the HTTP client's calls. One timer serves all calls under way: it is set again only when a call ends
// earlier than all others would, so that a call in a busy client costs no timer operation.
#pragma once

#include <chrono>
#include <memory>
#include <string>
#include <string_view>

#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/intrusive/list.hpp>

#include "base/result.h"

namespace sqs2pg::net {

class Deadlines;

// What a call waits on, and how to end that.
class Abortable {
   public:
    virtual ~Abortable() = default;
    virtual void abort() = 0;
};

// One call under way, registered for its deadline as long as it lives (in the call's coroutine). It goes through
// phases, each with a limit of its own within the deadline of the whole.
class HttpCall : public boost::intrusive::list_base_hook<> {
   public:
    using Time = std::chrono::steady_clock::time_point;
    using Milliseconds = std::chrono::milliseconds;

    HttpCall(std::shared_ptr<Deadlines> deadlines, Milliseconds whole);
    ~HttpCall();
    HttpCall(const HttpCall&) = delete;
    HttpCall& operator=(const HttpCall&) = delete;

    // A phase begins: `name` stands behind "while" in the error, and outlives the call. A limit of 0: the whole's.
    void begin(std::string_view name, Milliseconds limit);
    // What to end when time is up or the client is closed; nullptr: nothing. At once, when that has happened.
    void wait_on(std::shared_ptr<Abortable> what);

    bool over() const noexcept { return timed_out_ || closed_; }
    bool timed_out() const noexcept { return timed_out_; }
    bool closed() const noexcept { return closed_; }
    Time deadline() const noexcept { return current_; }

    // Retry, "timeout": "PLACE did not answer in time (PHASE, 5 s)"; or "connection_closed" where the client was.
    tl::unexpected<Error> ended(const std::string& place) const;

   private:
    friend class Deadlines;
    void expire();
    void close();
    void abort();

    std::shared_ptr<Deadlines> deadlines_;
    Time began_;
    Time whole_;
    Time phase_began_;
    Time current_;  // of the phase
    std::string_view phase_ = "waiting for its turn";
    std::shared_ptr<Abortable> waits_on_;
    bool timed_out_ = false;
    bool closed_ = false;
};

// Not thread-safe: one an HTTP client.
class Deadlines : public std::enable_shared_from_this<Deadlines> {
   public:
    using Time = HttpCall::Time;

    explicit Deadlines(const boost::asio::any_io_executor& executor) : timer_(executor) {}

    // Ends every call under way, as closed.
    void close_all();

   private:
    friend class HttpCall;
    void enter(HttpCall& call);
    void leave(HttpCall& call);
    void notice(Time deadline);
    void arm();
    void expire();

    boost::asio::steady_timer timer_;
    Time armed_for_ = Time::max();
    boost::intrusive::list<HttpCall, boost::intrusive::constant_time_size<false>> calls_;
};

}  // namespace sqs2pg::net
