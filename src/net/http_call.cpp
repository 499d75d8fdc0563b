// Deadlines of calls, see http_call.h.
#include "net/http_call.h"

#include <algorithm>
#include <vector>

#include <fmt/format.h>

namespace sqs2pg::net {

void Deadlines::enter(HttpCall& call) {
    calls_.push_back(call);
    notice(call.current_);
}

void Deadlines::leave(HttpCall& call) {
    calls_.erase(calls_.iterator_to(call));
    // A timer left running would keep the event loop of a finished program alive.
    if (calls_.empty()) {
        armed_for_ = Time::max();
        timer_.cancel();
    }
}

void Deadlines::notice(Time deadline) {
    if (deadline < armed_for_) arm();
}

void Deadlines::arm() {
    auto next = Time::max();
    for (const auto& call : calls_) {
        if (!call.timed_out_) next = std::min(next, call.current_);
    }
    armed_for_ = next;
    if (next == Time::max()) return;
    timer_.expires_at(next);
    timer_.async_wait([self = shared_from_this()](boost::system::error_code ec) {
        if (!ec) self->expire();
    });
}

void Deadlines::expire() {
    auto now = std::chrono::steady_clock::now();
    for (auto& call : calls_) {
        if (!call.timed_out_ && call.current_ <= now) call.expire();
    }
    arm();
}

void Deadlines::close_all() {
    for (auto& call : calls_) call.close();
}

HttpCall::HttpCall(std::shared_ptr<Deadlines> deadlines, Milliseconds whole)
    : deadlines_(std::move(deadlines)),
      began_(std::chrono::steady_clock::now()),
      whole_(began_ + whole),
      phase_began_(began_),
      current_(whole_) {
    deadlines_->enter(*this);
}

HttpCall::~HttpCall() { deadlines_->leave(*this); }

void HttpCall::begin(std::string_view name, Milliseconds limit) {
    phase_ = name;
    if (limit.count() == 0) {
        // The phase is as long as the call: its limit is told from the call's beginning.
        phase_began_ = began_;
        current_ = whole_;
        return;
    }
    phase_began_ = std::chrono::steady_clock::now();
    current_ = std::min(whole_, phase_began_ + limit);
    deadlines_->notice(current_);
}

void HttpCall::wait_on(std::shared_ptr<Abortable> what) {
    waits_on_ = std::move(what);
    if (over()) abort();
}

void HttpCall::abort() {
    if (waits_on_) waits_on_->abort();
}

void HttpCall::expire() {
    timed_out_ = true;
    abort();
}

void HttpCall::close() {
    closed_ = true;
    abort();
}

tl::unexpected<Error> HttpCall::ended(const std::string& place) const {
    if (!timed_out_) {
        return fail(ErrorKind::Retry, Stage::Start, "connection_closed", place + ": the client was closed");
    }
    auto seconds = std::chrono::duration<double>(current_ - phase_began_).count();
    return fail(ErrorKind::Retry, Stage::Start, "timeout",
                fmt::format("{} did not answer in time ({}, {:.3g} s)", place, phase_, seconds));
}

}  // namespace sqs2pg::net
