// The operations on messages, singly and in batches.
#include <fmt/format.h>

#include "devqueue/rules.h"
#include "devqueue/service.h"

namespace sqs2pg::devqueue::operations {
namespace {

void append_member(std::string& out, std::string_view name, std::string_view value) {
    if (out.back() != '{') out += ',';
    out += '"';
    out += name;
    out += "\":";
    sqs::append_json_string(out, value);
}

void append_sent(std::string& out, const SendResult& sent) {
    append_member(out, "MessageId", sent.message_id);
    append_member(out, "MD5OfMessageBody", sent.md5_of_body);
    if (!sent.sequence_number.empty()) append_member(out, "SequenceNumber", sent.sequence_number);
    if (!sent.md5_of_attributes.empty()) append_member(out, "MD5OfMessageAttributes", sent.md5_of_attributes);
    if (!sent.md5_of_system_attributes.empty()) {
        append_member(out, "MD5OfMessageSystemAttributes", sent.md5_of_system_attributes);
    }
}

void append_failed(std::string& out, std::string_view id, const ApiError& error) {
    auto shape = shape_of(error.code);
    if (!out.empty()) out += ',';
    out += '{';
    append_member(out, "Id", id);
    append_member(out, "Code", shape.query_code);
    append_member(out, "Message", error.message);
    out += shape.sender_fault ? ",\"SenderFault\":true}" : ",\"SenderFault\":false}";
}

// Carries out each entry of a batch and gathers both halves of its reply. `run` makes the members of a successful
// entry, behind its id.
template <class Run>
Done run_batch(const Batch& batch, const Effects& effects, Run run) {
    constexpr std::size_t kUsualEntryBytes = 160;
    std::string out;
    out.reserve(64 + batch.entries.size() * kUsualEntryBytes);
    out += "{\"Successful\":[";
    std::string failed;
    for (std::size_t i = 0; i < batch.entries.size(); ++i) {
        const auto before = out.size();
        if (out.back() != '[') out += ',';
        out += '{';
        append_member(out, "Id", batch.ids[i]);
        Verdict verdict;
        if (i < static_cast<std::size_t>(effects.failed_entries)) {
            verdict = refuse("InternalError", "Asked for by a fault.");
        } else {
            verdict = run(i, out);
        }
        if (verdict) {
            out += '}';
            continue;
        }
        out.resize(before);
        append_failed(failed, batch.ids[i], verdict.error());
    }
    out.append("],\"Failed\":[").append(failed).append("]}");
    return Done{.body = std::move(out), .waiting = {}};
}

Answer<bool> remove(Queue& queue, const JsonObject& entry, const Call& call) {
    auto handle = required_text(entry, "ReceiptHandle");
    if (!handle) return refuse(handle.error());
    return call.effects.redeliver ? queue.remove_but_redeliver(*handle, call.now) : queue.remove(*handle, call.now);
}

Verdict change_visibility(Queue& queue, const JsonObject& entry, const Call& call) {
    auto handle = required_text(entry, "ReceiptHandle");
    if (!handle) return refuse(handle.error());
    auto seconds = optional_int(entry, "VisibilityTimeout");
    if (!seconds) return refuse(seconds.error());
    if (!*seconds) return refuse("MissingParameter", "The request must contain the parameter VisibilityTimeout.");
    return queue.change_visibility(*handle, **seconds, call.now);
}

Answer<Shown> read_shown(const JsonObject& request) {
    Shown shown;
    for (std::string_view member : {"MessageSystemAttributeNames", "AttributeNames"}) {
        auto names = text_list(request, member);
        if (!names) return refuse(names.error());
        if (auto added = show_system(shown, *names); !added) return refuse(added.error());
    }
    auto names = text_list(request, "MessageAttributeNames");
    if (!names) return refuse(names.error());
    show_attributes(shown, *names);
    return shown;
}

}  // namespace

Answer<Done> send_message(Account& account, const JsonObject& request, const Call& call) {
    auto queue = queue_of(account, request);
    if (!queue) return refuse(queue.error());
    auto message = read_send(request);
    if (!message) return refuse(message.error());
    auto sent = (*queue)->send(std::move(*message), call.now);
    if (!sent) return refuse(sent.error());
    Done done{.body = "{", .waiting = {}};
    append_sent(done.body, *sent);
    done.body += '}';
    return done;
}

Answer<Done> send_message_batch(Account& account, const JsonObject& request, const Call& call) {
    auto queue = queue_of(account, request);
    if (!queue) return refuse(queue.error());
    auto batch = read_batch(request);
    if (!batch) return refuse(batch.error());
    std::vector<Answer<SendRequest>> messages;
    messages.reserve(batch->entries.size());
    std::size_t bytes = 0;
    for (const auto& entry : batch->entries) {
        auto& message = messages.emplace_back(read_send(entry));
        if (message) bytes += counted_bytes(message->body, message->attributes);
        // Without a group or a deduplication id AWS refuses the batch, and not the entry.
        auto checked = message ? (*queue)->check_fifo_send(*message) : Verdict{};
        if (!checked && (message->group_id.empty() || message->deduplication_id.empty())) {
            return refuse("InvalidParameterValue", checked.error().message);
        }
    }
    if (bytes > sqs::kMaxMessageBytes) {
        return refuse("BatchRequestTooLong",
                      fmt::format("Batch requests cannot be longer than {} bytes. You have sent {} bytes.",
                                  sqs::kMaxMessageBytes, bytes));
    }
    return run_batch(*batch, call.effects, [&](std::size_t i, std::string& entry) -> Verdict {
        if (!messages[i]) return refuse(messages[i].error());
        auto sent = (*queue)->send(std::move(*messages[i]), call.now);
        if (!sent) return refuse(sent.error());
        append_sent(entry, *sent);
        return {};
    });
}

Answer<Done> receive_message(Account& account, const JsonObject& request, const Call& call) {
    auto queue = queue_of(account, request);
    if (!queue) return refuse(queue.error());
    auto most = optional_int(request, "MaxNumberOfMessages");
    auto visibility = optional_int(request, "VisibilityTimeout");
    auto wait = optional_int(request, "WaitTimeSeconds");
    for (const auto* number : {&most, &visibility, &wait}) {
        if (!*number) return refuse(number->error());
    }
    auto seconds = wait->value_or((*queue)->settings().wait_seconds);
    if (seconds < 0 || seconds > sqs::kMaxWaitSeconds) {
        return refuse_value(std::to_string(seconds), "WaitTimeSeconds", "Must be >= 0 and <= 20, if provided.");
    }
    auto shown = read_shown(request);
    if (!shown) return refuse(shown.error());
    auto attempt = optional_token(request, "ReceiveRequestAttemptId");
    if (!attempt) return refuse(attempt.error());
    ReceiveRequest receive{most->value_or(1), *visibility, std::string(*attempt)};
    auto deliveries = account.receive(**queue, receive, call.now);
    if (!deliveries) return refuse(deliveries.error());
    Done done{.body = receive_reply(*deliveries, *shown, call.effects.flip_bit), .waiting = {}};
    if (deliveries->empty() && seconds > 0) {
        done.waiting =
            WaitingReceive{(*queue)->identity().name, receive, std::move(*shown), seconds, call.effects.flip_bit};
    }
    return done;
}

Answer<Done> delete_message(Account& account, const JsonObject& request, const Call& call) {
    auto queue = queue_of(account, request);
    if (!queue) return refuse(queue.error());
    if (auto removed = remove(**queue, request, call); !removed) return refuse(removed.error());
    return Done{.body = "{}", .waiting = {}};
}

Answer<Done> delete_message_batch(Account& account, const JsonObject& request, const Call& call) {
    auto queue = queue_of(account, request);
    if (!queue) return refuse(queue.error());
    auto batch = read_batch(request);
    if (!batch) return refuse(batch.error());
    return run_batch(*batch, call.effects, [&](std::size_t i, std::string&) -> Verdict {
        if (auto removed = remove(**queue, batch->entries[i], call); !removed) return refuse(removed.error());
        return {};
    });
}

Answer<Done> change_message_visibility(Account& account, const JsonObject& request, const Call& call) {
    auto queue = queue_of(account, request);
    if (!queue) return refuse(queue.error());
    if (auto changed = change_visibility(**queue, request, call); !changed) return refuse(changed.error());
    return Done{.body = "{}", .waiting = {}};
}

Answer<Done> change_message_visibility_batch(Account& account, const JsonObject& request, const Call& call) {
    auto queue = queue_of(account, request);
    if (!queue) return refuse(queue.error());
    auto batch = read_batch(request);
    if (!batch) return refuse(batch.error());
    return run_batch(*batch, call.effects,
                     [&](std::size_t i, std::string&) { return change_visibility(**queue, batch->entries[i], call); });
}

}  // namespace sqs2pg::devqueue::operations
