// Endpoints and regions, see endpoint.h.
#include "aws/endpoint.h"

#include <algorithm>

#include "aws/partition.h"
#include "aws/queue_name.h"

namespace sqs2pg::aws {
namespace {

constexpr std::string_view kDefaultRegion = "us-east-1";  // of a signature for a server that is not AWS

tl::unexpected<Error> unfit(std::string detail) {
    return fail(ErrorKind::Configuration, Stage::Configure, "endpoint", std::move(detail));
}

std::string or_else(const std::string& text, std::string_view otherwise) {
    return text.empty() ? std::string(otherwise) : text;
}

Result<net::Url> base_of(const std::string& text, std::string_view what) {
    auto url = net::parse_url(text);
    if (!url) return unfit(std::string(what) + ": " + url.error().detail);
    return url;
}

// What the queue's URL or ARN says.
struct FromQueue {
    net::Url url;        // host empty: an ARN, or nothing
    std::string region;  // empty: it says none
    std::string_view called = "URL";
};

Result<FromQueue> from_queue(const std::string& queue) {
    FromQueue from;
    if (queue.empty()) return from;
    if (auto arn = parse_queue_arn(queue)) {
        from.region = arn->region;
        from.called = "ARN";
        return from;
    }
    auto parsed = base_of(queue, "the queue's URL");
    if (!parsed) return fail(std::move(parsed.error()));
    from.url = std::move(*parsed);
    from.url.target = "/";
    from.region = region_of_host(from.url.host);
    return from;
}

// Refuses what an endpoint of one's own cannot promise.
Status variants_allowed(const EndpointInputs& inputs, const std::string& endpoint) {
    auto refuse = [&](std::string_view what, const std::string& from) {
        return unfit(std::string(what) + " endpoints are asked for (" + or_else(from, "configuration") +
                     ") beside an endpoint of your own, " + endpoint + ": take one of the two away");
    };
    if (inputs.variants.fips) return refuse("FIPS", inputs.fips_from);
    if (inputs.variants.dualstack) return refuse("dualstack", inputs.dualstack_from);
    return {};
}

// "fips-us-east-1" and "us-east-1-fips": the region and the wish.
void take_pseudo_region(std::string& region, Variants& variants) {
    bool before = region.starts_with("fips-");
    bool behind = region.ends_with("-fips");
    if (!before && !behind) return;
    region = before ? region.substr(5) : region.substr(0, region.size() - 5);
    variants.fips = true;
}

Result<Endpoint> overridden_by(const EndpointInputs& inputs, const FromQueue& queue) {
    Endpoint endpoint;
    auto from = or_else(inputs.endpoint_from, "the endpoint URL");
    auto parsed = base_of(inputs.endpoint_url, from == "the endpoint URL" ? from : "the endpoint URL of " + from);
    if (!parsed) return fail(std::move(parsed.error()));
    endpoint.url = std::move(*parsed);
    endpoint.overridden = true;
    auto allowed = variants_allowed(inputs, endpoint.url.origin());
    if (!allowed) return fail(std::move(allowed.error()));
    auto region_from = or_else(inputs.region_from, "configuration");
    endpoint.region = inputs.region;
    auto fall_back = [&](std::string region, std::string_view source) {
        if (!endpoint.region.empty() || region.empty()) return;
        endpoint.region = std::move(region);
        region_from = source;
    };
    fall_back(region_of_host(endpoint.url.host), "its host");
    fall_back(queue.region, queue.called == "ARN" ? "the queue's ARN" : "the queue's URL");
    fall_back(std::string(kDefaultRegion), "default");
    endpoint.reason = "endpoint from " + from + ", region " + endpoint.region + " from " + region_from;
    return endpoint;
}

// A queue's URL whose host is to be asked: not one of AWS's regional hosts, for which the region is enough.
bool host_of_its_own(const FromQueue& queue) {
    if (queue.url.host.empty()) return false;
    return queue.region.empty() || is_vpc_endpoint(queue.url.host) || !queue.url.tls || queue.url.port != 443;
}

Result<Endpoint> at_queue_host(const EndpointInputs& inputs, const FromQueue& queue) {
    Endpoint endpoint;
    endpoint.url = queue.url;
    endpoint.overridden = !is_aws_host(queue.url.host);
    auto allowed = variants_allowed(inputs, endpoint.url.origin());
    if (!allowed) return fail(std::move(allowed.error()));
    endpoint.region = or_else(queue.region, inputs.region);
    endpoint.reason = "endpoint from the queue's URL";
    if (endpoint.region.empty() && endpoint.overridden) endpoint.region = kDefaultRegion;
    return endpoint;
}

Result<Endpoint> of_region(const EndpointInputs& inputs, const FromQueue& queue) {
    Endpoint endpoint;
    auto variants = inputs.variants;
    endpoint.region = or_else(queue.region, inputs.region);
    endpoint.reason = "region " + endpoint.region + " from ";
    if (queue.region.empty()) {
        endpoint.reason += or_else(inputs.region_from, "configuration");
    } else {
        endpoint.reason += "the queue's " + std::string(queue.called);
        bool differs = !inputs.region.empty() && inputs.region != queue.region;
        if (differs) {
            endpoint.reason += " (not " + inputs.region + " from " + or_else(inputs.region_from, "configuration") + ")";
        }
    }
    take_pseudo_region(endpoint.region, variants);
    if (!is_region_name(endpoint.region)) return endpoint;  // refused by the caller
    // A queue's URL may ask for the variant by its host.
    if (queue.url.host.starts_with("sqs-fips.")) variants.fips = true;
    bool dualstack_host = false;
    for (const auto& partition : partitions()) {
        dualstack_host = dualstack_host || queue.url.host.ends_with("." + std::string(partition.dualstack_suffix));
    }
    variants.dualstack = variants.dualstack || dualstack_host;
    auto host = host_of(inputs.service, endpoint.region, variants);
    if (!host) return fail(std::move(host.error()));
    if (variants.fips) endpoint.reason += ", FIPS" + (inputs.fips_from.empty() ? "" : " from " + inputs.fips_from);
    if (variants.dualstack) {
        endpoint.reason += ", dualstack" + (inputs.dualstack_from.empty() ? "" : " from " + inputs.dualstack_from);
    }
    endpoint.url = net::Url{true, std::move(host->host), 443, "/"};
    endpoint.region = std::move(host->signing_region);
    return endpoint;
}

}  // namespace

Result<Endpoint> resolve_endpoint(const EndpointInputs& inputs) {
    if (!inputs.mistake.empty()) return unfit(inputs.mistake);
    auto queue = from_queue(inputs.queue_url);
    if (!queue) return fail(std::move(queue.error()));
    Result<Endpoint> endpoint;
    if (!inputs.endpoint_url.empty()) {
        endpoint = overridden_by(inputs, *queue);
    } else if (host_of_its_own(*queue)) {
        endpoint = at_queue_host(inputs, *queue);
    } else if (!queue->region.empty() || !inputs.region.empty()) {
        endpoint = of_region(inputs, *queue);
    }
    if (!endpoint) return endpoint;
    if (endpoint->region.empty()) {
        return unfit("no AWS region: set `aws.region`, AWS_REGION or the profile's region" +
                     std::string(inputs.service == Service::Sqs ? ", or give the queue as a URL or ARN" : ""));
    }
    if (!is_region_name(endpoint->region)) {
        auto from = inputs.region_from.empty() ? "" : " (from " + inputs.region_from + ")";
        return unfit("the AWS region" + from + " may hold lower-case letters, digits and '-' only");
    }
    if (is_aws_host(endpoint->url.host)) endpoint->doubt = doubt_about_region(endpoint->region).value_or("");
    return endpoint;
}

Result<net::Url> bucket_url(const Endpoint& endpoint, const std::string& bucket) {
    auto plain = [](char c) { return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '-'; };
    auto allowed = [&](char c) { return plain(c) || (c >= 'A' && c <= 'Z') || c == '.' || c == '_'; };
    bool ends_well = !bucket.empty() && bucket.front() != '.' && bucket.back() != '.';
    if (bucket.size() < 3 || bucket.size() > 255 || !ends_well || !std::all_of(bucket.begin(), bucket.end(), allowed)) {
        return fail(ErrorKind::BadMessage, Stage::Start, "bucket_name", "the bucket's name is not one that S3 allows");
    }
    bool label = bucket.size() <= 63 && std::all_of(bucket.begin(), bucket.end(), plain) && bucket.front() != '-' &&
                 bucket.back() != '-';
    auto url = endpoint.url;
    if (label && !endpoint.overridden) {
        url.host = bucket + "." + url.host;
        url.target = "/";
    } else {
        if (!url.target.ends_with('/')) url.target += '/';
        url.target += bucket + "/";
    }
    return url;
}

}  // namespace sqs2pg::aws
