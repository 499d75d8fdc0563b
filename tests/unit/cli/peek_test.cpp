// A look at a queue: on a port that behaves as SQS does, in the ways that count here.
#include "cli/peek.h"

#include <algorithm>
#include <deque>

#include <gtest/gtest.h>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/io_context.hpp>

namespace sqs2pg::cli {
namespace {

using pipeline::Received;

// A list of messages; each receive raises their count, each release is remembered.
class ListedQueue final : public pipeline::QueuePort {
   public:
    std::deque<Received> waiting;
    std::vector<std::string> released;
    std::vector<int> asked_for;
    std::string refuse_release;    // this handle is not released
    std::optional<Error> failure;  // of the receive after `fails_after`
    std::size_t fails_after = 0;

    void add(const std::string& id, std::uint32_t received_before = 0) {
        Received message;
        message.message_id = id;
        message.receipt_handle = "handle-" + id;
        message.receive_count = received_before + 1;
        waiting.push_back(std::move(message));
    }

    awaitable<Result<std::vector<Received>>> receive(pipeline::ReceiveRequest request) override {
        if (failure && asked_for.size() == fails_after) co_return fail(*failure);
        asked_for.push_back(request.max_messages);
        EXPECT_EQ(request.visibility_timeout_seconds, kPeekVisibilitySeconds);
        std::vector<Received> messages;
        while (!waiting.empty() && messages.size() < static_cast<std::size_t>(request.max_messages)) {
            messages.push_back(std::move(waiting.front()));
            waiting.pop_front();
        }
        co_return messages;
    }
    awaitable<Result<std::vector<pipeline::EntryVerdict>>> remove(std::span<const std::string_view>) override {
        ADD_FAILURE() << "a look deletes nothing";
        co_return std::vector<pipeline::EntryVerdict>{};
    }
    awaitable<Result<std::vector<pipeline::EntryVerdict>>> change_visibility(
        std::span<const pipeline::VisibilityChange> changes) override {
        EXPECT_LE(changes.size(), 10u);
        std::vector<pipeline::EntryVerdict> verdicts;
        for (const auto& change : changes) {
            EXPECT_EQ(change.visibility_timeout_seconds, 0);
            released.emplace_back(change.receipt_handle);
            verdicts.push_back({.done = change.receipt_handle != refuse_release, .retryable = false, .code = {}});
        }
        co_return verdicts;
    }
    awaitable<Result<pipeline::QueueDepth>> depth() override { co_return pipeline::QueueDepth{}; }
};

Result<Peeked> look(ListedQueue& queue, std::size_t messages, bool yes = false, std::optional<long> most = {}) {
    SystemClock clock;
    boost::asio::io_context loop{1};
    std::optional<Result<Peeked>> answer;
    boost::asio::co_spawn(loop, peek_at(queue, messages, yes, most, clock),
                          [&](std::exception_ptr, Result<Peeked> result) { answer = std::move(result); });
    loop.run();
    return *std::move(answer);
}

TEST(Peek, TakesAsManyAsAskedForAndReleasesEachOnce) {
    ListedQueue queue;
    for (int i = 0; i < 40; ++i) queue.add(std::to_string(i));
    const auto peeked = look(queue, 25);
    ASSERT_TRUE(peeked);
    EXPECT_EQ(peeked->messages.size(), 25u);
    EXPECT_EQ(queue.released.size(), 25u);
    EXPECT_EQ(queue.waiting.size(), 15u);
    EXPECT_EQ(queue.asked_for, (std::vector<int>{10, 10, 5}));
    EXPECT_EQ(peeked->stopped, "");
}

TEST(Peek, AnEmptyAnswerEndsIt) {
    ListedQueue queue;
    queue.add("a");
    const auto peeked = look(queue, 25);
    ASSERT_TRUE(peeked);
    EXPECT_EQ(peeked->messages.size(), 1u);
    EXPECT_EQ(queue.released, (std::vector<std::string>{"handle-a"}));
}

TEST(Peek, AMessageThatComesTwiceIsOneMessageAndBothReceiptsAreReleased) {
    ListedQueue queue;
    queue.add("a");
    queue.add("a");
    const auto peeked = look(queue, 5);
    ASSERT_TRUE(peeked);
    EXPECT_EQ(peeked->messages.size(), 1u);
    EXPECT_EQ(queue.released.size(), 2u);
}

TEST(Peek, StopsAtAMessageThatTheNextReceiveWouldTakeAway) {
    ListedQueue queue;
    queue.add("fresh");
    queue.add("tired", 8);
    for (int i = 0; i < 30; ++i) queue.add(std::to_string(i));
    const auto peeked = look(queue, 30, false, 10);
    ASSERT_TRUE(peeked);
    EXPECT_EQ(queue.asked_for.front(), 1);
    EXPECT_EQ(queue.asked_for.size(), 2u);
    EXPECT_NE(peeked->stopped.find("received 9 times"), std::string::npos) << peeked->stopped;
    EXPECT_EQ(queue.released.size(), peeked->messages.size());
}

TEST(Peek, GoesOnThereWithAYes) {
    ListedQueue queue;
    queue.add("tired", 8);
    for (int i = 0; i < 30; ++i) queue.add(std::to_string(i));
    const auto peeked = look(queue, 30, true, 10);
    ASSERT_TRUE(peeked);
    EXPECT_EQ(peeked->messages.size(), 30u);
    EXPECT_EQ(peeked->stopped, "");
}

TEST(Peek, AFailingReceiveReleasesWhatCameBefore) {
    ListedQueue queue;
    for (int i = 0; i < 30; ++i) queue.add(std::to_string(i));
    queue.failure = Error{ErrorKind::Retry, Stage::Receive, "timeout", "no answer"};
    queue.fails_after = 1;
    const auto peeked = look(queue, 30);
    ASSERT_TRUE(peeked);
    EXPECT_EQ(peeked->messages.size(), 10u);
    EXPECT_EQ(queue.released.size(), 10u);
    EXPECT_NE(peeked->stopped.find("no answer"), std::string::npos);
}

TEST(Peek, SaysHowManyCouldNotBeReleased) {
    ListedQueue queue;
    queue.add("a");
    queue.add("b");
    queue.refuse_release = "handle-b";
    const auto peeked = look(queue, 5);
    ASSERT_TRUE(peeked);
    EXPECT_EQ(peeked->not_released, 1u);
    EXPECT_NE(peek_sentence(*peeked, "q").find("1 could not be released"), std::string::npos);
}

TEST(Peek, ALowOrUnknownRedrivePolicyIsARisk) {
    using Attributes = std::map<std::string, std::string>;
    EXPECT_NE(redrive_risk(std::nullopt), "");
    EXPECT_EQ(redrive_risk(Attributes{}), "");
    EXPECT_NE(redrive_risk(Attributes{{"RedrivePolicy", R"({"maxReceiveCount":"3"})"}}).find("3 receives"),
              std::string::npos);
    EXPECT_EQ(redrive_risk(Attributes{{"RedrivePolicy", R"({"maxReceiveCount":5})"}}), "");
}

TEST(Peek, TheSentenceSaysThatTheReceiveCounts) {
    Peeked peeked;
    peeked.messages.resize(3);
    peeked.max_receive_count = 10;
    EXPECT_EQ(
        peek_sentence(peeked, "logins"),
        "3 messages of the queue \"logins\" were received once and released: nothing was deleted, but the receive "
        "counts (its redrive policy allows 10)");
    peeked.messages.clear();
    EXPECT_NE(peek_sentence(peeked, "logins").find("gave no message"), std::string::npos);
}

}  // namespace
}  // namespace sqs2pg::cli
