// All queues of the embedded server: made, found, listed and deleted by name, and tied together by redrive policies.
// Pure.
#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "devqueue/queue.h"

namespace sqs2pg::devqueue {

inline constexpr std::string_view kAccountId = "000000000000";

struct AccountOptions {
    std::uint64_t seed = 1;            // of message and request ids
    std::string region = "us-east-1";  // in ARNs
    Millis sent_ago_ms = 0;            // see Queue
};

class MoveTasks;

class Account {
   public:
    explicit Account(AccountOptions options);
    ~Account();
    Account(const Account&) = delete;
    Account& operator=(const Account&) = delete;

    // Makes a queue, or finds the one of that name whose attributes agree with every one given. A FIFO queue has a name
    // that ends in .fifo and the attribute FifoQueue=true. QueueNameExists when an attribute does not agree;
    // InvalidParameterValue, InvalidAttributeName, InvalidAttributeValue.
    Answer<Queue*> create(std::string_view name, const AttributeMap& attributes, Millis now);

    // QueueDoesNotExist.
    Answer<Queue*> find(std::string_view name);

    // Null: there is none, or the ARN is of another region or account.
    Queue* find_by_arn(std::string_view arn);

    // Sorted.
    std::vector<std::string> names(std::string_view prefix = {}) const;
    Verdict remove(std::string_view name);

    // All or nothing.
    Verdict set_attributes(Queue& queue, const AttributeMap& attributes, Millis now);

    // Queue::receive with the dead-letter queue that the redrive policy names (while it does not exist: no redrive).
    Answer<std::vector<Delivery>> receive(Queue& queue, const ReceiveRequest& request, Millis now);

    // Names of the queues whose redrive policy names this one.
    std::vector<std::string> sources_of(const Queue& dead_letters) const;

    MoveTasks& move_tasks() noexcept { return *move_tasks_; }

    Random& random() noexcept { return random_; }

   private:
    Answer<QueueSettings> changed(QueueSettings settings, std::string_view name, const AttributeMap& attributes);
    Verdict check_redrive(const QueueSettings& settings, std::string_view source_arn);
    std::string arn_of(std::string_view name) const;
    Queue* dead_letters_of(const Queue& queue);

    AccountOptions options_;
    Random random_;
    std::uint32_t last_number_ = 0;
    std::map<std::string, std::unique_ptr<Queue>, std::less<>> queues_;
    std::unique_ptr<MoveTasks> move_tasks_;
};

}  // namespace sqs2pg::devqueue
