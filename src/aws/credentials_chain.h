// Where credentials are looked for, in which order: one table, which the chain follows, `check` shows and
// docs/credentials.md prints.
#pragma once

#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "aws/credentials_source.h"

namespace sqs2pg::aws {

// One row of the order table.
struct ChainEntry {
    std::string_view name;         // "environment"
    std::string_view description;  // what it reads, for people; Markdown
    bool yields_to_profile;        // passed over when our own configuration names a profile
    std::unique_ptr<CredentialsSource> (*make)(const SourceContext& context);
};

// The order. A new source is a new row here.
std::span<const ChainEntry> credentials_chain();

// Asks every source of the table in order until one has credentials. Nothing is kept: see credentials_cache.h.
class CredentialsChain final : public CredentialsProvider {
   public:
    explicit CredentialsChain(const SourceContext& context);
    // For tests: other sources, with their names.
    explicit CredentialsChain(std::vector<std::pair<std::string, std::unique_ptr<CredentialsSource>>> sources);

    // Error: what was tried, in which order, and what each answered.
    awaitable<Result<Credentials>> credentials() override;
    void invalidate() override {}

   private:
    std::vector<std::pair<std::string, std::unique_ptr<CredentialsSource>>> sources_;
};

// The table as Markdown, for the documents.
std::string credentials_chain_markdown();

}  // namespace sqs2pg::aws
