// The looks of `check`: configuration, keys, database and queues held against each other. Each adds what it finds; none
// waits for what is absent. Nothing is changed.
#pragma once

#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "aws/credentials.h"
#include "aws/endpoint.h"
#include "base/clock.h"
#include "base/result.h"
#include "cli/database_access.h"
#include "cli/findings.h"
#include "cli/open_keys.h"
#include "config/settings.h"
#include "pg/connection.h"
#include "privacy/keyring.h"
#include "schema/migrations.h"

namespace sqs2pg::cli {

// The keys of every pipeline, each distinct source looked at once.
class KeysSeen {
   public:
    KeysSeen(const std::vector<config::PipelineSettings>& pipelines, Findings& findings);
    // nullptr when they cannot be used.
    const privacy::Keyring* of(const config::PipelineSettings& pipeline) const;

   private:
    std::map<const config::PipelineSettings*, std::shared_ptr<const OpenKeys>> keys_;
};

// Connection, server settings, ledger, key checks and the table of each pipeline of one database; where keys are not to
// be had, what needs them is left out. The state of schema sqs2pg, when it could be read. Arguments outlive the
// coroutine.
awaitable<std::optional<schema::SchemaState>> check_database(const DatabaseGroup& database, const KeysSeen& keys,
                                                             Clock& clock, Findings& findings);

// Credentials, endpoint and queue of one pipeline. `state` may be null. What the queue is known as, endpoint included,
// so that two names of one queue are seen; empty when it was not found. Arguments outlive the coroutine.
awaitable<std::string> check_queue(const config::PipelineSettings& pipeline, const schema::SchemaState* state,
                                   Clock& clock, Findings& findings);

// The buckets of `unwrap: s3-pointer`. `credentials` are the queue's. Arguments outlive the coroutine.
awaitable<void> check_objects(const config::PipelineSettings& pipeline, const aws::Endpoint& queue,
                              aws::CredentialsProvider& credentials, Clock& clock, Findings& findings);

// What a queue's attributes (GetQueueAttributes "All") mean for a pipeline. Pure.
void judge_queue(const std::map<std::string, std::string>& attributes, const pipeline::PipelineOptions& pipeline,
                 const schema::SchemaState* state, Findings& findings);

// maxReceiveCount of a RedrivePolicy attribute; nothing when there is none.
std::optional<long> max_receive_count(const std::string& redrive_policy);

// Where a queue's redrive policy takes good messages away, or breaks a group's order, as soon as the pipeline runs: one
// of check's errors, which `run` logs as a warning. Pure.
struct RedriveDanger {
    std::string code, place, sentence;
};
std::optional<RedriveDanger> redrive_danger(const std::map<std::string, std::string>& attributes,
                                            const pipeline::PipelineOptions& pipeline);

}  // namespace sqs2pg::cli
