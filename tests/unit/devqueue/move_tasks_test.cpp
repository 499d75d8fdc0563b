// Message move tasks: where messages go, how fast, how a task ends, what is refused.
#include "devqueue/move_tasks.h"

#include <algorithm>

#include "queue_fixture.h"

namespace sqs2pg::devqueue {
namespace {

const std::string kArn = "arn:aws:sqs:us-east-1:000000000000:";

class MoveTaskModel : public QueueModel {
   protected:
    // A queue with `dead` behind it, which has `count` of its messages.
    void make_pair(int count, const std::string& suffix = "") {
        AttributeMap type;
        if (!suffix.empty()) type = {{"FifoQueue", "true"}, {"ContentBasedDeduplication", "true"}};
        dead_ = &make("dead" + suffix, type);
        type["RedrivePolicy"] = R"({"deadLetterTargetArn":")" + kArn + "dead" + suffix + R"(","maxReceiveCount":1})";
        queue_ = &make("q" + suffix, type);
        for (int i = 0; i < count; ++i) {
            SendRequest request;
            request.body = "m" + std::to_string(i);
            if (!suffix.empty()) request.group_id = i % 2 == 0 ? "even" : "odd";
            auto sent = queue_->send(std::move(request), now_);
            ASSERT_TRUE(sent);
            ids_.push_back(sent->message_id);
        }
        for (int i = 0; i < count; i += 10) receive(*queue_, 10, 0);
        while (figures(*queue_).visible != 0) receive(*queue_, 10, 0);
        ASSERT_EQ(figures(*dead_).visible, static_cast<std::uint64_t>(count));
    }

    QueueFigures figures(Queue& queue) { return queue.figures(now_); }
    MoveTasks& tasks() { return account_.move_tasks(); }
    bool run() { return tasks().run(now_); }
    const MoveTask& newest(const std::string& name = "dead") { return *tasks().list(kArn + name, 1)->at(0); }

    Queue* queue_ = nullptr;
    Queue* dead_ = nullptr;
    std::vector<std::string> ids_;
};

TEST_F(MoveTaskModel, messages_go_back_to_their_source_as_new_ones) {
    make_pair(25);
    pass(5000);
    ASSERT_TRUE(tasks().start(kArn + "dead", "", {}, now_));
    EXPECT_FALSE(run());
    EXPECT_EQ(newest().status, MoveTask::Status::Completed);
    EXPECT_EQ(newest().moved, 25u);
    EXPECT_EQ(newest().to_move, 25u);
    EXPECT_EQ(figures(*dead_).visible, 0u);
    auto got = receive(*queue_);
    ASSERT_EQ(got.size(), 10u);
    EXPECT_EQ(got[0].body, "m0");
    EXPECT_EQ(std::ranges::find(ids_, got[0].id), ids_.end()) << "a new message id";
    EXPECT_EQ(got[0].sent_ms, now_);
    EXPECT_EQ(got[0].count, 1u);
}

TEST_F(MoveTaskModel, messages_of_several_sources_find_their_own) {
    make_pair(2);
    auto& other =
        make("other", {{"RedrivePolicy", R"({"deadLetterTargetArn":")" + kArn + R"(dead","maxReceiveCount":1})"}});
    send(other, "theirs");
    receive(other, 1, 0);
    receive(other, 1, 0);
    ASSERT_TRUE(tasks().start(kArn + "dead", "", {}, now_));
    run();
    EXPECT_EQ(figures(*queue_).visible, 2u);
    EXPECT_EQ(receive(other).at(0).body, "theirs");
}

TEST_F(MoveTaskModel, a_destination_takes_all) {
    make_pair(3);
    auto& destination = make("destination");
    ASSERT_TRUE(tasks().start(kArn + "dead", kArn + "destination", {}, now_));
    run();
    EXPECT_EQ(figures(destination).visible, 3u);
    EXPECT_EQ(newest().destination_arn, kArn + "destination");
}

TEST_F(MoveTaskModel, a_rate_moves_so_many_a_second_and_a_cancel_keeps_the_rest) {
    make_pair(10);
    auto task = tasks().start(kArn + "dead", "", 2, now_);
    ASSERT_TRUE(task);
    auto handle = handle_of(**task);
    EXPECT_TRUE(run());
    EXPECT_EQ(figures(*queue_).visible, 1u);
    EXPECT_EQ(code_of(tasks().start(kArn + "dead", "", {}, now_)), "InvalidParameterValue");
    pass(1500);
    EXPECT_TRUE(run());
    EXPECT_EQ(figures(*queue_).visible, 4u);
    auto cancelled = tasks().cancel(handle);
    ASSERT_TRUE(cancelled);
    EXPECT_EQ(*cancelled, 4u);
    pass(60'000);
    EXPECT_FALSE(run());
    EXPECT_EQ(figures(*dead_).visible, 6u);
    EXPECT_EQ(newest().status, MoveTask::Status::Cancelled);
    EXPECT_EQ(code_of(tasks().cancel(handle)), "ResourceNotFoundException");
    EXPECT_TRUE(tasks().start(kArn + "dead", "", {}, now_));
}

TEST_F(MoveTaskModel, a_task_fails_when_its_destination_or_the_source_of_a_message_is_gone_and_loses_nothing) {
    make_pair(3);
    make("destination");
    ASSERT_TRUE(tasks().start(kArn + "dead", kArn + "destination", 1, now_));
    run();
    ASSERT_TRUE(account_.remove("destination"));
    pass(5000);
    EXPECT_FALSE(run());
    EXPECT_EQ(newest().status, MoveTask::Status::Failed);
    EXPECT_EQ(newest().failure_reason, "AWS.SimpleQueueService.NonExistentQueue");
    EXPECT_EQ(figures(*dead_).visible, 2u);

    send(*dead_, "sent to the dead-letter queue itself");
    ASSERT_TRUE(tasks().start(kArn + "dead", "", {}, now_));
    run();
    EXPECT_EQ(newest().failure_reason, "CouldNotDetermineMessageSource");
    EXPECT_EQ(figures(*dead_).visible, 1u);
}

TEST_F(MoveTaskModel, fifo_messages_keep_group_and_order_and_get_new_sequence_numbers) {
    make_pair(6, ".fifo");
    ASSERT_TRUE(tasks().start(kArn + "dead.fifo", "", {}, now_));
    run();
    auto deliveries = account_.receive(*queue_, ReceiveRequest{10, {}, ""}, now_);
    ASSERT_TRUE(deliveries);
    ASSERT_EQ(deliveries->size(), 6u);
    std::map<std::string, std::pair<std::string, std::uint64_t>> last;
    for (const auto& delivery : *deliveries) {
        const auto& content = delivery.message->content;
        auto& [body, sequence] = last[content.extras->group_id];
        EXPECT_GT(content.body, body);
        EXPECT_GT(content.extras->sequence, sequence);
        body = content.body;
        sequence = content.extras->sequence;
    }
    EXPECT_EQ(last.size(), 2u);
}

TEST_F(MoveTaskModel, the_last_ten_tasks_of_a_queue_are_listed_newest_first) {
    make_pair(1);
    for (int i = 0; i < 12; ++i) {
        pass(1000);
        ASSERT_TRUE(tasks().start(kArn + "dead", "", {}, now_));
        run();
    }
    auto listed = tasks().list(kArn + "dead", 10);
    ASSERT_TRUE(listed);
    ASSERT_EQ(listed->size(), 10u);
    EXPECT_EQ(listed->front()->started_ms, now_);
    EXPECT_EQ(listed->back()->started_ms, now_ - 9000);
    EXPECT_EQ(code_of(tasks().list(kArn + "dead", 11)), "InvalidParameterValue");
    EXPECT_EQ(code_of(tasks().list(kArn + "absent", 1)), "ResourceNotFoundException");
}

TEST_F(MoveTaskModel, what_makes_no_sense_is_refused) {
    make_pair(1);
    make("lonely");
    make("other.fifo", {{"FifoQueue", "true"}});
    EXPECT_EQ(code_of(tasks().start(kArn + "absent", "", {}, now_)), "ResourceNotFoundException");
    EXPECT_EQ(code_of(tasks().start(kArn + "dead", kArn + "absent", {}, now_)), "ResourceNotFoundException");
    EXPECT_EQ(code_of(tasks().start("arn:aws:sqs:eu-west-1:000000000000:dead", "", {}, now_)),
              "ResourceNotFoundException");
    EXPECT_EQ(code_of(tasks().start(kArn + "lonely", "", {}, now_)), "InvalidParameterValue");
    EXPECT_EQ(code_of(tasks().start(kArn + "dead", kArn + "dead", {}, now_)), "InvalidParameterValue");
    EXPECT_EQ(code_of(tasks().start(kArn + "dead", kArn + "other.fifo", {}, now_)), "InvalidParameterValue");
    EXPECT_EQ(code_of(tasks().start(kArn + "dead", "", 501, now_)), "InvalidParameterValue");
    EXPECT_EQ(code_of(tasks().start(kArn + "dead", "", 0, now_)), "InvalidParameterValue");
    for (const char* handle : {"", "foobared", "Zm9v", "e30=", "====", "!!!!"}) {
        EXPECT_EQ(code_of(tasks().cancel(handle)), "InvalidParameterValue") << handle;
    }
}

}  // namespace
}  // namespace sqs2pg::devqueue
