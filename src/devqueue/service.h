// The SQS operations on JSON: a request's text in, a reply's text out, on the queue model and its virtual clock. The
// server adds HTTP, waiting and faults. Not thread-safe. Pure. Source: Amazon SQS API Reference.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include <simdjson.h>

#include "devqueue/account.h"
#include "devqueue/receive_reply.h"
#include "devqueue/request.h"

namespace sqs2pg::devqueue {

// What a test wants to go wrong inside one call.
struct Effects {
    int failed_entries = 0;  // so many of a batch's first entries fail (InternalError) and are not carried out
    bool redeliver = false;  // deletes succeed, and the messages come again
    bool flip_bit = false;   // one bit of a received body is wrong
};

struct Call {
    std::string_view operation;  // "SendMessage"
    std::string_view base_url;   // "http://127.0.0.1:9324", for queue URLs
    Millis now = 0;
    Effects effects;
};

// A receive that found nothing and may wait.
struct WaitingReceive {
    std::string queue;
    ReceiveRequest request;
    Shown shown;
    int wait_seconds = 0;
    bool flip_bit = false;
};

struct Done {
    std::string body;
    std::optional<WaitingReceive> waiting;  // then `body` is the reply for when nothing comes
};

class Service {
   public:
    explicit Service(AccountOptions options) : account_(std::move(options)) {}

    // Carries out one call. `body` is borrowed for the call. Unknown operations: UnknownOperationException; operations
    // of SQS that are not served here: UnsupportedOperation, which says so.
    Answer<Done> call(const Call& call, std::string& body);

    // Tries a waiting receive again: its reply, or nothing when there is still no message.
    Answer<std::optional<std::string>> receive_again(const WaitingReceive& waiting, Millis now);

    // Does what is due of the move tasks. True: some task still runs.
    bool run_move_tasks(Millis now);

    Account& account() noexcept { return account_; }

   private:
    Account account_;
    simdjson::dom::parser parser_;
};

// One operation; the implementations stand in operations_*.cpp.
using Operation = Answer<Done> (*)(Account& account, const JsonObject& request, const Call& call);
namespace operations {
// The queue that a request's QueueUrl names.
Answer<Queue*> queue_of(Account& account, const JsonObject& request);

Answer<Done> create_queue(Account& account, const JsonObject& request, const Call& call);
Answer<Done> get_queue_url(Account& account, const JsonObject& request, const Call& call);
Answer<Done> list_queues(Account& account, const JsonObject& request, const Call& call);
Answer<Done> delete_queue(Account& account, const JsonObject& request, const Call& call);
Answer<Done> purge_queue(Account& account, const JsonObject& request, const Call& call);
Answer<Done> get_queue_attributes(Account& account, const JsonObject& request, const Call& call);
Answer<Done> set_queue_attributes(Account& account, const JsonObject& request, const Call& call);
Answer<Done> list_dead_letter_source_queues(Account& account, const JsonObject& request, const Call& call);
Answer<Done> start_message_move_task(Account& account, const JsonObject& request, const Call& call);
Answer<Done> list_message_move_tasks(Account& account, const JsonObject& request, const Call& call);
Answer<Done> cancel_message_move_task(Account& account, const JsonObject& request, const Call& call);
Answer<Done> send_message(Account& account, const JsonObject& request, const Call& call);
Answer<Done> send_message_batch(Account& account, const JsonObject& request, const Call& call);
Answer<Done> receive_message(Account& account, const JsonObject& request, const Call& call);
Answer<Done> delete_message(Account& account, const JsonObject& request, const Call& call);
Answer<Done> delete_message_batch(Account& account, const JsonObject& request, const Call& call);
Answer<Done> change_message_visibility(Account& account, const JsonObject& request, const Call& call);
Answer<Done> change_message_visibility_batch(Account& account, const JsonObject& request, const Call& call);
}  // namespace operations

}  // namespace sqs2pg::devqueue
