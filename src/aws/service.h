// The AWS services that this program calls: what each is called in host names, in signatures, in environment variables
// and in profiles, and the host of each in a region. Pure. Source: botocore's endpoint rule sets.
#pragma once

#include <string>
#include <string_view>

#include "base/result.h"

namespace sqs2pg::aws {

enum class Service { Sqs, Sts, S3, SecretsManager, Ssm, Kms, SsoPortal, SsoOidc };

struct ServiceNames {
    std::string_view name;      // for people: "Secrets Manager"
    std::string_view host;      // first labels of its host: "portal.sso"
    std::string_view signing;   // service of the signature: "awsssoportal"
    std::string_view variable;  // behind AWS_ENDPOINT_URL_: "SECRETS_MANAGER"
    std::string_view settings;  // in a profile's `services` section: "secrets_manager"
};

const ServiceNames& names_of(Service service);

struct Variants {
    bool fips = false;       // FIPS 140 validated endpoints
    bool dualstack = false;  // endpoints that answer on IPv6 too
};

struct ServiceHost {
    std::string host;
    std::string signing_region;  // the region, but of a global endpoint
};

// `region` is a valid name (is_region_name). Configuration error where the service has no such endpoint.
Result<ServiceHost> host_of(Service service, const std::string& region, Variants variants);

}  // namespace sqs2pg::aws
