// Where credentials are looked for, in which order: one table, which the chain follows and `check` and the docs print.
#pragma once

#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "aws/credentials_source.h"
#include "aws/environment.h"

namespace sqs2pg::aws {

struct ChainInputs {
    Environment environment;
    std::string profile;  // from the configuration; may be empty
};

// One row of the order table.
struct ChainEntry {
    std::string_view name;         // "environment"
    std::string_view description;  // what it reads, for people
    std::unique_ptr<CredentialsSource> (*make)(const ChainInputs& inputs);
};

// The order. A new source is a new row here.
std::span<const ChainEntry> credentials_chain();

// Asks every source of the table in order until one has credentials. Nothing is kept: see credentials_cache.h.
class CredentialsChain final : public CredentialsProvider {
   public:
    explicit CredentialsChain(ChainInputs inputs);
    // For tests: other sources, with their names.
    explicit CredentialsChain(std::vector<std::pair<std::string, std::unique_ptr<CredentialsSource>>> sources);

    awaitable<Result<Credentials>> credentials() override;
    void invalidate() override {}

   private:
    std::vector<std::pair<std::string, std::unique_ptr<CredentialsSource>>> sources_;
};

}  // namespace sqs2pg::aws
