// The board as the ops port sees it.
#include "cli/board.h"

#include <gtest/gtest.h>

namespace sqs2pg::cli {
namespace {

telemetry::LogOptions silent() {
    telemetry::LogOptions options;
    options.level = telemetry::LogLevel::Off;
    return options;
}

TEST(Board, ShowsStatesFiguresAndTheEnd) {
    telemetry::Telemetry telemetry(silent());
    telemetry::PipelineEvents events(telemetry, "logins");
    Board board("0.1.0");
    const auto place = board.add("logins", "login-queue", "user_logins", 2, events);
    EXPECT_EQ(board.view().pipelines.at(0).state, ops::PipelineState::Starting);
    board.set(place, ops::PipelineState::Waiting, "for the database");
    events.received(1);
    events.in_flight(1);
    board.stopping();
    const auto view = board.view();
    EXPECT_EQ(view.version, "0.1.0");
    EXPECT_TRUE(view.stopping);
    EXPECT_EQ(view.pipelines.at(0).state, ops::PipelineState::Waiting);
    EXPECT_EQ(view.pipelines.at(0).cause, "for the database");
    EXPECT_EQ(view.pipelines.at(0).figures.in_flight, 1);
}

TEST(Heartbeat, IsStuckAfterItsTimeUnlessItHasEnded) {
    Heartbeat heartbeat("logins worker 1");
    const auto now = std::chrono::steady_clock::now();
    EXPECT_FALSE(heartbeat.stuck(now + Heartbeat::kStuckAfter - std::chrono::seconds(1)));
    EXPECT_TRUE(heartbeat.stuck(now + Heartbeat::kStuckAfter + std::chrono::seconds(1)));
    heartbeat.end();
    EXPECT_FALSE(heartbeat.stuck(now + Heartbeat::kStuckAfter + std::chrono::seconds(1)));
}

}  // namespace
}  // namespace sqs2pg::cli
