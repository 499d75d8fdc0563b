// What the database's settings, its ledger and the target table mean.
#include "cli/check_server.h"

#include <gtest/gtest.h>

#include "cli/check_ledger.h"
#include "cli/check_relation.h"

namespace sqs2pg::cli {
namespace {

ServerState good_server() {
    ServerState state;
    state.tls = true;
    state.log_min_messages = "fatal";
    state.free_connections = 50;
    return state;
}

// The codes of what is not well, each with its verdict.
std::vector<std::string> codes(const Findings& findings) {
    std::vector<std::string> found;
    for (const auto& finding : findings.all()) {
        if (finding.verdict == Verdict::Ok) continue;
        found.push_back(std::string(name_of(finding.verdict)) + " " + finding.code);
    }
    return found;
}

std::vector<std::string> judged(const ServerState& state) {
    Findings findings;
    judge_server(state, "db", "worker", 4, findings);
    return codes(findings);
}

using Codes = std::vector<std::string>;

TEST(Server, AGoodOneHasNoFindings) { EXPECT_EQ(judged(good_server()), Codes{}); }

TEST(Server, EachRiskySettingIsFound) {
    const auto with = [](auto change) {
        auto state = good_server();
        change(state);
        return judged(state);
    };
    EXPECT_EQ(with([](auto& s) { s.tls = false; }), Codes{"warning database_tls"});
    EXPECT_EQ(with([](auto& s) { s.tls = false, s.local = true; }), Codes{});
    EXPECT_EQ(with([](auto& s) { s.pooled = true; }), Codes{"warning database_pooler"});
    EXPECT_EQ(with([](auto& s) { s.recovery = true; }), Codes{"error database_read_only"});
    EXPECT_EQ(with([](auto& s) { s.read_only = true; }), Codes{"error database_read_only"});
    EXPECT_EQ(with([](auto& s) { s.fsync = false; }), Codes{"warning database_durability"});
    EXPECT_EQ(with([](auto& s) { s.full_page_writes = false; }), Codes{"warning database_durability"});
    EXPECT_EQ(with([](auto& s) { s.encoding = "LATIN1"; }), Codes{"warning database_encoding"});
    EXPECT_EQ(with([](auto& s) { s.version = 120000; }), Codes{"warning database_version"});
    EXPECT_EQ(with([](auto& s) { s.statement_timeout_ms = 1000; }), Codes{"warning database_timeout"});
    EXPECT_EQ(with([](auto& s) { s.free_connections = 3; }), Codes{"warning database_connections"});
    EXPECT_EQ(with([](auto& s) { s.log_min_messages = "warning"; }), Codes{"warning server_log"});
    EXPECT_EQ(with([](auto& s) { s.clock_ahead_ms = -60'000; }), Codes{"warning clock"});
    EXPECT_EQ(with([](auto& s) { s.clock_ahead_ms = 60'000, s.clock_uncertain_ms = 58'000; }), Codes{});
}

Codes judged(const LedgerState& state, std::string_view part = "") {
    Findings findings;
    judge_ledger(state, findings);
    EXPECT_NE(findings.text().find(part), std::string::npos) << findings.text();
    return codes(findings);
}

LedgerState good_ledger() { return {16 * 86'400, 16 * 86'400, 3 * 86'400, 0, 1 << 20, 0}; }

TEST(Ledger, PartitionsThatDoNotStandForEveryMessageAreFound) {
    EXPECT_EQ(judged(good_ledger()), Codes{});
    auto state = good_ledger();
    state.ahead_seconds = 60;
    EXPECT_EQ(judged(state), Codes{"error ledger_partitions"});
    state = good_ledger();
    state.gaps = 2;
    EXPECT_EQ(judged(state, "2 gaps"), Codes{"error ledger_partitions"});
    state = good_ledger();
    state.behind_seconds = 86'400;
    EXPECT_EQ(judged(state), Codes{"warning ledger_partitions"});
}

TEST(Ledger, ItsSizeToComeFollowsFromTheLastDay) {
    auto state = good_ledger();
    judged(state, "no messages in the last day");
    state.day_bytes = 82LL * 86'400'000;
    judged(state, "about 86,400,000 messages, 6.6 GiB. At that rate it comes to 105.6 GiB in the 16 d");
}

TEST(Relation, WhatMayLoseRowsIsFound) {
    Findings findings;
    judge_relation({{"fill_in", "tidy"}}, {"public", "t"}, findings);
    EXPECT_EQ(codes(findings), Codes{"warning table_trigger"});
    EXPECT_NE(findings.text().find("fill_in, tidy"), std::string::npos);
    Findings none;
    judge_relation({}, {"public", "t"}, none);
    EXPECT_TRUE(none.all().empty());
}

}  // namespace
}  // namespace sqs2pg::cli
