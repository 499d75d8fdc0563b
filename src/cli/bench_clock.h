// The times that the parts of `bench` take: the wall's, and the CPU of the thread that asks.
#pragma once

#include <chrono>

#include <time.h>

namespace sqs2pg::cli {

using Steady = std::chrono::steady_clock;

inline Steady::time_point in(double seconds) {
    return Steady::now() + std::chrono::duration_cast<Steady::duration>(std::chrono::duration<double>(seconds));
}

inline double seconds_between(Steady::time_point began, Steady::time_point ended) {
    return std::chrono::duration<double>(ended - began).count();
}

inline double seconds_since(Steady::time_point began) { return seconds_between(began, Steady::now()); }

// Of CPU.
inline double thread_seconds() {
    timespec now{};
    clock_gettime(CLOCK_THREAD_CPUTIME_ID, &now);
    return static_cast<double>(now.tv_sec) + static_cast<double>(now.tv_nsec) / 1e9;
}

}  // namespace sqs2pg::cli
