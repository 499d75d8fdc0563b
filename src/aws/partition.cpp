// AWS's partitions and regions, see partition.h.
#include "aws/partition.h"

#include <algorithm>
#include <iterator>
#include <vector>

#include "base/nearest.h"

namespace sqs2pg::aws {
namespace {

// A longer prefix stands before a shorter one that it begins with. The last takes every other region.
constexpr Partition kPartitions[] = {
    {"aws-cn", "cn-", "amazonaws.com.cn", "api.amazonwebservices.com.cn"},
    {"aws-us-gov", "us-gov-", "amazonaws.com", "api.aws"},
    {"aws-iso-b", "us-isob-", "sc2s.sgov.gov", "api.aws.scloud"},
    {"aws-iso-f", "us-isof-", "csp.hci.ic.gov", "api.aws.hci.ic.gov"},
    {"aws-iso", "us-iso-", "c2s.ic.gov", "api.aws.ic.gov"},
    {"aws-iso-e", "eu-isoe-", "cloud.adc-e.uk", "api.cloud-aws.adc-e.uk"},
    {"aws-eusc", "eusc-", "amazonaws.eu", "api.amazonwebservices.eu"},
    {"aws", "", "amazonaws.com", "api.aws"},
};

constexpr std::string_view kRegions[] = {
    "af-south-1",     "ap-east-1",      "ap-east-2",      "ap-northeast-1",  "ap-northeast-2", "ap-northeast-3",
    "ap-south-1",     "ap-south-2",     "ap-southeast-1", "ap-southeast-2",  "ap-southeast-3", "ap-southeast-4",
    "ap-southeast-5", "ap-southeast-6", "ap-southeast-7", "ca-central-1",    "ca-west-1",      "eu-central-1",
    "eu-central-2",   "eu-north-1",     "eu-south-1",     "eu-south-2",      "eu-west-1",      "eu-west-2",
    "eu-west-3",      "il-central-1",   "me-central-1",   "me-south-1",      "me-west-1",      "mx-central-1",
    "sa-east-1",      "sa-west-1",      "us-east-1",      "us-east-2",       "us-west-1",      "us-west-2",
    "cn-north-1",     "cn-northwest-1", "eusc-de-east-1", "us-iso-east-1",   "us-iso-west-1",  "us-isob-east-1",
    "us-isob-west-1", "eu-isoe-west-1", "us-isof-east-1", "us-isof-south-1", "us-gov-east-1",  "us-gov-west-1",
};

}  // namespace

std::span<const Partition> partitions() { return kPartitions; }

const Partition& partition_of(std::string_view region) {
    return *std::find_if(std::begin(kPartitions), std::end(kPartitions),
                         [&](const Partition& partition) { return region.starts_with(partition.region_prefix); });
}

bool is_region_name(std::string_view text) {
    return !text.empty() && text.size() <= 64 && std::all_of(text.begin(), text.end(), [](char c) {
        return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '-';
    });
}

std::optional<std::string> doubt_about_region(std::string_view region) {
    if (std::find(std::begin(kRegions), std::end(kRegions), region) != std::end(kRegions)) return std::nullopt;
    std::vector<std::string> names(std::begin(kRegions), std::end(kRegions));
    auto nearest = nearest_name(region, names);
    std::string text = "no region \"" + std::string(region) + "\" is known here";
    return nearest.empty() ? text + "; such as eu-central-1" : text + "; did you mean " + nearest + "?";
}

bool is_aws_host(std::string_view host) {
    auto under = [&](std::string_view suffix) {
        return host.size() > suffix.size() && host.ends_with(suffix) && host[host.size() - suffix.size() - 1] == '.';
    };
    return std::any_of(std::begin(kPartitions), std::end(kPartitions), [&](const Partition& partition) {
        return under(partition.dns_suffix) || under(partition.dualstack_suffix);
    });
}

}  // namespace sqs2pg::aws
