// Static credentials of a profile in ~/.aws/credentials or ~/.aws/config. The files are read again at each fetch, so
// that rotated keys are found after invalidate().
#pragma once

#include <string>

#include "aws/credentials_source.h"
#include "aws/environment.h"

namespace sqs2pg::aws {

class ProfileCredentials final : public CredentialsSource {
   public:
    // `profile`: from the configuration; empty: AWS_PROFILE, else "default".
    ProfileCredentials(Environment environment, std::string profile)
        : environment_(std::move(environment)), profile_(std::move(profile)) {}
    // Error: a profile asked for by name is absent or has half a key. Without a name that is an ordinary "not here".
    awaitable<Result<SourceAnswer>> fetch() override;

   private:
    Environment environment_;
    std::string profile_;
};

}  // namespace sqs2pg::aws
