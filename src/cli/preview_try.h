// `preview --try`: what only the server can judge. Each message's rows are written in a transaction that is always
// rolled back, by COPY as a worker does it.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "base/result.h"
#include "config/settings.h"
#include "pg/table_shape.h"
#include "pipeline/map.h"
#include "pipeline/message.h"
#include "privacy/keyring.h"

namespace sqs2pg::cli {

// What the server said of message `position` (of those given); nothing of a row's values.
struct Refused {
    std::size_t position = 0;
    pipeline::BadMessage why;
};

// Tries every message that maps to rows. Nothing is committed; sequences and what triggers do outside of the
// transaction stay done. Errors: those of the connection, and what is no fault of a row (rights, a table that is gone).
Result<std::vector<Refused>> try_rows(const config::PipelineSettings& pipeline,
                                      const std::vector<pg::TableShape>& tables, const privacy::Keyring& keyring,
                                      std::vector<pipeline::Received>& messages, const std::string& file);

}  // namespace sqs2pg::cli
