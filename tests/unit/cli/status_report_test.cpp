// What `status` says, and what a process tells of itself.
#include "cli/status_report.h"

#include <gtest/gtest.h>

#include "cli/control_link.h"

namespace sqs2pg::cli {
namespace {

schema::ProcessLine line(std::string pipeline, std::int64_t pid) {
    schema::ProcessLine made;
    made.id = "11111111-1111-1111-1111-111111111111";
    made.pipeline = std::move(pipeline);
    made.host = "worker-1";
    made.pid = pid;
    made.version = "0.1.0";
    made.state = "running";
    made.started_at = "2026-11-24T20:00:00Z";
    made.workers = 2;
    made.received = 12'345;
    made.settled = 12'340;
    made.in_flight = 5;
    made.dead_lettered = 40;
    made.rows_written = 12'300;
    made.up_seconds = 7300;
    made.seen_seconds_ago = 2;
    made.messages_per_second = 10;
    made.lag_seconds = 0.25;
    return made;
}

StatusReport paused_by_the_brake() {
    StatusReport report;
    report.file = "sqs2pg.yaml";
    report.configured = {"logins", "orders"};
    report.overview.ledger_bytes = 3 << 20;
    report.overview.pipelines.push_back(
        {"logins", true, "brake", "20 of the last 20 messages were bad", "2026-11-24T21:00:00Z", "worker", 3});
    report.overview.processes = {line("logins", 7)};
    report.overview.dead_letters = {{"logins", "missing_field", 3, 40}, {"logins", "not_json", 0, 2}};
    return report;
}

TEST(StatusText, NamesThePauseItsCauseAndTheExactCommandThatEndsIt) {
    EXPECT_EQ(status_text(paused_by_the_brake()),
              "logins: paused (brake) since 2026-11-24T21:00:00Z by worker: 20 of the last 20 messages were bad\n"
              "  to end it: sqs2pg resume logins -c sqs2pg.yaml\n"
              "  worker-1 pid 7, 2 workers, version 0.1.0, up 2 h: running; received 12,345, settled 12,340, in "
              "flight 5, dead-lettered 40; 10.0 messages/s, lag 0.2 s\n"
              "  dead letters: 3 in the last hour, 42 in the last day (missing_field 40, not_json 2)\n"
              "orders: not running\n"
              "`sqs2pg explain brake` tells what a cause or reason means and what to do\n"
              "ledger: 3.0 MiB\n");
}

TEST(StatusText, AProcessThatIsSilentIsToldAsSuchAndDoesNotCountAsRunning) {
    StatusReport report;
    report.overview.processes = {line("logins", 7)};
    report.overview.processes[0].seen_seconds_ago = 200;
    EXPECT_EQ(status_text(report),
              "logins: not running\n"
              "  worker-1 pid 7, 2 workers, version 0.1.0: silent for 3 min, killed?\n"
              "ledger: 0.0 MiB\n");
}

TEST(StatusText, AProcessThatPausedByItselfSaysWhyAndWhatEndsIt) {
    StatusReport report;
    report.overview.processes = {line("logins", 7)};
    auto& process = report.overview.processes[0];
    process.state = "paused";
    process.paused_cause = "42P01";
    process.paused_detail = "write: 42P01: the table is gone";
    process.how_to_end = "`sqs2pg check -c FILE`";
    const auto text = status_text(report);
    EXPECT_TRUE(text.starts_with("logins: paused\n")) << text;
    EXPECT_TRUE(text.contains("\n    write: 42P01: the table is gone; to end it: `sqs2pg check -c FILE`\n")) << text;
}

TEST(StatusJson, HoldsTheSame) {
    EXPECT_EQ(
        status_json(paused_by_the_brake()),
        R"({"pipelines":[{"name":"logins","state":"paused","paused":{"cause":"brake","detail":)"
        R"("20 of the last 20 messages were bad","since":"2026-11-24T21:00:00Z","by":"worker","how_to_end":)"
        R"("sqs2pg resume logins -c sqs2pg.yaml"},"lag_seconds":0.250,"processes":[{"id":)"
        R"("11111111-1111-1111-1111-111111111111","host":"worker-1","pid":7,"version":"0.1.0","started":)"
        R"("2026-11-24T20:00:00Z","seen_seconds_ago":2.0,"silent":false,"workers":2,"state":"running","detail":null,)"
        R"("paused_cause":null,"how_to_end":null,"received":12345,"settled":12340,"in_flight":5,"dead_lettered":40,)"
        R"("rows_written":12300,"messages_per_second":10.0,"lag_seconds":0.250}],"dead_letters":{"last_hour":)"
        R"({"missing_field":3},"last_day":{"missing_field":40,"not_json":2}}},{"name":"orders","state":"not running",)"
        R"("paused":null,"lag_seconds":0.000,"processes":[],"dead_letters":{"last_hour":{},"last_day":{}}}],)"
        R"("ledger_bytes":3145728})"
        "\n");
}

TEST(ProcessReport, TellsOfThePipelinesOfItsDatabaseOnly) {
    ops::ProcessView view;
    view.version = "0.1.0";
    view.pipelines.resize(2);
    view.pipelines[0].name = "logins";
    view.pipelines[0].state = ops::PipelineState::Running;
    view.pipelines[0].figures.paused_cause = "operator";
    view.pipelines[0].figures.paused_detail = std::string("a \"quoted\" \0 sentence", 20);
    view.pipelines[1].name = "orders";
    const auto report = process_report("id-1", view, [](const std::string& name) { return name == "logins"; });
    EXPECT_TRUE(report.starts_with(R"({"id":"id-1","host":")")) << report;
    EXPECT_TRUE(report.contains(R"("pipelines":[{"pipeline":"logins","workers":0,"state":"paused","paused_cause":)"
                                R"("operator","paused_detail":"a \"quoted\"  sentenc")"))
        << report;
    EXPECT_FALSE(report.contains("orders")) << report;
}

}  // namespace
}  // namespace sqs2pg::cli
