// The credentials chain, see credentials_chain.h.
#include "aws/credentials_chain.h"

#include <fmt/format.h>

#include "aws/credentials_container.h"
#include "aws/credentials_environment.h"
#include "aws/credentials_imds.h"
#include "aws/credentials_profile.h"
#include "aws/credentials_web_identity.h"

namespace sqs2pg::aws {
namespace {

template <class Source>
std::unique_ptr<CredentialsSource> make(const SourceContext& context) {
    return std::make_unique<Source>(context);
}

constexpr ChainEntry kChain[] = {
    {"environment", "`AWS_ACCESS_KEY_ID`, `AWS_SECRET_ACCESS_KEY` and `AWS_SESSION_TOKEN`", true,
     make<EnvironmentCredentials>},
    {"web identity",
     "the token in `AWS_WEB_IDENTITY_TOKEN_FILE` for the role `AWS_ROLE_ARN` (EKS: IAM roles for service accounts)",
     true, make<WebIdentityCredentials>},
    {"profile",
     "`aws.profile`, `AWS_PROFILE` or `default` in `~/.aws/credentials` and `~/.aws/config`: keys, `role_arn`, "
     "`web_identity_token_file`, IAM Identity Center (SSO), `credential_process`",
     false, make<ProfileCredentials>},
    {"container",
     "`AWS_CONTAINER_CREDENTIALS_RELATIVE_URI` (ECS) or `AWS_CONTAINER_CREDENTIALS_FULL_URI` (EKS Pod Identity)", false,
     make<ContainerCredentials>},
    {"EC2 metadata", "the role of the instance, from its metadata service, version 2 only", false,
     make<ImdsCredentials>},
};

// What our own configuration says goes before the environment.
class PassedOver final : public CredentialsSource {
   public:
    awaitable<Result<SourceAnswer>> fetch() override {
        co_return SourceAnswer{{}, "passed over, since `aws.profile` names a profile"};
    }
};

std::string numbered(std::size_t index, const std::string& name, const std::string& answer) {
    return fmt::format("{}. {}: {}", index + 1, name, answer);
}

}  // namespace

std::span<const ChainEntry> credentials_chain() { return kChain; }

std::string credentials_chain_markdown() {
    std::string text = "| | source | what it reads |\n|---|---|---|\n";
    int number = 0;
    for (const auto& entry : kChain) text += fmt::format("| {} | {} | {} |\n", ++number, entry.name, entry.description);
    return text;
}

CredentialsChain::CredentialsChain(const SourceContext& context) {
    for (const auto& entry : kChain) {
        bool passed_over = entry.yields_to_profile && !context.configured.profile.empty();
        sources_.emplace_back(entry.name, passed_over ? std::make_unique<PassedOver>() : entry.make(context));
    }
}

CredentialsChain::CredentialsChain(std::vector<std::pair<std::string, std::unique_ptr<CredentialsSource>>> sources)
    : sources_(std::move(sources)) {}

awaitable<Result<Credentials>> CredentialsChain::credentials() {
    std::string tried;
    for (std::size_t i = 0; i < sources_.size(); ++i) {
        auto& [name, source] = sources_[i];
        auto answer = co_await source->fetch();
        if (!answer) {
            auto error = std::move(answer.error());
            error.detail = "no AWS credentials. Tried: " + tried + numbered(i, name, error.detail) +
                           " (it is configured, so that nothing behind it was tried)";
            co_return fail(std::move(error));
        }
        if (answer->credentials) co_return std::move(*answer->credentials);
        tried += numbered(i, name, answer->why_not) + "; ";
    }
    if (!tried.empty()) tried.resize(tried.size() - 2);
    co_return fail(ErrorKind::Credentials, Stage::Start, "no_credentials",
                   "no AWS credentials found. Tried: " + tried +
                       ". Set one of them up (docs/credentials.md), or the variables of 1");
}

}  // namespace sqs2pg::aws
