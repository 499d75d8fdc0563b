// Where endpoints, variants, proxies and CA bundles come from, for every service: environment, profile, configuration;
// what is said about it, and what is refused.
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <map>

#include <gtest/gtest.h>

#include "aws/endpoint_inputs.h"
#include "aws/http_options.h"
#include "aws/partition.h"
#include "aws/queue_name.h"

namespace sqs2pg::aws {
namespace {

#define EXPECT_SAYS(text, part) EXPECT_NE((text).find(part), std::string::npos) << (text)

struct Sources : testing::Test {
    Sources() {
        std::string pattern = (std::filesystem::temp_directory_path() / "sqs2pg-net-XXXXXX").string();
        home = mkdtemp(pattern.data());
        std::filesystem::create_directory(home / ".aws");
        variables["HOME"] = home.string();
    }
    ~Sources() override { std::filesystem::remove_all(home); }

    void profile(const std::string& text) const { std::ofstream(home / ".aws" / "config") << text; }
    Environment environment() const {
        return [this](const std::string& name) -> std::optional<std::string> {
            auto found = variables.find(name);
            return found == variables.end() ? std::nullopt : std::optional(found->second);
        };
    }
    Endpoint of(Service service, const ConfiguredAws& configured = {}, const std::string& region = {}) const {
        auto endpoint = service_endpoint(service, configured, environment(), region);
        EXPECT_TRUE(endpoint) << endpoint.error().detail;
        return endpoint.value_or(Endpoint{});
    }
    std::string refusal(const ConfiguredAws& configured = {}) const {
        auto endpoint = service_endpoint(Service::Sqs, configured, environment());
        EXPECT_FALSE(endpoint) << endpoint->url.origin();
        return endpoint ? std::string() : endpoint.error().detail;
    }

    std::filesystem::path home;
    std::map<std::string, std::string> variables;
};

TEST_F(Sources, EachServiceHasItsOwnVariableAndItsOwnEntryOfTheProfile) {
    profile(
        "[default]\nregion = eu-west-1\nservices = mine\nendpoint_url = http://profile:1\n"
        "[services mine]\nsqs =\n  endpoint_url = http://sqs:1\nsecrets_manager =\n  endpoint_url = "
        "http://secrets:1\n");
    EXPECT_EQ(of(Service::Sqs).url.origin(), "http://sqs:1");
    EXPECT_EQ(of(Service::SecretsManager).url.origin(), "http://secrets:1");
    EXPECT_EQ(of(Service::Sts).url.origin(), "http://profile:1");
    EXPECT_SAYS(of(Service::Sqs).reason, "the services section (sqs) of profile \"default\"");
    variables["AWS_ENDPOINT_URL"] = "http://all:1";
    EXPECT_EQ(of(Service::Sqs).url.origin(), "http://all:1");
    variables["AWS_ENDPOINT_URL_SECRETS_MANAGER"] = "http://variable:1";
    EXPECT_EQ(of(Service::SecretsManager).url.origin(), "http://variable:1");
    EXPECT_EQ(of(Service::SecretsManager).reason,
              "endpoint from AWS_ENDPOINT_URL_SECRETS_MANAGER, region eu-west-1 from region of profile \"default\"");
    // The configuration's endpoint is that of SQS, and of nothing else.
    ConfiguredAws configured{.endpoint_url = "http://configured:1"};
    EXPECT_EQ(of(Service::Sqs, configured).url.origin(), "http://configured:1");
    EXPECT_EQ(of(Service::Kms, configured).url.origin(), "http://all:1");
    variables["AWS_IGNORE_CONFIGURED_ENDPOINT_URLS"] = "TRUE";
    EXPECT_EQ(of(Service::SsoPortal).url.origin(), "https://portal.sso.eu-west-1.amazonaws.com");
    EXPECT_EQ(of(Service::SsoOidc, {}, "us-east-2").url.origin(), "https://oidc.us-east-2.amazonaws.com");
    EXPECT_EQ(of(Service::Sqs, configured).url.origin(), "http://configured:1");
}

TEST_F(Sources, VariantsFollowTheSameOrderAndAMistakeIsRefused) {
    variables["AWS_REGION"] = "us-east-1";
    profile("[default]\nuse_fips_endpoint = true\nuse_dualstack_endpoint = TRUE\n");
    EXPECT_EQ(of(Service::Sqs).url.host, "sqs-fips.us-east-1.api.aws");
    EXPECT_SAYS(of(Service::Sqs).reason, "FIPS from use_fips_endpoint of profile \"default\"");
    variables["AWS_USE_FIPS_ENDPOINT"] = "false";
    EXPECT_EQ(of(Service::Sqs).url.host, "sqs.us-east-1.api.aws");
    EXPECT_EQ(of(Service::Sqs, {.use_fips_endpoint = true, .use_dualstack_endpoint = false}).url.host,
              "sqs-fips.us-east-1.amazonaws.com");
    variables["AWS_USE_FIPS_ENDPOINT"] = "1";
    EXPECT_EQ(refusal(), "AWS_USE_FIPS_ENDPOINT must be true or false");
}

TEST_F(Sources, AVariantBesideAnEndpointOfOnesOwnIsRefused) {
    variables["AWS_REGION"] = "us-east-1";
    variables["AWS_USE_FIPS_ENDPOINT"] = "true";
    EXPECT_SAYS(refusal({.endpoint_url = "http://localhost:9324"}),
                "FIPS endpoints are asked for (AWS_USE_FIPS_ENDPOINT)");
    EXPECT_SAYS(
        refusal({.endpoint_url = "http://localhost:9324", .use_fips_endpoint = false, .use_dualstack_endpoint = true}),
        "dualstack endpoints are asked for (`aws.use_dualstack_endpoint`)");
    // A queue's URL at AWS is no endpoint of one's own: its region is enough.
    auto inputs = gather_endpoint_inputs({}, environment(), "https://sqs.eu-west-1.amazonaws.com/123456789012/q");
    auto endpoint = resolve_endpoint(inputs);
    ASSERT_TRUE(endpoint);
    EXPECT_EQ(endpoint->url.host, "sqs-fips.eu-west-1.amazonaws.com");
    EXPECT_SAYS(endpoint->reason, "region eu-west-1 from the queue's URL (not us-east-1 from AWS_REGION)");
}

TEST_F(Sources, AnUnknownRegionIsDoubtedWithTheNearest) {
    variables["AWS_REGION"] = "eu-centrl-1";
    EXPECT_EQ(of(Service::Sqs).doubt, "no region \"eu-centrl-1\" is known here; did you mean eu-central-1?");
    EXPECT_EQ(of(Service::Sqs, {.region = "eu-central-1"}).doubt, "");
    EXPECT_EQ(of(Service::Sqs, {.endpoint_url = "http://localhost:1"}).doubt, "") << "nothing depends on it there";
    EXPECT_EQ(doubt_about_region("zz"), "no region \"zz\" is known here; such as eu-central-1");
}

TEST_F(Sources, GlobalPseudoRegionsAreRefusedButWhereThereIsSuchAnEndpoint) {
    variables["AWS_REGION"] = "aws-global";
    EXPECT_SAYS(refusal(), "SQS has no global endpoint");
    EXPECT_EQ(of(Service::Sts).url.host, "sts.amazonaws.com");
    EXPECT_EQ(of(Service::Sts).region, "us-east-1");
}

TEST_F(Sources, ProxiesAndBundleFollowTheirOrder) {
    auto explain = [&](const char* url) {
        return http_options({}, environment()).proxies->explain(*net::parse_url(url));
    };
    EXPECT_EQ(explain("https://x.org"), "");
    variables["HTTPS_PROXY"] = "upper:1";
    EXPECT_EQ(explain("https://x.org"), "through the proxy http://upper:1 (HTTPS_PROXY)");
    EXPECT_EQ(explain("http://x.org"), "");
    variables["https_proxy"] = "lower:1";
    EXPECT_EQ(explain("https://x.org"), "through the proxy http://lower:1 (https_proxy)");
    variables["HTTP_PROXY"] = "plain:1";
    EXPECT_EQ(explain("http://x.org"), "through the proxy http://plain:1 (HTTP_PROXY)");
    variables["REQUEST_METHOD"] = "GET";
    EXPECT_EQ(explain("http://x.org"), "") << "in a CGI program a client can set HTTP_PROXY";
    variables["http_proxy"] = "plain:2";
    EXPECT_EQ(explain("http://x.org"), "through the proxy http://plain:2 (http_proxy)");
    variables["ALL_PROXY"] = "socks5://x";
    variables["no_proxy"] = ".org";
    EXPECT_EQ(explain("https://x.org"), "directly (no_proxy names the host)");

    profile("[default]\nca_bundle = ~/ca.pem\n");
    EXPECT_EQ(http_options({}, environment()).ca_file, (home / "ca.pem").string());
    EXPECT_EQ(http_options({}, environment()).ca_file_from, "ca_bundle of profile \"default\"");
    variables["AWS_CA_BUNDLE"] = "/variable.pem";
    EXPECT_EQ(http_options({}, environment()).ca_file, "/variable.pem");
    EXPECT_EQ(http_options({.ca_bundle = "/configured.pem"}, environment()).ca_file, "/configured.pem");
}

TEST(QueueName, OnlyTheArnOfAQueueIsOne) {
    auto arn = parse_queue_arn("arn:aws-us-gov:sqs:us-gov-west-1:123456789012:logins.fifo");
    ASSERT_TRUE(arn);
    EXPECT_EQ(arn->region, "us-gov-west-1");
    EXPECT_EQ(arn->account, "123456789012");
    EXPECT_EQ(arn->name, "logins.fifo");
    for (const auto* text : {"", "logins", "arn:aws:sns:eu-west-1:123456789012:q", "arn:aws:sqs:eu-west-1:12345:q",
                             "arn:aws:sqs::123456789012:q", "arn:aws:sqs:eu-west-1:123456789012:",
                             "arn:aws:sqs:eu-west-1:123456789012:q:x", "arn:aws:sqs:eu west:123456789012:q",
                             "arn:aws:sqs:eu-west-1:123456789012:a/b", "brn:aws:sqs:eu-west-1:123456789012:q"}) {
        EXPECT_FALSE(parse_queue_arn(text)) << text;
    }
}

TEST(BucketUrl, TheBucketStandsInTheHostWhereItsCertificateCoversIt) {
    Endpoint aws{.url = net::Url{true, "s3.eu-west-1.amazonaws.com", 443, "/"}};
    Endpoint own{.url = net::Url{false, "localhost", 9000, "/base"}, .overridden = true};
    auto text = [](const Endpoint& endpoint, const std::string& bucket) {
        auto url = bucket_url(endpoint, bucket);
        return url ? url->origin() + url->target : url.error().code;
    };
    EXPECT_EQ(text(aws, "my-bucket"), "https://my-bucket.s3.eu-west-1.amazonaws.com/");
    EXPECT_EQ(text(aws, "my.bucket"), "https://s3.eu-west-1.amazonaws.com/my.bucket/");
    EXPECT_EQ(text(aws, "Old_Bucket"), "https://s3.eu-west-1.amazonaws.com/Old_Bucket/");
    EXPECT_EQ(text(own, "my-bucket"), "http://localhost:9000/base/my-bucket/");
    for (const auto* bucket : {"", "a", "evil.com/x", "a@b.c", "bucket?x", "../x", "a b c", "b\r\nX: y"}) {
        EXPECT_EQ(text(aws, bucket), "bucket_name") << bucket;
    }
}

}  // namespace
}  // namespace sqs2pg::aws
