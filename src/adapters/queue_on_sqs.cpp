// The QueuePort on SQS, see queue_on_sqs.h.
#include "adapters/queue_on_sqs.h"

#include <bitset>
#include <charconv>
#include <string_view>
#include <utility>

#include "sqs/faults.h"

namespace sqs2pg::adapters {
namespace {

constexpr const char* kVisible = "ApproximateNumberOfMessages";
constexpr const char* kNotVisible = "ApproximateNumberOfMessagesNotVisible";
constexpr const char* kDelayed = "ApproximateNumberOfMessagesDelayed";

// A count or a time in ms as SQS writes it: decimal digits. 0 for anything else, which means "unknown".
std::int64_t number_of(std::string_view text) {
    std::int64_t value = 0;
    auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
    return error == std::errc{} && end == text.data() + text.size() && value > 0 ? value : 0;
}

std::int64_t number_of(const std::map<std::string, std::string>& attributes, const std::string& name) {
    auto found = attributes.find(name);
    return found == attributes.end() ? 0 : number_of(found->second);
}

pipeline::Received received_from(sqs::Message&& message) {
    pipeline::Received received;
    auto& system = message.system;
    received.sent_ms = number_of(system.sent_timestamp);
    received.first_received_ms = number_of(system.first_receive_timestamp);
    received.receive_count = static_cast<std::uint32_t>(number_of(system.receive_count));
    received.group_id = std::move(system.group_id);
    received.sequence_number = std::move(system.sequence_number);
    received.sender_id = std::move(system.sender_id);
    received.message_id = std::move(message.message_id);
    received.receipt_handle = std::move(message.receipt_handle);
    received.body = std::move(message.body);
    received.intact = message.intact;
    received.attributes.reserve(message.attributes.size());
    for (auto& [name, attribute] : message.attributes) {
        bool binary = attribute.data_type.starts_with("Binary");
        auto& value = binary ? attribute.binary_value : attribute.string_value;
        received.attributes.push_back({name, std::move(attribute.data_type), std::move(value)});
    }
    return received;
}

// Ids are the positions of the entries; the reply may name them in any order.
std::vector<pipeline::EntryVerdict> verdicts_from(const sqs::BatchReply& reply, std::size_t entries) {
    std::vector<pipeline::EntryVerdict> verdicts(entries);
    std::bitset<sqs::kMaxBatchEntries> mentioned;
    auto place_of = [&](const std::string& id) -> pipeline::EntryVerdict* {
        std::size_t index = 0;
        auto [end, error] = std::from_chars(id.data(), id.data() + id.size(), index);
        bool known = error == std::errc{} && end == id.data() + id.size() && index < entries;
        if (!known) return nullptr;
        mentioned.set(index);
        return &verdicts[index];
    };
    for (const auto& id : reply.successful) {
        if (auto* verdict = place_of(id)) *verdict = {.done = true, .retryable = false, .code = {}};
    }
    for (const auto& failed : reply.failed) {
        bool retryable = !failed.sender_fault || sqs::is_throttling(failed.code);
        if (auto* verdict = place_of(failed.id))
            *verdict = {.done = false, .retryable = retryable, .code = failed.code};
    }
    for (std::size_t i = 0; i < entries; ++i) {
        if (!mentioned.test(i)) verdicts[i] = {.done = false, .retryable = true, .code = "missing_in_reply"};
    }
    return verdicts;
}

tl::unexpected<Error> too_many(Stage stage) {
    return fail(ErrorKind::Configuration, stage, "TooManyEntriesInBatchRequest", "a batch holds at most 10 entries");
}

}  // namespace

awaitable<Result<std::vector<pipeline::Received>>> QueueOnSqs::receive(pipeline::ReceiveRequest request) {
    sqs::ReceiveCall call{.queue_url = queue_url_,
                          .max_messages = request.max_messages,
                          .wait_seconds = request.wait_seconds,
                          .visibility_timeout_seconds = request.visibility_timeout_seconds,
                          .attempt_id = std::move(request.attempt_id)};
    // A retry inside the call begins later, so this is early rather than late: visibility is never overrated.
    auto before = clock_.now();
    auto reply = co_await client_.receive(call);
    if (!reply) co_return fail(std::move(reply.error()));
    auto now_ms = clock_.wall_ms();
    std::vector<pipeline::Received> messages;
    messages.reserve(reply->messages.size());
    for (auto& message : reply->messages) {
        auto& received = messages.emplace_back(received_from(std::move(message)));
        received.received_ms = now_ms;
        received.received_at = before;
    }
    co_return messages;
}

awaitable<Result<std::vector<pipeline::EntryVerdict>>> QueueOnSqs::remove(
    std::span<const std::string_view> receipt_handles) {
    if (receipt_handles.empty()) co_return std::vector<pipeline::EntryVerdict>{};
    if (receipt_handles.size() > sqs::kMaxBatchEntries) co_return too_many(Stage::Settle);
    std::vector<sqs::DeleteEntry> entries;
    entries.reserve(receipt_handles.size());
    for (std::size_t i = 0; i < receipt_handles.size(); ++i) {
        entries.push_back({std::to_string(i), receipt_handles[i]});
    }
    auto reply = co_await client_.delete_batch(queue_url_, entries);
    if (!reply) co_return fail(std::move(reply.error()));
    co_return verdicts_from(*reply, receipt_handles.size());
}

awaitable<Result<std::vector<pipeline::EntryVerdict>>> QueueOnSqs::change_visibility(
    std::span<const pipeline::VisibilityChange> changes) {
    if (changes.empty()) co_return std::vector<pipeline::EntryVerdict>{};
    if (changes.size() > sqs::kMaxBatchEntries) co_return too_many(Stage::Keep);
    std::vector<sqs::VisibilityEntry> entries;
    entries.reserve(changes.size());
    for (std::size_t i = 0; i < changes.size(); ++i) {
        entries.push_back({std::to_string(i), changes[i].receipt_handle, changes[i].visibility_timeout_seconds});
    }
    auto reply = co_await client_.change_visibility_batch(queue_url_, entries);
    if (!reply) co_return fail(std::move(reply.error()));
    co_return verdicts_from(*reply, changes.size());
}

awaitable<Result<pipeline::QueueDepth>> QueueOnSqs::depth() {
    std::vector<std::string> names{kVisible, kNotVisible, kDelayed};
    auto reply = co_await client_.get_queue_attributes(queue_url_, names);
    if (!reply) co_return fail(std::move(reply.error()));
    // Taken for zero, an absent figure would end a drain that is not done.
    if (!reply->contains(kVisible) || !reply->contains(kNotVisible)) {
        co_return fail(ErrorKind::Retry, Stage::Receive, "bad_reply",
                       "GetQueueAttributes did not tell how many messages "
                       "the queue holds");
    }
    co_return pipeline::QueueDepth{.visible = number_of(*reply, kVisible),
                                   .not_visible = number_of(*reply, kNotVisible),
                                   .delayed = number_of(*reply, kDelayed)};
}

}  // namespace sqs2pg::adapters
