// Services and their hosts, see service.h.
#include "aws/service.h"

#include <array>

#include "aws/partition.h"

namespace sqs2pg::aws {
namespace {

// In the order of the enumeration.
constexpr std::array<ServiceNames, 8> kServices = {{
    {"SQS", "sqs", "sqs", "SQS", "sqs"},
    {"STS", "sts", "sts", "STS", "sts"},
    {"S3", "s3", "s3", "S3", "s3"},
    {"Secrets Manager", "secretsmanager", "secretsmanager", "SECRETS_MANAGER", "secrets_manager"},
    {"SSM", "ssm", "ssm", "SSM", "ssm"},
    {"KMS", "kms", "kms", "KMS", "kms"},
    {"SSO", "portal.sso", "awsssoportal", "SSO", "sso"},
    {"SSO OIDC", "oidc", "sso-oauth", "SSO_OIDC", "sso_oidc"},
}};

// GovCloud's ordinary endpoints of these are FIPS endpoints, and have no name of their own.
bool gov_is_fips(Service service) {
    return service == Service::Sqs || service == Service::Sts || service == Service::Ssm ||
           service == Service::SsoPortal || service == Service::SsoOidc;
}

std::string join(std::string_view first, std::string_view region, std::string_view suffix) {
    return std::string(first) + "." + std::string(region) + "." + std::string(suffix);
}

tl::unexpected<Error> unfit(std::string detail) {
    return fail(ErrorKind::Configuration, Stage::Configure, "endpoint", std::move(detail));
}

Result<ServiceHost> host_of_s3(const std::string& region, Variants variants) {
    if (region == "aws-global") {
        if (!variants.fips && !variants.dualstack) return ServiceHost{"s3.amazonaws.com", "us-east-1"};
        return host_of_s3("us-east-1", variants);
    }
    const auto& partition = partition_of(region);
    if (variants.fips && partition.name == "aws-cn") return unfit("S3 has no FIPS endpoints in the partition aws-cn");
    std::string first = variants.fips ? "s3-fips" : "s3";
    if (variants.dualstack) first += ".dualstack";
    return ServiceHost{join(first, region, partition.dns_suffix), region};
}

}  // namespace

const ServiceNames& names_of(Service service) { return kServices.at(static_cast<std::size_t>(service)); }

Result<ServiceHost> host_of(Service service, const std::string& region, Variants variants) {
    if (service == Service::S3) return host_of_s3(region, variants);
    bool plain = !variants.fips && !variants.dualstack;
    if (service == Service::Sts && region == "aws-global" && plain)
        return ServiceHost{"sts.amazonaws.com", "us-east-1"};
    if (region.ends_with("-global")) {
        return unfit(std::string(names_of(service).name) + " has no global endpoint; \"" + region +
                     "\" must be a region, such as eu-central-1");
    }
    const auto& partition = partition_of(region);
    bool in_gov = partition.name == "aws-us-gov";
    bool in_aws = partition.name == "aws";
    std::string first(names_of(service).host);
    bool gov_default = variants.fips && !variants.dualstack && in_gov && gov_is_fips(service);
    if (variants.fips && !gov_default) first += "-fips";
    auto suffix = variants.dualstack ? partition.dualstack_suffix : partition.dns_suffix;
    // Secrets Manager's ordinary hosts answer on IPv6 in these partitions.
    bool both =
        service == Service::SecretsManager && (in_aws || in_gov || (partition.name == "aws-cn" && !variants.fips));
    if (both) suffix = partition.dns_suffix;
    return ServiceHost{join(first, region, suffix), region};
}

}  // namespace sqs2pg::aws
