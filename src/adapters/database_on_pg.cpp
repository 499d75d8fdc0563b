// The writing transaction on a real connection, see database_on_pg.h.
#include "adapters/database_on_pg.h"

#include <algorithm>

#include "adapters/write_failures.h"
#include "pg/catalog.h"

namespace sqs2pg::adapters {
namespace {

using pipeline::Fate;
using pipeline::WriteEntry;
using pipeline::WriteFailure;
using pipeline::WriteReport;
using Written = tl::expected<WriteReport, WriteFailure>;

constexpr std::chrono::milliseconds kRollbackDeadline{5000};
constexpr std::chrono::milliseconds kLookDeadline{10000};
// An idle connection costs the server a process, and a new one a few milliseconds.
constexpr std::chrono::seconds kLongestRest{120};
constexpr std::chrono::seconds kLookWhileBounded{1};
constexpr std::chrono::seconds kTurn{1};
// A duplicate seldom comes alone (a worker that died, visibility timeouts that passed), and each that is met by
// surprise costs a transaction.
constexpr int kCautiousBatches = 32;

Error unknown_target() {
    return {ErrorKind::Configuration, Stage::Write, "bad_answer",
            "a row is meant for a table that the worker does not know"};
}

}  // namespace

DatabaseOnPg::DatabaseOnPg(boost::asio::any_io_executor executor, pg::ConnectOptions options,
                           std::vector<pipeline::Target> targets, WriteLimits limits)
    : executor_(std::move(executor)), options_(std::move(options)), limits_(limits), rest_(executor_) {
    write_to(std::move(targets));
}

void DatabaseOnPg::write_to(std::vector<pipeline::Target> targets) {
    targets_ = std::move(targets);
    begin_sql_ = begin_sql(targets_, limits_);
    target_copies_.clear();
    for (const auto& target : targets_) target_copies_.push_back(copy_sql(target));
}

awaitable<Result<std::vector<pg::TableShape>>> DatabaseOnPg::tables() {
    busy_ = true;
    auto tables = co_await look();
    let_rest();
    co_return tables;
}

awaitable<Written> DatabaseOnPg::write(std::span<const WriteEntry> entries) {
    busy_ = true;
    auto report = co_await write_now(entries);
    let_rest();
    co_return report;
}

// Between two calls. Where others wait for a connection of the process, a busy worker has its turn and passes it on.
void DatabaseOnPg::let_rest() {
    busy_ = false;
    if (!connection_) return;
    used_ = std::chrono::steady_clock::now();
    if (options_.budget && options_.budget->wanted() && used_ - connected_ >= kTurn) {
        connection_.reset();
        return;
    }
    look_at_rest();
}

void DatabaseOnPg::look_at_rest() {
    rest_.expires_after(options_.budget ? kLookWhileBounded : kLongestRest);
    rest_.async_wait([this, alive = std::weak_ptr(alive_)](const boost::system::error_code& error) {
        if (error || alive.expired() || busy_ || !connection_) return;
        const bool rested = std::chrono::steady_clock::now() - used_ >= kLongestRest;
        if (rested || (options_.budget && options_.budget->wanted())) {
            connection_.reset();
        } else {
            look_at_rest();
        }
    });
}

awaitable<Result<std::vector<pg::TableShape>>> DatabaseOnPg::look() {
    auto connected = co_await ensure_connected();
    if (!connected) co_return fail(std::move(connected.error()));
    std::vector<pg::TableShape> tables;
    for (const auto& target : targets_) {
        auto table = co_await pg::describe_table(*connection_, target.table, kLookDeadline);
        if (!table) co_return fail(std::move(table.error()));
        tables.push_back(std::move(*table));
    }
    co_return tables;
}

DatabaseOnPg::~DatabaseOnPg() = default;

awaitable<Status> DatabaseOnPg::ensure_connected() {
    if (connection_ && connection_->ok()) co_return Status{};
    connection_.reset();
    auto made = co_await pg::Connection::connect(executor_, options_);
    if (!made) co_return fail(std::move(made.error()));
    connection_ = std::move(*made);
    connected_ = std::chrono::steady_clock::now();
    co_return Status{};
}

awaitable<void> DatabaseOnPg::end_failed_transaction(std::string sqlstate) {
    if (!connection_ || !connection_->ok()) co_return;
    if (sqlstate == "25006") {  // read-only by now: a failover; another host of the list may take writes
        connection_.reset();
        co_return;
    }
    auto ended = co_await connection_->query("ROLLBACK", kRollbackDeadline);
    if (!ended) connection_.reset();
}

awaitable<Written> DatabaseOnPg::write_now(std::span<const WriteEntry> entries) {
    if (entries.empty()) co_return WriteReport{};
    auto connected = co_await ensure_connected();
    if (!connected) co_return write_failure(std::move(connected.error()));
    if (cautious_ > 0) {
        auto report = write_some_known(entries, doubtful_ > 0 ? Ask::All : Ask::Redelivered);
        co_return co_await std::move(report);
    }
    CopyPlan plan;
    std::vector<Fate> fates(entries.size(), Fate::Written);
    if (!fill_claiming_plan(plan, entries, fates, target_copies_, begin_sql_, limits_.ledger))
        co_return write_failure(unknown_target());
    auto written = co_await commit_with(plan, std::move(fates));
    if (written) co_return *std::move(written);
    auto report = write_some_known(entries, Ask::All);
    co_return co_await std::move(report);
}

awaitable<std::optional<Written>> DatabaseOnPg::commit_with(CopyPlan& plan, std::vector<Fate> fates) {
    auto copied = co_await connection_->query_with_copies(plan.sql, std::move(plan.copies), limits_.deadline);
    if (copied) co_return committed(*copied, std::move(fates));
    co_await end_failed_transaction(copied.error().server.sqlstate);
    if (!claimed_before(copied.error(), plan)) co_return copy_failure(copied.error(), plan);
    cautious_ = kCautiousBatches;
    auto connected = co_await ensure_connected();
    if (!connected) co_return write_failure(std::move(connected.error()));
    co_return std::nullopt;
}

// Begins the transaction and asks in the same round trip. On failure the transaction has ended.
awaitable<tl::expected<std::vector<Fate>, WriteFailure>> DatabaseOnPg::ask_ledger(std::span<const WriteEntry> entries,
                                                                                  std::string sql, Fate named) {
    auto ledger = co_await connection_->query(begin_sql_ + sql, limits_.deadline);
    if (!ledger) {
        co_await end_failed_transaction(ledger.error().server.sqlstate);
        co_return own_table_failure(ledger.error());
    }
    std::optional<std::vector<Fate>> fates;
    if (!ledger->empty() && ledger->back().rows.size() == 1 && ledger->back().rows[0].size() == 2) {
        const auto& answer = ledger->back().rows[0];
        fates = read_fates(entries, answer[0], answer[1], named);
    }
    if (!fates) {
        co_await end_failed_transaction("");
        co_return write_failure(
            {ErrorKind::Configuration, Stage::Write, "bad_answer",
             "the ledger's answer makes no sense: is sqs2pg.ledger the table that `migrate` made?"});
    }
    if (std::ranges::count(*fates, Fate::Duplicate) > 0) {
        cautious_ = kCautiousBatches;
    } else {
        --cautious_;
    }
    co_return *std::move(fates);
}

awaitable<tl::expected<std::vector<Fate>, WriteFailure>> DatabaseOnPg::look_up(std::span<const WriteEntry> entries,
                                                                               Ask ask, bool& begun) {
    std::vector<WriteEntry> asked;
    std::vector<std::size_t> places;
    for (std::size_t i = 0; i < entries.size(); ++i) {
        if (ask == Ask::Redelivered && entries[i].first_receive) continue;
        asked.push_back(entries[i]);
        places.push_back(i);
    }
    std::vector<Fate> fates(entries.size(), Fate::Written);
    begun = !asked.empty();
    if (!begun) co_return fates;
    auto found = co_await ask_ledger(asked, known_ids_sql(asked, limits_.ledger), Fate::Duplicate);
    if (!found) co_return tl::unexpected(std::move(found.error()));
    for (std::size_t i = 0; i < places.size(); ++i) fates[places[i]] = (*found)[i];
    co_return fates;
}

// The ledger tells first which ids it has; the others are claimed as if none were known. It is asked for what was
// delivered before, some of many, as long as duplicates are found among that alone.
awaitable<Written> DatabaseOnPg::write_some_known(std::span<const WriteEntry> entries, Ask ask) {
    if (std::ranges::none_of(entries, &WriteEntry::first_receive)) ask = Ask::All;
    bool begun = false;
    auto fates = co_await look_up(entries, ask, begun);
    if (!fates) co_return tl::unexpected(std::move(fates.error()));
    if (ask == Ask::All) {
        bool surprise = false;
        for (std::size_t i = 0; i < entries.size(); ++i) {
            surprise = surprise || (entries[i].first_receive && (*fates)[i] == Fate::Duplicate);
        }
        doubtful_ = surprise ? kCautiousBatches : std::max(0, doubtful_ - 1);
    }
    const bool all_known = std::ranges::count(*fates, Fate::Written) == 0;
    CopyPlan plan;
    const bool filled =
        all_known ? fill_plan(plan, entries, *fates, target_copies_)
                  : fill_claiming_plan(plan, entries, *fates, target_copies_, begun ? "" : begin_sql_, limits_.ledger);
    if (!filled) {
        if (begun) co_await end_failed_transaction("");
        co_return write_failure(unknown_target());
    }
    auto written = co_await commit_with(plan, *std::move(fates));
    if (written) co_return *std::move(written);
    if (ask == Ask::Redelivered) {
        auto report = write_some_known(entries, Ask::All);
        co_return co_await std::move(report);
    }
    auto report = write_contested(entries);
    co_return co_await std::move(report);
}

// Another worker took an id between the look and the claim: this way there is no between.
awaitable<Written> DatabaseOnPg::write_contested(std::span<const WriteEntry> entries) {
    auto fates = co_await ask_ledger(entries, ledger_sql(entries, limits_.ledger), Fate::Written);
    if (!fates) co_return tl::unexpected(std::move(fates.error()));
    CopyPlan plan;
    if (!fill_plan(plan, entries, *fates, target_copies_)) {
        co_await end_failed_transaction("");
        co_return write_failure(unknown_target());
    }
    co_return *(co_await commit_with(plan, *std::move(fates)));  // it claims nothing that could be contested
}

Written DatabaseOnPg::committed(const std::vector<pg::StatementResult>& results, std::vector<Fate> fates) {
    // COMMIT of an aborted transaction "succeeds" with the tag ROLLBACK.
    if (results.empty() || results.back().command_tag != "COMMIT") {
        connection_.reset();
        return write_failure(
            {ErrorKind::Retry, Stage::Write, "rollback", "the server rolled the transaction back at COMMIT"});
    }
    if (connection_->session_warned()) {
        return write_failure({ErrorKind::InDoubt, Stage::Write, "commit_warning",
                              "the server warned about the COMMIT: it may not have reached the standby"});
    }
    WriteReport report;
    report.fates = std::move(fates);
    return report;
}

awaitable<Status> DatabaseOnPg::maintain() {
    auto connection = co_await pg::Connection::connect(executor_, options_);
    if (!connection) co_return fail(std::move(connection.error()));
    auto done = co_await (*connection)->query("SELECT sqs2pg.maintain_ledger()", limits_.deadline);
    if (done) co_return Status{};
    auto error = own_table_error(done.error());
    error.detail = "the ledger's maintenance failed: " + error.detail;
    co_return fail(std::move(error));
}

}  // namespace sqs2pg::adapters
