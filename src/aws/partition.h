// AWS's partitions: which DNS suffixes a region's endpoints have, and which regions there are. Pure.
// Source: botocore's partitions.json; AWS General Reference, "Regional endpoints".
#pragma once

#include <optional>
#include <span>
#include <string>
#include <string_view>

namespace sqs2pg::aws {

struct Partition {
    std::string_view name;              // "aws-us-gov"
    std::string_view region_prefix;     // of its regions; empty: every other region
    std::string_view dns_suffix;        // "amazonaws.com"
    std::string_view dualstack_suffix;  // "api.aws"
};

std::span<const Partition> partitions();

// The partition of a region, also of one that is newer than this program: its name tells.
const Partition& partition_of(std::string_view region);

// Whether `text` may be a region at all: 1 to 64 lower-case letters, digits and '-'.
bool is_region_name(std::string_view text);

// A sentence when no region of this name is known here: a misspelling (the nearest is named), or a new region.
std::optional<std::string> doubt_about_region(std::string_view region);

// Whether the host is one of AWS's, by its DNS suffix (whole labels).
bool is_aws_host(std::string_view host);

}  // namespace sqs2pg::aws
