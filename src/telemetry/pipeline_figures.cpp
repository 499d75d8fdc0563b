// Consistent copies of a pipeline's figures, see pipeline_figures.h.
#include "telemetry/pipeline_figures.h"

#include <chrono>
#include <thread>

namespace sqs2pg::telemetry {

void FigureSnapshot::show_pause() {
    const std::pair<const std::string, Pause>* latest = nullptr;
    for (const auto& one : paused) {
        if (one.second.workers > 0 && (latest == nullptr || one.second.began > latest->second.began)) latest = &one;
    }
    figures.paused_cause = latest != nullptr ? latest->first : std::string();
    figures.paused_detail = latest != nullptr ? latest->second.detail : std::string();
    figures.paused_how_to_end = latest != nullptr ? latest->second.how_to_end : std::string();
}

bool FigureSnapshot::unpause(std::string_view cause) {
    auto found = paused.find(cause);
    if (found == paused.end() || found->second.workers == 0) return false;
    --found->second.workers;
    show_pause();
    return found->second.workers == 0;
}

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
