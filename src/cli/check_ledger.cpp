// The ledger's partitions and growth, see check_ledger.h.
#include "cli/check_ledger.h"

#include <cstdlib>

#include <fmt/format.h>

#include "cli/progress.h"

namespace sqs2pg::cli {

namespace {

constexpr std::chrono::seconds kDeadline{10};
constexpr int kEntryBytes = 82;  // measured: 76 to 88 with its index
constexpr std::int64_t kDay = 86'400;
constexpr std::int64_t kSoon = 3'600;

// The partitions that the last 24 hours touch cover one to two days: what they hold is scaled to one. A page of an
// empty index is no entry.
constexpr const char* kQuery = R"sql(
WITH parts AS (
    SELECT p.lower_bound, p.upper_bound, lead(p.lower_bound) OVER (ORDER BY p.lower_bound) AS next_bound,
           pg_catalog.pg_total_relation_size(c.oid) AS bytes
    FROM sqs2pg.ledger_partition p
    JOIN pg_catalog.pg_class c ON c.relname = p.name AND c.relnamespace = 'sqs2pg'::regnamespace AND c.relispartition
), recent AS (
    SELECT sum(greatest(0, bytes - 8192)) AS bytes, extract(epoch FROM now() - min(lower_bound)) AS seconds
    FROM parts WHERE upper_bound > now() - interval '1 day' AND lower_bound <= now()
)
SELECT extract(epoch FROM (SELECT retention FROM sqs2pg.ledger_settings))::bigint,
       extract(epoch FROM now() - min(lower_bound))::bigint,
       extract(epoch FROM max(upper_bound) - now())::bigint,
       count(*) FILTER (WHERE next_bound > upper_bound),
       coalesce(sum(bytes), 0)::bigint,
       coalesce((SELECT bytes * 86400 / greatest(seconds, 86400) FROM recent), 0)::bigint
FROM parts
)sql";

std::int64_t number(const pg::Row& row, std::size_t column) {
    return row.at(column) ? std::strtoll(row[column]->c_str(), nullptr, 10) : 0;
}

std::string size_text(std::int64_t bytes) {
    constexpr double kMiB = 1 << 20;
    const auto mebibytes = static_cast<double>(bytes) / kMiB;
    if (mebibytes < 1) return "less than 1 MiB";
    return mebibytes < 2048 ? fmt::format("{:.0f} MiB", mebibytes) : fmt::format("{:.1f} GiB", mebibytes / 1024);
}

std::string span(std::int64_t seconds) { return duration_text(static_cast<double>(seconds)); }

void judge_cover(const LedgerState& state, const std::string& place, Findings& findings) {
    if (state.ahead_seconds < kSoon) {
        findings.error("ledger_partitions", place,
                       "has no partition for the messages of the next hour: they would pause their pipeline; run "
                       "`sqs2pg migrate -c FILE`");
    } else if (state.gaps > 0) {
        findings.error("ledger_partitions", place,
                       fmt::format("has {} between its partitions: a message sent then would pause its pipeline; run "
                                   "`sqs2pg migrate -c FILE`",
                                   state.gaps == 1 ? "a gap" : fmt::format("{} gaps", state.gaps)));
    } else if (state.behind_seconds + kDay < state.retention_seconds) {
        findings.warning(
            "ledger_partitions", place,
            fmt::format("its partitions go back {} of the {} that it is to remember: an older message of a "
                        "backlog would pause its pipeline; run `sqs2pg migrate -c FILE`",
                        span(state.behind_seconds), span(state.retention_seconds)));
    } else {
        findings.ok("ledger_partitions", place,
                    fmt::format("partitions stand from {} ago to {} ahead", span(state.behind_seconds),
                                span(state.ahead_seconds)));
    }
}

}  // namespace

awaitable<Result<LedgerState>> look_at_ledger(pg::Connection& connection) {
    const std::string sql = kQuery;
    const auto result = co_await connection.query(sql, kDeadline);
    if (!result) co_return fail(result.error().error);
    const auto& row = result->at(0).rows.at(0);
    LedgerState state;
    state.retention_seconds = number(row, 0);
    state.behind_seconds = number(row, 1);
    state.ahead_seconds = number(row, 2);
    state.gaps = number(row, 3);
    state.bytes = number(row, 4);
    state.day_bytes = number(row, 5);
    co_return state;
}

void judge_ledger(const LedgerState& state, Findings& findings) {
    const std::string place = "ledger";
    judge_cover(state, place, findings);
    const auto days = static_cast<double>(state.retention_seconds) / static_cast<double>(kDay);
    const auto messages = state.day_bytes / kEntryBytes;
    if (messages == 0) {
        findings.ok("ledger_size", place,
                    fmt::format("holds {}; no messages in the last day. Each message a second makes about {} a day, "
                                "{} in the {} that it remembers",
                                size_text(state.bytes), size_text(kDay * kEntryBytes),
                                size_text(static_cast<std::int64_t>(days * kDay * kEntryBytes)),
                                span(state.retention_seconds)));
        return;
    }
    findings.ok(
        "ledger_size", place,
        fmt::format("holds {}; the last day brought about {} messages, {}. At that rate it comes to {} in the {} "
                    "that it remembers",
                    size_text(state.bytes), grouped(static_cast<std::uint64_t>(messages)), size_text(state.day_bytes),
                    size_text(static_cast<std::int64_t>(days * static_cast<double>(state.day_bytes))),
                    span(state.retention_seconds)));
}

}  // namespace sqs2pg::cli
