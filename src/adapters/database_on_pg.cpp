// The writing transaction on a real connection, see database_on_pg.h.
#include "adapters/database_on_pg.h"

#include "adapters/write_failures.h"

namespace sqs2pg::adapters {
namespace {

using pipeline::Fate;
using pipeline::WriteEntry;
using pipeline::WriteFailure;
using pipeline::WriteReport;
using Written = tl::expected<WriteReport, WriteFailure>;

constexpr std::chrono::milliseconds kRollbackDeadline{5000};

}  // namespace

DatabaseOnPg::DatabaseOnPg(boost::asio::any_io_executor executor, pg::ConnectOptions options,
                           std::vector<pipeline::Target> targets, WriteLimits limits)
    : executor_(std::move(executor)),
      options_(std::move(options)),
      begin_sql_(begin_sql(targets, limits)),
      limits_(limits) {
    for (const auto& target : targets) target_copies_.push_back(copy_sql(target));
}

DatabaseOnPg::~DatabaseOnPg() = default;

awaitable<Status> DatabaseOnPg::ensure_connected() {
    if (connection_ && connection_->ok()) co_return Status{};
    connection_.reset();
    auto made = co_await pg::Connection::connect(executor_, options_);
    if (!made) co_return fail(std::move(made.error()));
    connection_ = std::move(*made);
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

awaitable<Written> DatabaseOnPg::write(std::span<const WriteEntry> entries) {
    WriteReport report;
    if (entries.empty()) co_return report;
    auto connected = co_await ensure_connected();
    if (!connected) co_return write_failure(std::move(connected.error()));

    auto ledger = co_await connection_->query(begin_sql_ + ledger_sql(entries), limits_.deadline);
    if (!ledger) {
        co_await end_failed_transaction(ledger.error().server.sqlstate);
        co_return own_table_failure(ledger.error());
    }
    std::optional<std::vector<Fate>> fates;
    if (!ledger->empty() && ledger->back().rows.size() == 1 && ledger->back().rows[0].size() == 2) {
        const auto& answer = ledger->back().rows[0];
        fates = read_fates(entries, answer[0], answer[1]);
    }
    CopyPlan plan;
    if (!fates || !fill_plan(plan, entries, *fates, target_copies_)) {
        co_await end_failed_transaction("");
        co_return write_failure(
            {ErrorKind::Configuration, Stage::Write, "bad_answer",
             fates ? "a row is meant for a table that the worker does not know"
                   : "the ledger's answer makes no sense: is sqs2pg.ledger the table that `migrate` made?"});
    }

    auto copied = co_await connection_->query_with_copies(plan.sql, std::move(plan.copies), limits_.deadline);
    if (!copied) {
        co_await end_failed_transaction(copied.error().server.sqlstate);
        co_return copy_failure(copied.error(), plan);
    }
    // COMMIT of an aborted transaction "succeeds" with the tag ROLLBACK.
    if (copied->empty() || copied->back().command_tag != "COMMIT") {
        connection_.reset();
        co_return write_failure(
            {ErrorKind::Retry, Stage::Write, "rollback", "the server rolled the transaction back at COMMIT"});
    }
    if (connection_->session_warned()) {
        co_return write_failure({ErrorKind::InDoubt, Stage::Write, "commit_warning",
                                 "the server warned about the COMMIT: it may not have reached the standby"});
    }
    report.fates = std::move(*fates);
    co_return report;
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
