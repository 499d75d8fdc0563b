// The operations on queues: make, find, list, delete, purge, attributes.
#include <algorithm>

#include <fmt/format.h>

#include "devqueue/service.h"

namespace sqs2pg::devqueue::operations {
namespace {

std::string url_of(std::string_view base_url, std::string_view name) {
    return fmt::format("{}/{}/{}", base_url, kAccountId, name);
}

Done url_reply(std::string_view base_url, std::string_view name) {
    Done done{.body = "{\"QueueUrl\":", .waiting = {}};
    sqs::append_json_string(done.body, url_of(base_url, name));
    done.body += '}';
    return done;
}

// Names from `token` on, at most `limit`; the rest begins at the returned token.
Answer<Done> list_reply(std::vector<std::string> names, const JsonObject& request, const Call& call,
                        const char* member) {
    auto limit = optional_int(request, "MaxResults");
    if (!limit) return refuse(limit.error());
    if (*limit && (**limit < 1 || **limit > 1000)) {
        return refuse_value(std::to_string(**limit), "MaxResults", "Must be between 1 and 1000, if provided.");
    }
    auto token = optional_text(request, "NextToken");
    if (!token) return refuse(token.error());
    auto from = std::ranges::lower_bound(names, token->value_or(""));
    auto most = static_cast<std::ptrdiff_t>(limit->value_or(1000));
    auto to = names.end() - from > most ? from + most : names.end();
    Done done{.body = fmt::format("{{\"{}\":[", member), .waiting = {}};
    for (auto name = from; name != to; ++name) {
        if (name != from) done.body += ',';
        sqs::append_json_string(done.body, url_of(call.base_url, *name));
    }
    done.body += ']';
    if (to != names.end() && *limit) {
        done.body += ",\"NextToken\":";
        sqs::append_json_string(done.body, *to);
    }
    done.body += '}';
    return done;
}

}  // namespace

Answer<Queue*> queue_of(Account& account, const JsonObject& request) {
    auto name = queue_name(request);
    if (!name) return refuse(name.error());
    return account.find(*name);
}

Answer<Done> create_queue(Account& account, const JsonObject& request, const Call& call) {
    auto name = required_text(request, "QueueName");
    if (!name) return refuse(name.error());
    auto attributes = text_map(request, "Attributes");
    if (!attributes) return refuse(attributes.error());
    auto queue = account.create(*name, *attributes, call.now);
    if (!queue) return refuse(queue.error());
    return url_reply(call.base_url, (*queue)->identity().name);
}

Answer<Done> get_queue_url(Account& account, const JsonObject& request, const Call& call) {
    auto name = required_text(request, "QueueName");
    if (!name) return refuse(name.error());
    auto queue = account.find(*name);
    if (!queue) return refuse(queue.error());
    return url_reply(call.base_url, (*queue)->identity().name);
}

Answer<Done> list_queues(Account& account, const JsonObject& request, const Call& call) {
    auto prefix = optional_text(request, "QueueNamePrefix");
    if (!prefix) return refuse(prefix.error());
    return list_reply(account.names(prefix->value_or("")), request, call, "QueueUrls");
}

Answer<Done> list_dead_letter_source_queues(Account& account, const JsonObject& request, const Call& call) {
    auto queue = queue_of(account, request);
    if (!queue) return refuse(queue.error());
    return list_reply(account.sources_of(**queue), request, call, "queueUrls");
}

Answer<Done> delete_queue(Account& account, const JsonObject& request, const Call&) {
    auto name = queue_name(request);
    if (!name) return refuse(name.error());
    if (auto removed = account.remove(*name); !removed) return refuse(removed.error());
    return Done{.body = "{}", .waiting = {}};
}

Answer<Done> purge_queue(Account& account, const JsonObject& request, const Call& call) {
    auto queue = queue_of(account, request);
    if (!queue) return refuse(queue.error());
    if (auto purged = (*queue)->purge(call.now); !purged) return refuse(purged.error());
    return Done{.body = "{}", .waiting = {}};
}

Answer<Done> get_queue_attributes(Account& account, const JsonObject& request, const Call& call) {
    auto queue = queue_of(account, request);
    if (!queue) return refuse(queue.error());
    auto names = text_list(request, "AttributeNames");
    if (!names) return refuse(names.error());
    for (auto name : *names) {
        if (!is_attribute_name(name)) return refuse("InvalidAttributeName", fmt::format("Unknown Attribute {}.", name));
    }
    if (names->empty()) return Done{.body = "{}", .waiting = {}};
    bool all = std::ranges::find(*names, "All") != names->end();
    Done done{.body = "{\"Attributes\":{", .waiting = {}};
    for (const auto& [name, value] : (*queue)->attributes(call.now)) {
        if (!all && std::ranges::find(*names, name) == names->end()) continue;
        if (done.body.back() != '{') done.body += ',';
        sqs::append_json_string(done.body, name);
        done.body += ':';
        sqs::append_json_string(done.body, value);
    }
    done.body += "}}";
    return done;
}

Answer<Done> set_queue_attributes(Account& account, const JsonObject& request, const Call& call) {
    auto queue = queue_of(account, request);
    if (!queue) return refuse(queue.error());
    auto attributes = text_map(request, "Attributes");
    if (!attributes) return refuse(attributes.error());
    if (attributes->empty()) {
        return refuse("MissingParameter", "The request must contain the parameter Attributes.");
    }
    if (auto set = account.set_attributes(**queue, *attributes, call.now); !set) return refuse(set.error());
    return Done{.body = "{}", .waiting = {}};
}

}  // namespace sqs2pg::devqueue::operations
