// The role of our own configuration (`aws.role_arn`, `aws.external_id`), assumed with whatever credentials there are:
// a queue of another account, without a profile.
#pragma once

#include <memory>

#include "aws/credentials_source.h"
#include "aws/credentials_sts.h"

namespace sqs2pg::aws {

class RoleCredentials final : public CredentialsProvider {
   public:
    RoleCredentials(SourceContext context, RoleCall role, std::unique_ptr<CredentialsProvider> base)
        : context_(std::move(context)), role_(std::move(role)), base_(std::move(base)) {}

    awaitable<Result<Credentials>> credentials() override {
        auto base = co_await base_->credentials();
        if (!base) co_return base;
        auto with = base->source;
        auto found = co_await assume_role(context_, role_, std::move(*base));
        if (found) found->source += " (`aws.role_arn`), assumed with " + with;
        if (!found) found.error().detail += " (`aws.role_arn`, assumed with " + with + ")";
        co_return found;
    }
    void invalidate() override { base_->invalidate(); }

   private:
    SourceContext context_;
    RoleCall role_;
    std::unique_ptr<CredentialsProvider> base_;
};

}  // namespace sqs2pg::aws
