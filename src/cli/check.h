// The looks of `check`: configuration, keys, database and queues held against each other. Each adds what it finds; none
// waits for what is absent. Nothing is changed, except that a key id which the database has never seen is noted there.
#pragma once

#include <map>
#include <optional>
#include <string>

#include "base/clock.h"
#include "base/result.h"
#include "cli/findings.h"
#include "config/settings.h"
#include "pg/connection.h"
#include "privacy/keyring.h"
#include "schema/migrations.h"

namespace sqs2pg::cli {

// The keys; nothing when they cannot be used.
std::optional<privacy::Keyring> check_keys(const config::Settings& settings, Findings& findings);

// Connection, TLS, ledger, key checks and each pipeline's table. `keyring` may be null: what needs it is left out.
// The state of schema sqs2pg, when it could be read. Arguments outlive the coroutine.
awaitable<std::optional<schema::SchemaState>> check_database(const config::Settings& settings,
                                                             const privacy::Keyring* keyring, Findings& findings);

// Credentials, endpoint and queue of one pipeline. `state` may be null. Arguments outlive the coroutine.
awaitable<void> check_queue(const config::Settings& settings, const pipeline::PipelineOptions& pipeline,
                            const schema::SchemaState* state, Clock& clock, Findings& findings);

// What a queue's attributes (GetQueueAttributes "All") mean for a pipeline. Pure.
void judge_queue(const std::map<std::string, std::string>& attributes, const pipeline::PipelineOptions& pipeline,
                 const schema::SchemaState* state, Findings& findings);

// maxReceiveCount of a RedrivePolicy attribute; nothing when there is none.
std::optional<long> max_receive_count(const std::string& redrive_policy);

}  // namespace sqs2pg::cli
