// Names of queues, see queue_name.h.
#include "aws/queue_name.h"

#include <algorithm>
#include <vector>

#include "aws/partition.h"

namespace sqs2pg::aws {
namespace {

std::vector<std::string_view> split(std::string_view text, char at) {
    std::vector<std::string_view> parts;
    for (;;) {
        auto end = text.find(at);
        parts.push_back(text.substr(0, end));
        if (end == text.npos) return parts;
        text.remove_prefix(end + 1);
    }
}

bool is_account(std::string_view text) {
    return text.size() == 12 && std::all_of(text.begin(), text.end(), [](char c) { return c >= '0' && c <= '9'; });
}

bool is_queue_name(std::string_view text) {
    if (text.ends_with(".fifo")) text.remove_suffix(5);
    return !text.empty() && text.size() <= 80 && std::all_of(text.begin(), text.end(), [](char c) {
        return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '-' || c == '_';
    });
}

}  // namespace

std::optional<QueueArn> parse_queue_arn(std::string_view text) {
    auto parts = split(text, ':');
    if (parts.size() != 6 || parts[0] != "arn" || !parts[1].starts_with("aws") || parts[2] != "sqs")
        return std::nullopt;
    if (!is_region_name(parts[3]) || !is_account(parts[4]) || !is_queue_name(parts[5])) return std::nullopt;
    return QueueArn{std::string(parts[3]), std::string(parts[4]), std::string(parts[5])};
}

std::string region_of_host(std::string_view host) {
    if (!is_aws_host(host)) return {};
    if (host == "queue.amazonaws.com") return "us-east-1";
    auto labels = split(host, '.');
    for (std::size_t i = 0; i + 1 < labels.size(); ++i) {
        if (labels[i] == "sqs" || labels[i] == "sqs-fips") return std::string(labels[i + 1]);
        if (labels[i + 1] == "queue") return std::string(labels[i]);
    }
    return {};
}

bool is_vpc_endpoint(std::string_view host) { return is_aws_host(host) && host.find(".vpce.") != host.npos; }

}  // namespace sqs2pg::aws
