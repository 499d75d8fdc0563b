// One set of credentials a process and identity, however many workers and pipelines use it: STS and metadata services
// are asked once. Each has a thread of its own for its fetches, so that neither a hung program nor a slow service holds
// up a worker.
#pragma once

#include <functional>
#include <memory>
#include <string>

#include "aws/credentials.h"
#include "aws/credentials_sts.h"
#include "aws/endpoint_inputs.h"
#include "aws/environment.h"

namespace sqs2pg::aws {

// What tells one identity from another.
struct Identity {
    ConfiguredAws configured{};
    RoleCall role{};  // `aws.role_arn` and what belongs to it; none when role_arn is empty
};

// Safe to use from any thread.
class CredentialsPool {
   public:
    // After each fetch, from the thread that made it. `identity` is a text that tells one from another.
    using Observer =
        std::function<void(const std::string& identity, const Result<Credentials>& fetched, bool keeps_older)>;

    explicit CredentialsPool(Environment environment);
    ~CredentialsPool();

    // For one event loop, and not thread-safe itself. The first starts the thread, the last one to go ends it.
    std::unique_ptr<CredentialsProvider> provider(const Identity& identity);

    // Replaces an earlier one; when this returns, the earlier one is not called any more.
    void observe(Observer observer);

    // The one of this process, on its environment.
    static CredentialsPool& process();

   private:
    struct Impl;
    std::shared_ptr<Impl> impl_;
};

// The chain of the table, or the configured role on top of it. What `context` borrows outlives it.
std::unique_ptr<CredentialsProvider> make_provider(const SourceContext& context, const RoleCall& role);

}  // namespace sqs2pg::aws
