// The set of queues, and the rules that involve more than one of them.
#include "devqueue/account.h"

#include <algorithm>

#include <fmt/format.h>

#include "devqueue/move_tasks.h"
#include "devqueue/rules.h"

namespace sqs2pg::devqueue {

Account::Account(AccountOptions options)
    : options_(std::move(options)), random_(options_.seed), move_tasks_(std::make_unique<MoveTasks>(*this)) {}

Account::~Account() = default;

std::string Account::arn_of(std::string_view name) const {
    return fmt::format("arn:aws:sqs:{}:{}:{}", options_.region, kAccountId, name);
}

Answer<QueueSettings> Account::changed(QueueSettings settings, std::string_view name, const AttributeMap& attributes) {
    for (const auto& [attribute, value] : attributes) {
        if (auto set = set_attribute(settings, attribute, value); !set) return refuse(set.error());
    }
    if (auto checked = check_settings(settings); !checked) return refuse(checked.error());
    if (attributes.contains("RedrivePolicy")) {
        if (auto checked = check_redrive(settings, arn_of(name)); !checked) return refuse(checked.error());
    }
    return settings;
}

Verdict Account::check_redrive(const QueueSettings& settings, std::string_view source_arn) {
    if (!settings.redrive) return {};
    auto target = find(queue_name_of_arn(settings.redrive->target_arn));
    if (!target) {
        return refuse_value(settings.redrive->target_arn, "RedrivePolicy", "Dead letter target does not exist.");
    }
    if ((*target)->settings().fifo != settings.fifo) {
        return refuse_value(settings.redrive->target_arn, "RedrivePolicy",
                            "Dead-letter queue must be same type of queue as the source.");
    }
    const auto& allow = (*target)->settings().redrive_allow;
    using Permission = RedriveAllowPolicy::Permission;
    bool listed = std::ranges::find(allow.source_arns, source_arn) != allow.source_arns.end();
    if (allow.permission == Permission::AllowAll || (allow.permission == Permission::ByQueue && listed)) return {};
    return refuse_value(settings.redrive->target_arn, "RedrivePolicy",
                        "The RedriveAllowPolicy of the dead letter target does not permit this source queue.");
}

Answer<Queue*> Account::create(std::string_view name, const AttributeMap& attributes, Millis now) {
    auto type = attributes.find("FifoQueue");
    QueueSettings defaults;
    defaults.fifo = type != attributes.end() && is_true(type->second);
    if (auto checked = check_queue_name(name, defaults.fifo); !checked) return refuse(checked.error());
    auto existing = queues_.find(name);
    if (existing != queues_.end()) {
        auto& queue = *existing->second;
        auto present = to_attributes(queue.settings());
        auto wanted = changed(queue.settings(), name, attributes);
        if (!wanted) return refuse(wanted.error());
        auto asked = to_attributes(*wanted);
        for (const auto& [attribute, value] : attributes) {
            auto found = present.find(attribute);
            auto other = asked.find(attribute);
            if (found == present.end() ? other == asked.end() : other != asked.end() && found->second == other->second)
                continue;
            return refuse(
                "QueueNameExists",
                fmt::format("A queue already exists with the same name and a different value for attribute {}",
                            attribute));
        }
        return &queue;
    }
    auto settings = changed(std::move(defaults), name, attributes);
    if (!settings) return refuse(settings.error());
    QueueIdentity identity{std::string(name), arn_of(name), ++last_number_, now};
    auto made = queues_.emplace(
        name, std::make_unique<Queue>(std::move(identity), std::move(*settings), random_, options_.sent_ago_ms));
    return made.first->second.get();
}

Answer<Queue*> Account::find(std::string_view name) {
    auto found = queues_.find(name);
    if (found != queues_.end()) return found->second.get();
    return refuse("QueueDoesNotExist", "The specified queue does not exist.");
}

std::vector<std::string> Account::names(std::string_view prefix) const {
    std::vector<std::string> names;
    for (auto queue = queues_.lower_bound(prefix); queue != queues_.end() && queue->first.starts_with(prefix);
         ++queue) {
        names.push_back(queue->first);
    }
    return names;
}

Verdict Account::remove(std::string_view name) {
    auto found = queues_.find(name);
    if (found == queues_.end()) return refuse("QueueDoesNotExist", "The specified queue does not exist.");
    queues_.erase(found);
    return {};
}

Queue* Account::find_by_arn(std::string_view arn) {
    auto found = queues_.find(queue_name_of_arn(arn));
    return found == queues_.end() || found->second->identity().arn != arn ? nullptr : found->second.get();
}

Verdict Account::set_attributes(Queue& queue, const AttributeMap& attributes, Millis now) {
    auto settings = changed(queue.settings(), queue.identity().name, attributes);
    if (!settings) return refuse(settings.error());
    queue.set_settings(std::move(*settings), now);
    return {};
}

Queue* Account::dead_letters_of(const Queue& queue) {
    if (!queue.settings().redrive) return nullptr;
    auto found = queues_.find(queue_name_of_arn(queue.settings().redrive->target_arn));
    // A queue that is its own dead-letter queue would hand the message back to itself for ever.
    if (found == queues_.end() || found->second.get() == &queue) return nullptr;
    return found->second.get();
}

Answer<std::vector<Delivery>> Account::receive(Queue& queue, const ReceiveRequest& request, Millis now) {
    return queue.receive(request, now, dead_letters_of(queue));
}

std::vector<std::string> Account::sources_of(const Queue& dead_letters) const {
    std::vector<std::string> sources;
    for (const auto& [name, queue] : queues_) {
        if (queue->settings().redrive &&
            queue_name_of_arn(queue->settings().redrive->target_arn) == dead_letters.identity().name) {
            sources.push_back(name);
        }
    }
    return sources;
}

}  // namespace sqs2pg::devqueue
