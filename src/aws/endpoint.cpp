// SQS endpoints and regions, see endpoint.h.
#include "aws/endpoint.h"

#include <algorithm>
#include <vector>

namespace sqs2pg::aws {
namespace {

struct Partition {
    std::string_view region_prefix;
    std::string_view dns_suffix;
};

// Source: botocore's partitions.json. The last one takes every other region.
constexpr Partition kPartitions[] = {
    {"cn-", "amazonaws.com.cn"},  {"us-isob-", "sc2s.sgov.gov"},  {"us-isof-", "csp.hci.ic.gov"},
    {"us-iso-", "c2s.ic.gov"},    {"eu-isoe-", "cloud.adc-e.uk"}, {"eusc-", "amazonaws.eu"},
    {"us-gov-", "amazonaws.com"}, {"", "amazonaws.com"},
};

bool is_region(std::string_view text) {
    return !text.empty() && text.size() <= 64 && std::all_of(text.begin(), text.end(), [](char c) {
        return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '-';
    });
}

std::vector<std::string_view> labels_of(std::string_view host) {
    std::vector<std::string_view> labels;
    for (;;) {
        auto dot = host.find('.');
        labels.push_back(host.substr(0, dot));
        if (dot == host.npos) return labels;
        host.remove_prefix(dot + 1);
    }
}

bool is_aws_host(std::string_view host) {
    auto under = [&](std::string_view suffix) {
        return host.size() > suffix.size() && host.ends_with(suffix) && host[host.size() - suffix.size() - 1] == '.';
    };
    if (under("api.aws") || under("api.amazonwebservices.com.cn")) return true;
    return std::any_of(std::begin(kPartitions), std::end(kPartitions),
                       [&](const Partition& partition) { return under(partition.dns_suffix); });
}

// The region that an AWS host names; empty when it names none. sqs.REGION.…, sqs-fips.REGION.…, REGION.queue.…,
// queue.amazonaws.com (us-east-1), vpce-….sqs.REGION.vpce.….
std::string region_of_host(std::string_view host) {
    if (!is_aws_host(host)) return {};
    if (host == "queue.amazonaws.com") return "us-east-1";
    auto labels = labels_of(host);
    for (std::size_t i = 0; i + 1 < labels.size(); ++i) {
        if (labels[i] == "sqs" || labels[i] == "sqs-fips") return std::string(labels[i + 1]);
        if (labels[i + 1] == "queue") return std::string(labels[i]);
    }
    return {};
}

tl::unexpected<Error> unfit(std::string detail) {
    return fail(ErrorKind::Configuration, Stage::Configure, "endpoint", std::move(detail));
}

Result<net::Url> base_of(const std::string& text, std::string_view what) {
    auto url = net::parse_url(text);
    if (!url) return unfit(std::string(what) + ": " + url.error().detail);
    return url;
}

}  // namespace

Result<Endpoint> resolve_endpoint(const EndpointInputs& inputs) {
    Endpoint endpoint;
    endpoint.region = inputs.region;
    std::string queue_region;
    net::Url queue_url;
    if (!inputs.queue_url.empty()) {
        auto parsed = base_of(inputs.queue_url, "the queue's URL");
        if (!parsed) return fail(std::move(parsed.error()));
        queue_url = *parsed;
        queue_region = region_of_host(queue_url.host);
    }
    if (!inputs.endpoint_url.empty()) {
        auto parsed = base_of(inputs.endpoint_url, "the endpoint URL");
        if (!parsed) return fail(std::move(parsed.error()));
        endpoint.url = std::move(*parsed);
        endpoint.overridden = true;
        if (endpoint.region.empty()) endpoint.region = region_of_host(endpoint.url.host);
        if (endpoint.region.empty()) endpoint.region = queue_region;
        if (endpoint.region.empty()) endpoint.region = "us-east-1";
    } else if (!inputs.queue_url.empty()) {
        // A queue's URL names its region: a signature for any other would be refused there.
        endpoint.url = queue_url;
        endpoint.url.target = "/";
        endpoint.overridden = !is_aws_host(queue_url.host);
        if (!queue_region.empty()) endpoint.region = queue_region;
        if (endpoint.region.empty() && endpoint.overridden) endpoint.region = "us-east-1";
    }
    if (endpoint.region.empty()) {
        return unfit("no AWS region: set `aws.region`, AWS_REGION or the profile's region, or give the queue as a URL");
    }
    if (!is_region(endpoint.region)) return unfit("the AWS region may hold lower-case letters, digits and '-' only");
    if (endpoint.url.host.empty()) {
        const auto* partition = std::find_if(std::begin(kPartitions), std::end(kPartitions), [&](const Partition& p) {
            return endpoint.region.starts_with(p.region_prefix);
        });
        endpoint.url.tls = true;
        endpoint.url.port = 443;
        endpoint.url.host = "sqs." + endpoint.region + "." + std::string(partition->dns_suffix);
    }
    return endpoint;
}

}  // namespace sqs2pg::aws
