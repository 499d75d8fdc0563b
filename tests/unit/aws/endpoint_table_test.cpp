// Every region, variant and service against botocore's own rules: tests/golden/endpoints.txt.
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <map>
#include <sstream>
#include <string>

#include <gtest/gtest.h>

#include "aws/endpoint.h"

namespace sqs2pg::aws {
namespace {

// Tests run somewhere below the checkout, or in it.
std::filesystem::path golden() {
    for (auto base = std::filesystem::current_path();; base = base.parent_path()) {
        auto path = base / "tests" / "golden" / "endpoints.txt";
        if (std::filesystem::exists(path)) return path;
        if (!base.has_relative_path()) return {};
    }
}

TEST(EndpointTable, EveryServiceRegionAndVariantIsWhereBotocoreSaysItIs) {
    const std::map<std::string, Service> services{
        {"sqs", Service::Sqs},       {"sts", Service::Sts},
        {"s3", Service::S3},         {"secretsmanager", Service::SecretsManager},
        {"ssm", Service::Ssm},       {"kms", Service::Kms},
        {"sso", Service::SsoPortal}, {"sso-oidc", Service::SsoOidc}};
    auto path = golden();
    if (path.empty()) {
        if (std::getenv("CI") != nullptr) FAIL() << "run this test in the checkout or below it";
        GTEST_SKIP() << "not run in the checkout or below it";
    }
    std::ifstream table(path);
    int compared = 0;
    for (std::string line; std::getline(table, line);) {
        if (line.starts_with('#')) continue;
        std::istringstream words(line);
        std::string service, region, expected;
        words >> service >> region;
        for (int variant = 0; words >> expected; ++variant, ++compared) {
            EndpointInputs inputs{.region = region, .service = services.at(service)};
            inputs.variants = {.fips = variant % 2 == 1, .dualstack = variant >= 2};
            auto endpoint = resolve_endpoint(inputs);
            std::string found = "-";
            if (endpoint) {
                found = endpoint->url.host;
                if (endpoint->region != region) found += "/" + endpoint->region;
                EXPECT_TRUE(endpoint->url.tls);
                EXPECT_EQ(endpoint->url.port, 443);
            }
            EXPECT_EQ(found, expected) << service << " in " << region << ", variant " << variant;
        }
    }
    EXPECT_GT(compared, 1500);
}

}  // namespace
}  // namespace sqs2pg::aws
