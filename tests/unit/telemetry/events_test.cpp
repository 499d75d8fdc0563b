// Events from outside: the contract's metric names and types, figures that balance at every scrape, and lines that are
// few, whole and free of what was not passed.
#include "telemetry/events.h"

#include <atomic>
#include <map>
#include <mutex>
#include <set>
#include <sstream>
#include <thread>

#include <gtest/gtest.h>

namespace sqs2pg::telemetry {
namespace {

struct Lines {
    std::mutex mutex;
    std::vector<std::string> lines;

    LogOptions options(LogLevel level = LogLevel::Debug, LogFormat format = LogFormat::Text) {
        LogOptions made;
        made.level = level;
        made.format = format;
        made.sink = [this](std::string_view line) {
            const std::lock_guard lock(mutex);
            lines.emplace_back(line);
        };
        return made;
    }
    int count(std::string_view part) {
        const std::lock_guard lock(mutex);
        int found = 0;
        for (const auto& line : lines) found += line.find(part) != std::string::npos ? 1 : 0;
        return found;
    }
};

std::map<std::string, double> samples(const std::string& text) {
    std::map<std::string, double> found;
    std::istringstream in(text);
    for (std::string line; std::getline(in, line);) {
        if (line.starts_with('#')) continue;
        const auto blank = line.rfind(' ');
        found[line.substr(0, blank)] = std::stod(line.substr(blank + 1));
    }
    return found;
}

void make_every_event(Telemetry& telemetry, PipelineEvents& events) {
    const Error error{ErrorKind::Configuration, Stage::Write, "42P01", "the table is gone"};
    events.received(10);
    events.in_flight(10);
    events.inserted(5);
    events.duplicate(1);
    events.dead_lettered(1);
    events.ignored(1);
    events.released(1);
    events.abandoned(1, "lease_lost");
    events.in_flight(-10);
    events.dead_letter("missing_field", "user_id", "m-1");
    events.committed(5, 6, 0.004, 1.5);
    events.transaction_failed(error, 6, 0.5);
    events.batch_bisected("22P02", 6);
    events.receive_failed(error, 0.5);
    events.sqs_request("ReceiveMessage", "ok", 0.012);
    events.delete_failed(2, "InternalError", true);
    events.s3_call("GetObject", "ok");
    events.object_failed({ErrorKind::Retry, Stage::Receive, "http_503", "GetObject failed"}, 0.5);
    events.object_left("AccessDenied");
    events.visibility_extension_failed(1, "InternalError");
    events.path_never_matched("user.id", 100);
    events.paused(error, "sqs2pg resume logins");
    events.maintenance_failed(error);
    events.ledger_bytes(8192);
    telemetry.credentials_renewed("one", "environment", 900);
    telemetry.credentials_renewed("two", "profile \"dev\"", 9000);
    telemetry.credentials_renewed("three", "environment", std::nullopt);
    telemetry.credentials_not_renewed(error, true);
}

TEST(Metrics, HaveExactlyTheNamesAndTypesOfTheContract) {
    Lines lines;
    Telemetry telemetry(lines.options());
    PipelineEvents events(telemetry, "logins");
    make_every_event(telemetry, events);
    std::set<std::string> types;
    std::istringstream in(telemetry.prometheus_text());
    for (std::string line; std::getline(in, line);) {
        if (line.starts_with("# TYPE ")) types.insert(line.substr(7));
    }
    const std::set<std::string> expected{"sqs2pg_messages_received_total counter",
                                         "sqs2pg_messages_settled_total counter",
                                         "sqs2pg_messages_in_flight gauge",
                                         "sqs2pg_rows_written_total counter",
                                         "sqs2pg_dead_letters_total counter",
                                         "sqs2pg_batch_rows histogram",
                                         "sqs2pg_transaction_seconds histogram",
                                         "sqs2pg_lag_seconds histogram",
                                         "sqs2pg_sqs_requests_total counter",
                                         "sqs2pg_sqs_request_seconds histogram",
                                         "sqs2pg_s3_calls_total counter",
                                         "sqs2pg_objects_left_total counter",
                                         "sqs2pg_delete_failures_total counter",
                                         "sqs2pg_paused gauge",
                                         "sqs2pg_blocked_groups gauge",
                                         "sqs2pg_credentials_expiry_seconds gauge",
                                         "sqs2pg_ledger_bytes gauge"};
    EXPECT_EQ(types, expected);
}

TEST(Metrics, CarryWhatTheEventsCounted) {
    Lines lines;
    Telemetry telemetry(lines.options());
    PipelineEvents events(telemetry, "logins");
    make_every_event(telemetry, events);
    auto found = samples(telemetry.prometheus_text());
    auto at = [&](const std::string& name) { return found.contains(name) ? found[name] : -1; };
    EXPECT_EQ(at(R"(sqs2pg_messages_received_total{pipeline="logins"})"), 10);
    EXPECT_EQ(at(R"(sqs2pg_messages_settled_total{pipeline="logins",outcome="inserted"})"), 5);
    for (const char* outcome : {"duplicate", "dead_lettered", "ignored", "released", "abandoned"}) {
        EXPECT_EQ(at("sqs2pg_messages_settled_total{pipeline=\"logins\",outcome=\"" + std::string(outcome) + "\"}"), 1);
    }
    EXPECT_EQ(at(R"(sqs2pg_messages_in_flight{pipeline="logins"})"), 0);
    EXPECT_EQ(at(R"(sqs2pg_rows_written_total{pipeline="logins"})"), 5);
    EXPECT_EQ(at(R"(sqs2pg_dead_letters_total{pipeline="logins",reason="missing_field"})"), 1);
    EXPECT_EQ(at(R"(sqs2pg_sqs_requests_total{pipeline="logins",operation="ReceiveMessage",outcome="ok"})"), 1);
    EXPECT_EQ(at(R"(sqs2pg_sqs_request_seconds_count{pipeline="logins",operation="ReceiveMessage"})"), 1);
    EXPECT_EQ(at(R"(sqs2pg_delete_failures_total{pipeline="logins"})"), 2);
    EXPECT_EQ(at(R"(sqs2pg_paused{pipeline="logins",cause="42P01"})"), 1);
    EXPECT_EQ(at(R"(sqs2pg_ledger_bytes{pipeline="logins"})"), 8192);
    EXPECT_EQ(at(R"(sqs2pg_batch_rows_bucket{pipeline="logins",le="2"})"), 0);
    EXPECT_EQ(at(R"(sqs2pg_batch_rows_bucket{pipeline="logins",le="5"})"), 1);
    EXPECT_EQ(at(R"(sqs2pg_batch_rows_bucket{pipeline="logins",le="+Inf"})"), 1);
    EXPECT_EQ(at(R"(sqs2pg_lag_seconds_sum{pipeline="logins"})"), 1.5);
    EXPECT_NEAR(at("sqs2pg_credentials_expiry_seconds"), 900, 60);
}

TEST(Metrics, StandAtZeroBeforeAnythingHappened) {
    Lines lines;
    Telemetry telemetry(lines.options());
    PipelineEvents events(telemetry, "logins");
    auto found = samples(telemetry.prometheus_text());
    EXPECT_EQ(found.count(R"(sqs2pg_messages_settled_total{pipeline="logins",outcome="abandoned"})"), 1U);
    EXPECT_EQ(found.count(R"(sqs2pg_paused{pipeline="logins",cause="none"})"), 1U);
    EXPECT_EQ(found.count("sqs2pg_credentials_expiry_seconds"), 0U) << "static keys do not expire";
}

TEST(Metrics, BalanceAtEveryScrapeWhileWorkersCount) {
    Lines lines;
    Telemetry telemetry(lines.options());
    PipelineEvents events(telemetry, "logins");
    std::atomic<bool> stop{false};
    std::vector<std::jthread> workers;
    for (int i = 0; i < 2; ++i) {
        workers.emplace_back([&events, &stop] {
            while (!stop) {
                events.received(10);
                events.in_flight(10);
                events.inserted(9);
                events.in_flight(-9);
                events.released(1);
                events.in_flight(-1);
            }
        });
    }
    double last = 0;
    int moved = 0;
    for (int i = 0; i < 200; ++i) {
        auto found = samples(telemetry.prometheus_text());
        const double received = found[R"(sqs2pg_messages_received_total{pipeline="logins"})"];
        double accounted = found[R"(sqs2pg_messages_in_flight{pipeline="logins"})"];
        for (const auto& [name, value] : found) {
            if (name.starts_with("sqs2pg_messages_settled_total")) accounted += value;
        }
        EXPECT_EQ(received, accounted);
        moved += received > last ? 1 : 0;
        last = received;
    }
    stop = true;
    EXPECT_GT(moved, 1) << "the scrapes were meant to meet a moving pipeline";
}

TEST(Metrics, ShowAnImbalanceThatStays) {
    Lines lines;
    Telemetry telemetry(lines.options());
    PipelineEvents events(telemetry, "logins");
    events.received(3);
    auto found = samples(telemetry.prometheus_text());
    EXPECT_EQ(found[R"(sqs2pg_messages_received_total{pipeline="logins"})"], 3);
    EXPECT_EQ(found[R"(sqs2pg_messages_in_flight{pipeline="logins"})"], 0);
}

TEST(Events, OfOneNameCountTogetherAndOutliveTheirOwner) {
    Lines lines;
    Telemetry telemetry(lines.options());
    {
        PipelineEvents first(telemetry, "logins");
        first.received(1);
        first.in_flight(1);
    }
    PipelineEvents second(telemetry, "logins");
    second.received(1);
    second.in_flight(1);
    EXPECT_EQ(second.figures().received, 2U);
}

TEST(Events, AFloodOfDeadLettersIsAFewLinesAndAFullCount) {
    Lines lines;
    Telemetry telemetry(lines.options());
    PipelineEvents events(telemetry, "logins");
    for (int i = 0; i < 5000; ++i) events.dead_letter("not_json", "$", "m-1");
    events.drained();
    EXPECT_LE(lines.count("a message became a dead letter"), 25);
    EXPECT_GE(lines.count("a message became a dead letter"), 1);
    EXPECT_EQ(lines.count("more dead letters were stored than were logged"), 1);
    EXPECT_EQ(lines.count("left_out=0"), 0) << "a count is told only where something was left out";
    EXPECT_EQ(events.dead_letters_by_reason().at("not_json"), 5000U);
}

TEST(Events, APauseIsSaidOnceWithItsCauseAndItsEnd) {
    Lines lines;
    Telemetry telemetry(lines.options());
    PipelineEvents events(telemetry, "logins");
    const Error error{ErrorKind::Configuration, Stage::Write, "42P01", "the table \"user_logins\" does not exist"};
    events.paused(error, "create the table");
    events.paused(error, "create the table");
    EXPECT_EQ(
        lines.count("paused: write: 42P01: the table \"user_logins\" does not exist; to end it: create the table"), 1);
    EXPECT_EQ(events.figures().paused_cause, "42P01");
    events.resumed(error);
    EXPECT_EQ(lines.count("running again"), 0) << "the other worker is still paused";
    EXPECT_EQ(events.figures().paused_cause, "42P01");
    events.resumed(error);
    events.resumed(error);
    EXPECT_EQ(lines.count("running again"), 1);
    EXPECT_EQ(events.figures().paused_cause, "");
    EXPECT_EQ(samples(telemetry.prometheus_text())[R"(sqs2pg_paused{pipeline="logins",cause="42P01"})"], 0);
}

TEST(Events, OfSeveralPausesTheLatestIsShownUntilTheLastHasEnded) {
    Lines lines;
    Telemetry telemetry(lines.options());
    PipelineEvents events(telemetry, "logins");
    const Error table{ErrorKind::Configuration, Stage::Write, "42P01", "the table is gone"};
    const Error held{ErrorKind::Configuration, Stage::Receive, "operator", "for the move"};
    events.paused(table, "create it");
    events.paused(held, "sqs2pg resume logins");
    EXPECT_EQ(events.figures().paused_cause, "operator");
    events.resumed(held);
    EXPECT_EQ(events.figures().paused_cause, "42P01");
    EXPECT_EQ(events.figures().paused_how_to_end, "create it");
    EXPECT_EQ(lines.count("running again"), 0);
    EXPECT_EQ(lines.count("another lasts"), 1);
    events.ended_paused(table);
    EXPECT_EQ(events.figures().paused_cause, "");
    EXPECT_EQ(lines.count("running again"), 0) << "a worker that ends does not run again";
}

TEST(Events, APathThatNeverMatchesIsSaidOnceHoweverManyWorkersTellIt) {
    Lines lines;
    Telemetry telemetry(lines.options());
    PipelineEvents events(telemetry, "logins");
    events.path_never_matched("user.id", 100);
    events.path_never_matched("user.id", 120);
    events.path_never_matched("user.name", 100);
    EXPECT_EQ(lines.count("path=user.id"), 1);
    EXPECT_EQ(lines.count("path=user.name"), 1);
}

TEST(Events, BelowTheLevelNothingIsSaid) {
    Lines lines;
    Telemetry telemetry(lines.options(LogLevel::Error));
    PipelineEvents events(telemetry, "logins");
    events.dead_letter("not_json", "$", "m-1");
    telemetry.warning("a warning");
    EXPECT_TRUE(lines.lines.empty());
    telemetry.failure({ErrorKind::Configuration, Stage::Start, "no_keys", "no keys"});
    EXPECT_EQ(lines.count("start: no_keys: no keys"), 1);
}

TEST(Events, LevelOffIsSilent) {
    Lines lines;
    Telemetry telemetry(lines.options(LogLevel::Off));
    telemetry.failure({ErrorKind::Configuration, Stage::Start, "x", "y"});
    EXPECT_TRUE(lines.lines.empty());
}

TEST(Options, KnowTheirNamesOnly) {
    EXPECT_EQ(log_format_from("json"), LogFormat::Json);
    EXPECT_EQ(log_format_from("xml"), std::nullopt);
    EXPECT_EQ(log_level_from("warn"), LogLevel::Warn);
    EXPECT_EQ(log_level_from("WARN"), std::nullopt);
}

}  // namespace
}  // namespace sqs2pg::telemetry
