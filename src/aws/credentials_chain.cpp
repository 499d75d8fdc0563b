// The credentials chain, see credentials_chain.h.
#include "aws/credentials_chain.h"

#include "aws/credentials_environment.h"
#include "aws/credentials_profile.h"

namespace sqs2pg::aws {
namespace {

std::unique_ptr<CredentialsSource> make_environment(const ChainInputs& inputs) {
    return std::make_unique<EnvironmentCredentials>(inputs.environment);
}

std::unique_ptr<CredentialsSource> make_profile(const ChainInputs& inputs) {
    return std::make_unique<ProfileCredentials>(inputs.environment, inputs.profile);
}

constexpr ChainEntry kChain[] = {
    {"environment", "AWS_ACCESS_KEY_ID, AWS_SECRET_ACCESS_KEY and AWS_SESSION_TOKEN", make_environment},
    {"profile",
     "static keys of `aws.profile`, AWS_PROFILE or \"default\" in ~/.aws/credentials and ~/.aws/config "
     "(AWS_SHARED_CREDENTIALS_FILE, AWS_CONFIG_FILE)",
     make_profile},
};

}  // namespace

std::span<const ChainEntry> credentials_chain() { return kChain; }

CredentialsChain::CredentialsChain(ChainInputs inputs) {
    for (const auto& entry : kChain) sources_.emplace_back(entry.name, entry.make(inputs));
}

CredentialsChain::CredentialsChain(std::vector<std::pair<std::string, std::unique_ptr<CredentialsSource>>> sources)
    : sources_(std::move(sources)) {}

awaitable<Result<Credentials>> CredentialsChain::credentials() {
    std::string tried;
    for (std::size_t i = 0; i < sources_.size(); ++i) {
        auto& [name, source] = sources_[i];
        auto answer = co_await source->fetch();
        if (!answer) co_return fail(std::move(answer.error()));
        if (answer->credentials) co_return std::move(*answer->credentials);
        if (!tried.empty()) tried += "; ";
        tried += std::to_string(i + 1) + ". " + name + ": " + answer->why_not;
    }
    co_return fail(ErrorKind::Credentials, Stage::Start, "no_credentials", "no AWS credentials found. Tried: " + tried);
}

}  // namespace sqs2pg::aws
