// `on_conflict`: the statements that bring rows through a staging table into a target where rows with the same key may
// be already. COPY itself takes no conflict clause; casting texts in an INSERT would truncate what COPY refuses. Pure.
#pragma once

#include <string>

#include "pipeline/ports.h"

namespace sqs2pg::adapters {

// CREATE TEMP TABLE IF NOT EXISTS, COPY into it, INSERT … ON CONFLICT from it: one COPY FROM STDIN among them. The
// staging table empties itself at the end of every transaction and stays for the session; its name tells its columns
// and types, so that a session behind a pooler serves any pipeline, and an altered target gets another one.
// Of several rows with one key the newest goes in (`newer_by`, else the last written), in the order of the keys (two
// writers lock in the same order). A NULL in the key never conflicts, unless the index says that NULLs are equal.
// target.conflict is set.
std::string merge_sql(const pipeline::Target& target);

}  // namespace sqs2pg::adapters
