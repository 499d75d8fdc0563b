// The pipeline's DatabasePort on a real PostgreSQL: one worker's connection, made when it is first needed and again
// when it was lost or had rested for too long, and the contract's transaction on it: in one round trip while ids are
// new, as nearly all are; in two, of which the first looks for known ids, for a batch with duplicates and the next few.
// Nothing of it outlives a transaction in the session, so a pooler in transaction mode may stand between.
#pragma once

#include <chrono>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/steady_timer.hpp>

#include "adapters/write_statements.h"
#include "pg/connection.h"
#include "pipeline/ports.h"

namespace sqs2pg::adapters {

class DatabaseOnPg final : public pipeline::DatabasePort {
   public:
    // Calls run on `executor`. The targets stand in the order that MaskedRow::target() counts.
    DatabaseOnPg(boost::asio::any_io_executor executor, pg::ConnectOptions options,
                 std::vector<pipeline::Target> targets, WriteLimits limits = {});
    ~DatabaseOnPg() override;

    // See ports.h. One call at a time. Codes of failures beside SQLSTATEs and those of pg::Connection: "ledger_range"
    // (a SentTimestamp that no ledger partition stands for), "no_schema", "commit_warning" (the server warned about the
    // COMMIT: in doubt), "rollback" (COMMIT rolled back).
    awaitable<tl::expected<pipeline::WriteReport, pipeline::WriteFailure>> write(
        std::span<const pipeline::WriteEntry> entries) override;

    awaitable<Result<std::vector<pg::TableShape>>> tables() override;
    void write_to(std::vector<pipeline::Target> targets) override;

    // On a short-lived connection of its own, so it may run beside write().
    awaitable<Status> maintain() override;

   private:
    awaitable<Status> ensure_connected();
    awaitable<tl::expected<pipeline::WriteReport, pipeline::WriteFailure>> write_now(
        std::span<const pipeline::WriteEntry> entries);
    awaitable<Result<std::vector<pg::TableShape>>> look();
    void let_rest();
    void look_at_rest();
    enum class Ask : std::uint8_t { Redelivered, All };
    awaitable<tl::expected<pipeline::WriteReport, pipeline::WriteFailure>> write_some_known(
        std::span<const pipeline::WriteEntry> entries, Ask ask);
    // Fates of all entries, those that are not asked for being thought of as new. On failure the transaction has ended;
    // otherwise it has begun if there was anything to ask.
    awaitable<tl::expected<std::vector<pipeline::Fate>, pipeline::WriteFailure>> look_up(
        std::span<const pipeline::WriteEntry> entries, Ask ask, bool& begun);
    awaitable<tl::expected<pipeline::WriteReport, pipeline::WriteFailure>> write_contested(
        std::span<const pipeline::WriteEntry> entries);
    awaitable<tl::expected<std::vector<pipeline::Fate>, pipeline::WriteFailure>> ask_ledger(
        std::span<const pipeline::WriteEntry> entries, std::string sql, pipeline::Fate named);
    // Sends the plan, which outlives the call and has COMMIT at its end. Nothing: another worker has claimed one of the
    // ids; the transaction has ended, and there is a connection for another look.
    awaitable<std::optional<tl::expected<pipeline::WriteReport, pipeline::WriteFailure>>> commit_with(
        CopyPlan& plan, std::vector<pipeline::Fate> fates);
    tl::expected<pipeline::WriteReport, pipeline::WriteFailure> committed(
        const std::vector<pg::StatementResult>& results, std::vector<pipeline::Fate> fates);
    awaitable<void> end_failed_transaction(std::string sqlstate);

    boost::asio::any_io_executor executor_;
    pg::ConnectOptions options_;
    std::vector<pipeline::Target> targets_;
    std::vector<std::string> target_copies_;
    std::string begin_sql_;
    WriteLimits limits_;
    std::unique_ptr<pg::Connection> connection_;
    bool busy_ = false;  // a call is under way
    int cautious_ = 0;   // so many batches without a duplicate before the ledger is written without being asked again
    int doubtful_ = 0;   // so many batches in which it is asked for first receives, too, one of which it knew
    std::chrono::steady_clock::time_point connected_{}, used_{};
    boost::asio::steady_timer rest_;
    std::shared_ptr<bool> alive_ = std::make_shared<bool>(true);  // for the timer's handler
};

}  // namespace sqs2pg::adapters
