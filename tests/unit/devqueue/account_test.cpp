// Queues by name, their attributes, and dead-letter queues.
#include <algorithm>

#include "queue_fixture.h"

namespace sqs2pg::devqueue {
namespace {

using AccountModel = QueueModel;

std::string redrive_to(const std::string& name, const std::string& count) {
    return R"({"deadLetterTargetArn":"arn:aws:sqs:us-east-1:000000000000:)" + name + R"(","maxReceiveCount":)" + count +
           "}";
}

TEST_F(AccountModel, creating_a_queue_again_with_the_same_attributes_finds_it) {
    auto& queue = make("q", {{"VisibilityTimeout", "45"}});
    EXPECT_EQ(*account_.create("q", {{"VisibilityTimeout", "45"}}, now_), &queue);
    EXPECT_EQ(*account_.create("q", {}, now_), &queue);
}

TEST_F(AccountModel, creating_a_queue_again_with_another_attribute_value_is_refused) {
    make("q", {{"VisibilityTimeout", "45"}});
    EXPECT_EQ(code_of(account_.create("q", {{"VisibilityTimeout", "46"}}, now_)), "QueueNameExists");
    EXPECT_EQ(code_of(account_.create("q", {{"DelaySeconds", "1"}}, now_)), "QueueNameExists");
}

TEST_F(AccountModel, an_unknown_queue_does_not_exist) {
    EXPECT_EQ(code_of(account_.find("absent")), "QueueDoesNotExist");
    EXPECT_EQ(code_of(account_.remove("absent")), "QueueDoesNotExist");
}

TEST_F(AccountModel, queues_are_listed_by_prefix_in_order) {
    make("b-2");
    make("a");
    make("b-1");
    EXPECT_EQ(account_.names(), (std::vector<std::string>{"a", "b-1", "b-2"}));
    EXPECT_EQ(account_.names("b"), (std::vector<std::string>{"b-1", "b-2"}));
    EXPECT_TRUE(account_.names("c").empty());
}

TEST_F(AccountModel, a_queue_made_again_knows_nothing_of_the_deleted_one) {
    auto& queue = make();
    send(queue, "a");
    auto handle = receive(queue)[0].handle;
    ASSERT_TRUE(account_.remove("q"));
    auto& again = make();
    send(again, "b");
    EXPECT_EQ(code_of(again.remove(handle, now_)), "ReceiptHandleIsInvalid");
    EXPECT_EQ(receive(again).size(), 1u);
}

TEST_F(AccountModel, attributes_have_sqs_defaults) {
    auto attributes = make().attributes(now_);
    EXPECT_EQ(attributes["VisibilityTimeout"], "30");
    EXPECT_EQ(attributes["DelaySeconds"], "0");
    EXPECT_EQ(attributes["MessageRetentionPeriod"], "345600");
    EXPECT_EQ(attributes["ReceiveMessageWaitTimeSeconds"], "0");
    EXPECT_EQ(attributes["MaximumMessageSize"], "1048576");
    EXPECT_EQ(attributes["QueueArn"], "arn:aws:sqs:us-east-1:000000000000:q");
    EXPECT_EQ(attributes["CreatedTimestamp"], "1700000000");
    EXPECT_EQ(attributes["LastModifiedTimestamp"], "1700000000");
    EXPECT_FALSE(attributes.contains("RedrivePolicy"));
}

TEST_F(AccountModel, message_counts_are_attributes) {
    auto& queue = make();
    send(queue, "a");
    send(queue, "b");
    send(queue, "c", 10);
    receive(queue, 1);
    auto attributes = queue.attributes(now_);
    EXPECT_EQ(attributes["ApproximateNumberOfMessages"], "1");
    EXPECT_EQ(attributes["ApproximateNumberOfMessagesNotVisible"], "1");
    EXPECT_EQ(attributes["ApproximateNumberOfMessagesDelayed"], "1");
}

struct Limit {
    std::string name;
    std::string least, below, most, above;
};

TEST_F(AccountModel, numbers_are_held_to_their_limits) {
    auto& queue = make();
    std::vector<Limit> limits = {
        {"VisibilityTimeout", "0", "-1", "43200", "43201"},
        {"DelaySeconds", "0", "-1", "900", "901"},
        {"MessageRetentionPeriod", "60", "59", "1209600", "1209601"},
        {"ReceiveMessageWaitTimeSeconds", "0", "-1", "20", "21"},
        {"MaximumMessageSize", "1024", "1023", "1048576", "1048577"},
    };
    for (const auto& limit : limits) {
        EXPECT_TRUE(account_.set_attributes(queue, {{limit.name, limit.least}}, now_)) << limit.name;
        EXPECT_TRUE(account_.set_attributes(queue, {{limit.name, limit.most}}, now_)) << limit.name;
        for (const auto& bad : {limit.below, limit.above, std::string("x"), std::string(""), std::string("5 ")}) {
            EXPECT_EQ(code_of(account_.set_attributes(queue, {{limit.name, bad}}, now_)), "InvalidAttributeValue")
                << limit.name << " = " << bad;
        }
        EXPECT_EQ(queue.attributes(now_)[limit.name], limit.most);
    }
}

TEST_F(AccountModel, read_only_fifo_and_unknown_attributes_are_refused) {
    auto& queue = make();
    for (const char* name : {"QueueArn", "ApproximateNumberOfMessages", "CreatedTimestamp", "FifoQueue", "Nonsense"}) {
        EXPECT_EQ(code_of(account_.set_attributes(queue, {{name, "1"}}, now_)), "InvalidAttributeName") << name;
    }
}

TEST_F(AccountModel, setting_attributes_is_all_or_nothing_and_moves_the_modified_time) {
    auto& queue = make();
    pass(5000);
    EXPECT_FALSE(account_.set_attributes(queue, {{"DelaySeconds", "3"}, {"VisibilityTimeout", "x"}}, now_));
    EXPECT_EQ(queue.attributes(now_)["DelaySeconds"], "0");
    EXPECT_EQ(queue.attributes(now_)["LastModifiedTimestamp"], "1700000000");
    EXPECT_TRUE(account_.set_attributes(queue, {{"DelaySeconds", "3"}}, now_));
    EXPECT_EQ(queue.attributes(now_)["LastModifiedTimestamp"], "1700000005");
    EXPECT_EQ(queue.attributes(now_)["CreatedTimestamp"], "1700000000");
}

TEST_F(AccountModel, a_message_received_too_often_moves_to_the_dead_letter_queue) {
    auto& dead = make("dead");
    auto& queue = make("q", {{"RedrivePolicy", redrive_to("dead", "2")}});
    auto id = send(queue, "a");
    EXPECT_EQ(receive(queue, 1, 1).size(), 1u);
    pass(1000);
    EXPECT_EQ(receive(queue, 1, 1).size(), 1u);
    pass(1000);
    send(queue, "b");
    auto third = receive(queue, 1, 1);
    ASSERT_EQ(third.size(), 1u);
    EXPECT_EQ(third[0].body, "b");
    auto moved = receive(dead);
    ASSERT_EQ(moved.size(), 1u);
    EXPECT_EQ(moved[0].id, id);
    EXPECT_EQ(moved[0].sent_ms, kStart);
    EXPECT_EQ(queue.figures(now_).dead_lettered, 1u);
}

TEST_F(AccountModel, a_moved_message_keeps_its_age) {
    auto& dead = make("dead", {{"MessageRetentionPeriod", "60"}});
    auto& queue = make("q", {{"RedrivePolicy", redrive_to("dead", "1")}});
    send(queue, "a");
    receive(queue, 1, 1);
    pass(40'000);
    EXPECT_TRUE(receive(queue).empty());
    EXPECT_EQ(dead.figures(now_).visible, 1u);
    pass(20'000);
    EXPECT_EQ(dead.figures(now_).expired, 1u);
}

TEST_F(AccountModel, a_redrive_policy_needs_an_existing_queue_that_permits_it_and_a_count) {
    auto& queue = make();
    auto set = [&](const std::string& policy) {
        return code_of(account_.set_attributes(queue, {{"RedrivePolicy", policy}}, now_));
    };
    EXPECT_EQ(set(redrive_to("absent", "3")), "InvalidParameterValue");
    auto& dead = make("dead");
    EXPECT_EQ(set(redrive_to("dead", "3")), "");
    EXPECT_EQ(set(redrive_to("dead", "\"3\"")), "");
    EXPECT_EQ(set(redrive_to("dead", "0")), "InvalidAttributeValue");
    EXPECT_EQ(set(redrive_to("dead", "1001")), "InvalidAttributeValue");
    EXPECT_EQ(set("{}"), "InvalidAttributeValue");
    EXPECT_EQ(set("not json"), "InvalidAttributeValue");
    EXPECT_EQ(account_.sources_of(dead), std::vector<std::string>{"q"});
    EXPECT_EQ(set(""), "");
    EXPECT_TRUE(account_.sources_of(dead).empty());
    EXPECT_FALSE(queue.attributes(now_).contains("RedrivePolicy"));
}

TEST_F(AccountModel, a_redrive_allow_policy_decides_who_may_name_the_queue) {
    auto& dead = make("dead");
    auto& queue = make();
    auto allow = [&](const std::string& policy) {
        return code_of(account_.set_attributes(dead, {{"RedriveAllowPolicy", policy}}, now_));
    };
    auto use = [&] {
        return code_of(account_.set_attributes(queue, {{"RedrivePolicy", redrive_to("dead", "3")}}, now_));
    };
    EXPECT_EQ(allow(R"({"redrivePermission":"denyAll"})"), "");
    EXPECT_EQ(use(), "InvalidParameterValue");
    EXPECT_EQ(
        allow(R"({"redrivePermission":"byQueue","sourceQueueArns":["arn:aws:sqs:us-east-1:000000000000:other"]})"), "");
    EXPECT_EQ(use(), "InvalidParameterValue");
    EXPECT_EQ(allow(R"({"redrivePermission":"byQueue","sourceQueueArns":["arn:aws:sqs:us-east-1:000000000000:q"]})"),
              "");
    EXPECT_EQ(use(), "");
    EXPECT_EQ(allow(R"({"redrivePermission":"byQueue"})"), "InvalidAttributeValue");
    EXPECT_EQ(allow(R"({"redrivePermission":"sometimes"})"), "InvalidAttributeValue");
}

TEST_F(AccountModel, a_queue_whose_dead_letter_queue_was_deleted_keeps_its_messages) {
    make("dead");
    auto& queue = make("q", {{"RedrivePolicy", redrive_to("dead", "1")}});
    ASSERT_TRUE(account_.remove("dead"));
    send(queue, "a");
    receive(queue, 1, 1);
    pass(1000);
    EXPECT_EQ(receive(queue, 1, 1).size(), 1u);
}

}  // namespace
}  // namespace sqs2pg::devqueue
