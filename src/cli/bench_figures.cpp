// See bench_figures.h.
#include "cli/bench_figures.h"

#include <algorithm>
#include <numeric>
#include <string_view>

namespace sqs2pg::cli {

Spread spread_of(std::vector<double> milliseconds) {
    if (milliseconds.empty()) return {};
    std::ranges::sort(milliseconds);
    const auto at = [&](std::size_t percent) {
        return milliseconds[std::min(milliseconds.size() - 1, milliseconds.size() * percent / 100)];
    };
    return {at(50), at(99), milliseconds.size()};
}

std::size_t TransformFigures::refused_messages() const {
    return std::accumulate(refused.begin(), refused.end(), std::size_t{0},
                           [](std::size_t sum, const RefusedMessages& one) { return sum + one.messages; });
}

Whereabouts whereabouts_of(std::string_view state, std::string_view type, std::string_view event) noexcept {
    // Reading what COPY is sent is a wait of an active backend.
    if (state.starts_with("idle") || type == "Client" || type == "Activity") return Whereabouts::Away;
    if (type.empty()) return Whereabouts::Server;
    if (type == "IO") return Whereabouts::Disk;
    if (event == "SyncRep") return Whereabouts::Standby;
    // Somebody else's flush will do for this commit too.
    if (type == "LWLock" && event == "WALWrite") return Whereabouts::Disk;
    return Whereabouts::Locks;
}

}  // namespace sqs2pg::cli
