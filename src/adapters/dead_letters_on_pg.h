// Replay's DeadLetterPort on a real PostgreSQL: one connection, made when it is first needed and again when it was
// lost. Nothing of it outlives a transaction in the session, so a pooler in transaction mode may stand between.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include <boost/asio/any_io_executor.hpp>

#include "adapters/write_statements.h"
#include "pg/connection.h"
#include "pipeline/replay.h"
#include "schema/dead_letters.h"

namespace sqs2pg::adapters {

// The claim of a replay in one statement: takes the letters whose entries do not say `again` (and notes them in the
// audit), gives the others their new reason. Locks in the order of the ids. Answers as ledger_sql does: how many were
// there, and, when that is not all of them, which.
std::string claim_sql(std::span<const pipeline::ReplayEntry> entries, const schema::AuditNote& note);

// The page that DeadLetterPort::next() hands out.
std::string page_sql(const std::string& condition, const pipeline::LedgerKey& after, std::size_t max_letters,
                     std::size_t max_bytes);

class DeadLettersOnPg final : public pipeline::DeadLetterPort {
   public:
    // The targets stand in the order that MaskedRow::target() counts.
    DeadLettersOnPg(boost::asio::any_io_executor executor, pg::ConnectOptions options,
                    std::vector<pipeline::Target> targets, schema::LetterSelection selection, schema::AuditNote note,
                    WriteLimits limits = {});
    ~DeadLettersOnPg() override;

    awaitable<Result<std::vector<pipeline::StoredLetter>>> next(pipeline::LedgerKey after, std::size_t max_letters,
                                                                std::size_t max_bytes) override;
    awaitable<tl::expected<pipeline::WriteReport, pipeline::WriteFailure>> replay(
        std::span<const pipeline::ReplayEntry> entries) override;

   private:
    awaitable<Status> ensure_connected();
    awaitable<void> end_failed_transaction();

    boost::asio::any_io_executor executor_;
    pg::ConnectOptions options_;
    std::vector<std::string> target_copies_;
    std::string begin_sql_;
    std::string condition_;
    schema::AuditNote note_;
    WriteLimits limits_;
    std::unique_ptr<pg::Connection> connection_;
};

}  // namespace sqs2pg::adapters
