// What an error of a writing transaction means for its batch: whose fault it is, which entry, whether the outcome is
// known. Pure.
#pragma once

#include "adapters/write_statements.h"
#include "pg/connection.h"
#include "pipeline/ports.h"

namespace sqs2pg::adapters {

tl::unexpected<pipeline::WriteFailure> write_failure(Error error);

// What went wrong on a table of ours is never a message's fault: nothing is dead-lettered for it.
Error own_table_error(const pg::QueryError& failed);
// Of the statement that claims the ids: a lock that is not to be had there is a peer's on one of them.
tl::unexpected<pipeline::WriteFailure> own_table_failure(const pg::QueryError& failed);

// Of a plan that claims: an id is in the ledger already. Nothing was written.
bool claimed_before(const pg::QueryError& failed, const CopyPlan& plan);

// Of the round trip that holds the COMMIT: whatever broke the connection may have come after it.
tl::unexpected<pipeline::WriteFailure> copy_failure(const pg::QueryError& failed, const CopyPlan& plan);

}  // namespace sqs2pg::adapters
