// FIFO queues: order and blocking of groups, deduplication, sequence numbers, repeated receives, what is refused.
#include "queue_fixture.h"

namespace sqs2pg::devqueue {
namespace {

constexpr Millis kSecond = 1000;

class FifoModel : public QueueModel {
   protected:
    Queue& make_fifo(AttributeMap attributes = {{"ContentBasedDeduplication", "true"}},
                     const std::string& name = "q.fifo") {
        attributes["FifoQueue"] = "true";
        return make(name, attributes);
    }

    Answer<SendResult> post(Queue& queue, const std::string& group, const std::string& body,
                            const std::string& deduplication_id = "") {
        SendRequest request;
        request.body = body;
        request.group_id = group;
        request.deduplication_id = deduplication_id;
        return queue.send(std::move(request), now_);
    }

    // "g1-m1" goes to the group "g1".
    void post_all(Queue& queue, const std::vector<std::string>& bodies) {
        for (const auto& body : bodies) ASSERT_TRUE(post(queue, body.substr(0, body.find('-')), body));
    }

    std::vector<std::string> bodies(const std::vector<Got>& got) {
        std::vector<std::string> texts;
        for (const auto& one : got) texts.push_back(one.body);
        return texts;
    }

    std::vector<std::string> take(Queue& queue, int max = 10, std::optional<int> visibility = {}) {
        return bodies(receive(queue, max, visibility));
    }

    std::vector<Got> attempt(Queue& queue, const std::string& id, int max = 10, std::optional<int> visibility = {}) {
        return receive(queue, ReceiveRequest{max, visibility, id});
    }

    using Bodies = std::vector<std::string>;
};

TEST_F(FifoModel, a_receive_brings_group_after_group_each_in_order) {
    auto& queue = make_fifo();
    post_all(queue, {"g1-m1", "g2-m1", "g1-m2", "g1-m3"});
    EXPECT_EQ(take(queue), (Bodies{"g1-m1", "g1-m2", "g1-m3", "g2-m1"}));
}

TEST_F(FifoModel, a_message_in_flight_blocks_the_later_ones_of_its_group_and_no_other) {
    auto& queue = make_fifo();
    post_all(queue, {"g1-m1", "g1-m2", "g1-m3", "g2-m1"});
    auto first = receive(queue, 2);
    EXPECT_EQ(bodies(first), (Bodies{"g1-m1", "g1-m2"}));
    EXPECT_EQ(take(queue), (Bodies{"g2-m1"}));
    EXPECT_FALSE(queue.has_deliverable());
    EXPECT_TRUE(*queue.remove(first[0].handle, now_));
    EXPECT_EQ(take(queue), Bodies{});
    EXPECT_TRUE(*queue.remove(first[1].handle, now_));
    EXPECT_TRUE(queue.has_deliverable());
    EXPECT_EQ(take(queue), (Bodies{"g1-m3"}));
}

TEST_F(FifoModel, an_extended_message_holds_back_those_after_it_and_not_those_before) {
    auto& queue = make_fifo();
    post_all(queue, {"g-1", "g-2", "g-3"});
    auto got = receive(queue, 10, 1);
    ASSERT_TRUE(queue.change_visibility(got[1].handle, 4, now_));
    pass(2 * kSecond);
    EXPECT_EQ(take(queue), (Bodies{"g-1"}));
}

TEST_F(FifoModel, a_released_message_comes_again_before_those_that_are_still_in_flight) {
    auto& queue = make_fifo();
    post_all(queue, {"g1-m1", "g1-m2", "g2-m1"});
    auto got = receive(queue, 2);
    ASSERT_TRUE(queue.change_visibility(got[0].handle, 0, now_));
    EXPECT_EQ(take(queue, 3), (Bodies{"g2-m1", "g1-m1"}));
}

TEST_F(FifoModel, messages_that_time_out_come_again_in_order) {
    auto& queue = make_fifo();
    post_all(queue, {"g-1", "g-2", "g-3"});
    EXPECT_EQ(take(queue, 10, 1).size(), 3u);
    pass(kSecond);
    EXPECT_EQ(take(queue), (Bodies{"g-1", "g-2", "g-3"}));
}

TEST_F(FifoModel, a_visibility_timeout_of_zero_brings_no_message_twice_in_one_receive) {
    auto& queue = make_fifo();
    post_all(queue, {"g1-m1", "g2-m1", "g2-m2", "g3-m1", "g1-m2"});
    EXPECT_EQ(take(queue, 3, 0), (Bodies{"g1-m1", "g1-m2", "g2-m1"}));
    EXPECT_EQ(take(queue, 10, 0), (Bodies{"g3-m1", "g1-m1", "g1-m2", "g2-m1", "g2-m2"}));
}

TEST_F(FifoModel, what_is_blocked_counts_as_visible) {
    auto& queue = make_fifo();
    post_all(queue, {"g1-m1", "g1-m2", "g2-m1"});
    receive(queue, 1);
    auto attributes = queue.attributes(now_);
    EXPECT_EQ(attributes["ApproximateNumberOfMessages"], "2");
    EXPECT_EQ(attributes["ApproximateNumberOfMessagesNotVisible"], "1");
}

TEST_F(FifoModel, a_repeated_deduplication_id_is_answered_as_the_first_and_delivered_once) {
    auto& queue = make_fifo({});
    auto first = post(queue, "g", "body", "d");
    auto got = receive(queue);
    ASSERT_TRUE(*queue.remove(got.at(0).handle, now_));
    pass(300 * kSecond - 1);
    auto second = post(queue, "other-group", "another body", "d");
    ASSERT_TRUE(second);
    EXPECT_EQ(second->message_id, first->message_id);
    EXPECT_EQ(second->sequence_number, first->sequence_number);
    EXPECT_NE(second->md5_of_body, first->md5_of_body);
    EXPECT_EQ(take(queue), Bodies{});
    pass(1);
    auto third = post(queue, "g", "body", "d");
    EXPECT_NE(third->message_id, first->message_id);
    EXPECT_EQ(take(queue), (Bodies{"body"}));
}

TEST_F(FifoModel, deduplication_by_group_lets_the_same_id_through_in_another_group) {
    auto& queue = make_fifo({{"DeduplicationScope", "messageGroup"}, {"FifoThroughputLimit", "perMessageGroupId"}});
    post(queue, "a", "1", "d");
    post(queue, "a", "2", "d");
    post(queue, "b", "3", "d");
    EXPECT_EQ(take(queue), (Bodies{"1", "3"}));
}

TEST_F(FifoModel, content_based_deduplication_compares_the_sha_256_of_the_body) {
    auto& queue = make_fifo();
    post(queue, "g", "hello");
    post(queue, "g", "hello");
    // The same id, given in words.
    post(queue, "g", "other", "2cf24dba5fb0a30e26e83b2ac5b9e29e1b161e5c1fa7425e73043362938b9824");
    post(queue, "g", "hello", "own-id");
    EXPECT_EQ(take(queue), (Bodies{"hello", "hello"}));
}

TEST_F(FifoModel, a_purge_forgets_deduplication_ids) {
    auto& queue = make_fifo({});
    post(queue, "g", "1", "d");
    ASSERT_TRUE(queue.purge(now_));
    post(queue, "g", "2", "d");
    EXPECT_EQ(take(queue), (Bodies{"2"}));
}

TEST_F(FifoModel, sequence_numbers_have_20_digits_and_rise_also_when_the_queue_is_made_again) {
    auto& queue = make_fifo({});
    std::string last = post(queue, "a", "0", "0")->sequence_number;
    for (int i = 1; i < 100; ++i) {
        auto number = post(queue, i % 2 == 0 ? "a" : "b", "x", std::to_string(i))->sequence_number;
        EXPECT_EQ(number.size(), 20u);
        EXPECT_GT(number, last);
        EXPECT_GT(number, "18446744073709551615") << "more than 64 bits hold, as AWS's";
        last = number;
    }
    pass(kSecond);
    ASSERT_TRUE(account_.remove("q.fifo"));
    EXPECT_GT(post(make_fifo({}), "a", "x", "1")->sequence_number, last);
}

TEST_F(FifoModel, a_send_needs_a_group_and_a_deduplication_id_and_takes_no_delay_of_its_own) {
    auto& queue = make_fifo({});
    EXPECT_EQ(code_of(post(queue, "", "x", "d")), "MissingParameter");
    EXPECT_EQ(code_of(post(queue, "g", "x")), "InvalidParameterValue");
    SendRequest delayed;
    delayed.body = "x";
    delayed.group_id = "g";
    delayed.deduplication_id = "d";
    delayed.delay_seconds = 2;
    auto refused = queue.send(delayed, now_);
    ASSERT_FALSE(refused);
    EXPECT_EQ(refused.error().message,
              "Value 2 for parameter DelaySeconds is invalid. Reason: The request include parameter that is not valid "
              "for this queue type.");
    delayed.delay_seconds = 0;
    EXPECT_TRUE(queue.send(delayed, now_));
}

TEST_F(FifoModel, a_standard_queue_takes_a_group_and_no_deduplication_id) {
    auto& queue = make();
    EXPECT_TRUE(post(queue, "tenant", "1"));
    EXPECT_TRUE(post(queue, "tenant", "2"));
    EXPECT_EQ(code_of(post(queue, "tenant", "3", "d")), "InvalidParameterValue");
    EXPECT_EQ(take(queue, 1), (Bodies{"1"}));
    EXPECT_EQ(take(queue, 1), (Bodies{"2"})) << "a group blocks nothing on a standard queue";
    auto refused = account_.receive(queue, ReceiveRequest{1, {}, "attempt"}, now_);
    EXPECT_EQ(code_of(refused), "InvalidParameterValue");
}

TEST_F(FifoModel, the_delay_of_the_queue_holds_in_order_and_a_change_for_those_that_wait) {
    auto& queue = make_fifo({{"ContentBasedDeduplication", "true"}, {"DelaySeconds", "60"}});
    post_all(queue, {"g-1", "g-2"});
    ASSERT_TRUE(account_.set_attributes(queue, {{"DelaySeconds", "5"}}, now_));
    post_all(queue, {"g-3"});
    EXPECT_EQ(take(queue), Bodies{});
    pass(5 * kSecond);
    EXPECT_EQ(take(queue), (Bodies{"g-1", "g-2", "g-3"}));
}

TEST_F(FifoModel, a_handle_ends_with_its_visibility_timeout) {
    auto& queue = make_fifo();
    post_all(queue, {"g-1"});
    auto got = receive(queue, 1, 1);
    pass(kSecond);
    auto refused = queue.remove(got[0].handle, now_);
    ASSERT_FALSE(refused);
    EXPECT_EQ(refused.error().code, "InvalidParameterValue");
    EXPECT_EQ(refused.error().message, "Value " + got[0].handle +
                                           " for parameter ReceiptHandle is invalid. Reason: The receipt handle has "
                                           "expired.");
    auto again = receive(queue, 1, 30);
    EXPECT_EQ(code_of(queue.remove(got[0].handle, now_)), "InvalidParameterValue");
    EXPECT_TRUE(*queue.remove(again[0].handle, now_));
    EXPECT_FALSE(*queue.remove(again[0].handle, now_)) << "a repeated delete succeeds and does nothing";
}

TEST_F(FifoModel, an_attempt_brings_its_messages_again_with_their_handles) {
    auto& queue = make_fifo();
    post_all(queue, {"a-1", "a-2", "b-1", "b-2"});
    auto first = attempt(queue, "id", 3, 10);
    pass(8 * kSecond);
    auto second = attempt(queue, "id", 3, 10);
    ASSERT_EQ(bodies(second), (Bodies{"a-1", "a-2", "b-1"}));
    for (std::size_t i = 0; i < second.size(); ++i) {
        EXPECT_EQ(second[i].handle, first[i].handle);
        EXPECT_EQ(second[i].count, 1u);
    }
    pass(8 * kSecond);
    EXPECT_EQ(take(queue), Bodies{}) << "the repetition began the visibility timeout anew";
    EXPECT_TRUE(*queue.remove(second[0].handle, now_));
}

TEST_F(FifoModel, an_attempt_whose_messages_were_changed_deleted_or_timed_out_is_a_new_receive) {
    auto& queue = make_fifo();
    post_all(queue, {"a-1", "b-1", "c-1"});
    auto changed = attempt(queue, "1", 1);
    ASSERT_TRUE(queue.change_visibility(changed[0].handle, 60, now_));
    EXPECT_EQ(bodies(attempt(queue, "1", 1)), (Bodies{"b-1"}));
    auto deleted = attempt(queue, "1", 1);
    ASSERT_EQ(bodies(deleted), (Bodies{"b-1"})) << "the id stands for the later receive now";
    ASSERT_TRUE(*queue.remove(deleted[0].handle, now_));
    auto timed_out = attempt(queue, "1", 1, 5);
    ASSERT_EQ(bodies(timed_out), (Bodies{"c-1"}));
    pass(5 * kSecond);
    auto fresh = attempt(queue, "1", 1, 5);
    ASSERT_EQ(bodies(fresh), (Bodies{"c-1"}));
    EXPECT_NE(fresh[0].handle, timed_out[0].handle);
    EXPECT_EQ(fresh[0].count, 2u);
}

TEST_F(FifoModel, an_attempt_is_remembered_for_five_minutes) {
    auto& queue = make_fifo();
    post_all(queue, {"a-1", "b-1"});
    attempt(queue, "1", 1, 3600);
    pass(300 * kSecond);
    EXPECT_EQ(bodies(attempt(queue, "1", 1)), (Bodies{"b-1"}));
}

TEST_F(FifoModel, with_120000_in_flight_a_receive_brings_nothing) {
    auto& queue = make_fifo({});
    for (int i = 0; i < 120'001; ++i) {
        auto text = std::to_string(i);
        ASSERT_TRUE(post(queue, text, "x", text));
    }
    for (int i = 0; i < 12'000; ++i) ASSERT_EQ(take(queue, 10, 600).size(), 10u);
    EXPECT_EQ(take(queue), Bodies{});
    pass(600 * kSecond);
    EXPECT_EQ(take(queue).size(), 10u);
}

TEST_F(FifoModel, worn_out_messages_move_with_group_order_and_id_and_the_group_goes_on) {
    auto& dead = make_fifo({{"MessageRetentionPeriod", "60"}}, "dead.fifo");
    auto& queue =
        make_fifo({{"ContentBasedDeduplication", "true"},
                   {"MessageRetentionPeriod", "60"},
                   {"RedrivePolicy",
                    R"({"deadLetterTargetArn":"arn:aws:sqs:us-east-1:000000000000:dead.fifo","maxReceiveCount":1})"}});
    post_all(queue, {"g-1", "g-2", "g-3"});
    auto taken = receive(queue, 2, 0);
    pass(59 * kSecond);
    EXPECT_EQ(take(queue), (Bodies{"g-3"}));
    pass(kSecond);
    auto moved = receive(dead);
    ASSERT_EQ(bodies(moved), (Bodies{"g-1", "g-2"})) << "retention counts from the move";
    EXPECT_EQ(moved[0].id, taken[0].id);
}

TEST_F(FifoModel, a_dead_letter_queue_is_of_the_same_type) {
    make_fifo({}, "dead.fifo");
    make("dead");
    auto policy = [](const std::string& name) {
        return AttributeMap{{"RedrivePolicy", R"({"deadLetterTargetArn":"arn:aws:sqs:us-east-1:000000000000:)" + name +
                                                  R"(","maxReceiveCount":1})"}};
    };
    EXPECT_EQ(code_of(account_.create("a", policy("dead.fifo"), now_)), "InvalidParameterValue");
    auto attributes = policy("dead");
    attributes["FifoQueue"] = "true";
    EXPECT_EQ(code_of(account_.create("a.fifo", attributes, now_)), "InvalidParameterValue");
}

TEST_F(FifoModel, attributes_of_the_type_are_shown_checked_and_refused_on_standard_queues) {
    auto& queue = make_fifo({});
    auto attributes = queue.attributes(now_);
    EXPECT_EQ(attributes["FifoQueue"], "true");
    EXPECT_EQ(attributes["ContentBasedDeduplication"], "false");
    EXPECT_EQ(attributes["DeduplicationScope"], "queue");
    EXPECT_EQ(attributes["FifoThroughputLimit"], "perQueue");
    EXPECT_EQ(make("standard").attributes(now_).count("FifoQueue"), 0u);
    EXPECT_TRUE(account_.set_attributes(queue, {{"FifoQueue", "True"}, {"ContentBasedDeduplication", "True"}}, now_));
    EXPECT_EQ(queue.attributes(now_)["ContentBasedDeduplication"], "true");
    EXPECT_EQ(code_of(account_.set_attributes(queue, {{"FifoQueue", "false"}}, now_)), "InvalidAttributeValue");
    EXPECT_EQ(code_of(account_.set_attributes(queue, {{"DeduplicationScope", "all"}}, now_)), "InvalidAttributeValue");
    EXPECT_EQ(code_of(account_.set_attributes(queue, {{"FifoThroughputLimit", "perMessageGroupId"}}, now_)),
              "InvalidAttributeValue");
    EXPECT_EQ(code_of(account_.create("q.fifo", {{"FifoQueue", "true"}, {"ContentBasedDeduplication", "false"}}, now_)),
              "QueueNameExists");
    EXPECT_TRUE(account_.create("q.fifo", {{"FifoQueue", "TRUE"}, {"ContentBasedDeduplication", "True"}}, now_));
    EXPECT_EQ(code_of(account_.create("s", {{"FifoQueue", "false"}}, now_)), "InvalidAttributeName");
    EXPECT_EQ(code_of(account_.create("s", {{"FifoQueue", "true"}}, now_)), "InvalidParameterValue");
    EXPECT_EQ(code_of(account_.create("s.fifo", {}, now_)), "InvalidParameterValue");
    EXPECT_EQ(code_of(account_.create("s", {{"DeduplicationScope", "queue"}}, now_)), "InvalidAttributeName");
}

}  // namespace
}  // namespace sqs2pg::devqueue
