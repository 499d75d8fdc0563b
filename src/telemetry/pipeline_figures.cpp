// Consistent copies of a pipeline's figures, see pipeline_figures.h.
#include "telemetry/pipeline_figures.h"

#include <chrono>
#include <thread>

namespace sqs2pg::telemetry {

FigureSnapshot PipelineRecord::snapshot() const {
    using namespace std::chrono;
    // Long enough for a worker that was preempted between its two calls; bounded, since figures that are really out of
    // balance have to be shown.
    constexpr auto kPatience = milliseconds(250);
    constexpr auto kPause = microseconds(100);
    const auto deadline = steady_clock::now() + kPatience;
    for (;;) {
        {
            const std::lock_guard lock(mutex);
            if (now.conserved() || steady_clock::now() >= deadline) return now;
        }
        std::this_thread::sleep_for(kPause);
    }
}

}  // namespace sqs2pg::telemetry
