// The life of a message in the queue model: each rule by itself.
#include "queue_fixture.h"

namespace sqs2pg::devqueue {
namespace {

constexpr Millis kSecond = 1000;

TEST_F(QueueModel, a_received_message_is_invisible_until_its_timeout_ends) {
    auto& queue = make();
    auto id = send(queue, "a");
    auto first = receive(queue, 10, 30);
    ASSERT_EQ(first.size(), 1u);
    EXPECT_EQ(first[0].id, id);
    EXPECT_EQ(first[0].body, "a");
    pass(30 * kSecond - 1);
    EXPECT_TRUE(receive(queue).empty());
    pass(1);
    auto second = receive(queue);
    ASSERT_EQ(second.size(), 1u);
    EXPECT_EQ(second[0].id, id);
}

TEST_F(QueueModel, receives_are_counted_and_the_first_one_is_remembered) {
    auto& queue = make();
    send(queue, "a");
    pass(5);
    auto first = receive(queue, 1, 1);
    pass(kSecond);
    auto second = receive(queue, 1, 1);
    ASSERT_EQ(second.size(), 1u);
    EXPECT_EQ(first[0].count, 1u);
    EXPECT_EQ(second[0].count, 2u);
    EXPECT_EQ(second[0].first_received_ms, kStart + 5);
    EXPECT_EQ(second[0].sent_ms, kStart);
    EXPECT_NE(first[0].handle, second[0].handle);
}

TEST_F(QueueModel, a_deleted_message_never_comes_back) {
    auto& queue = make();
    send(queue, "a");
    auto got = receive(queue, 1, 1);
    EXPECT_EQ(queue.remove(got[0].handle, now_), true);
    pass(3600 * kSecond);
    EXPECT_TRUE(receive(queue).empty());
    EXPECT_EQ(queue.figures(now_).deleted, 1u);
}

TEST_F(QueueModel, deleting_twice_succeeds_and_does_nothing) {
    auto& queue = make();
    send(queue, "a");
    auto got = receive(queue);
    EXPECT_EQ(queue.remove(got[0].handle, now_), true);
    EXPECT_EQ(queue.remove(got[0].handle, now_), false);
    EXPECT_EQ(queue.figures(now_).deleted, 1u);
}

TEST_F(QueueModel, an_old_handle_succeeds_and_deletes_nothing) {
    auto& queue = make();
    send(queue, "a");
    auto old = receive(queue, 1, 1);
    pass(kSecond);
    auto newest = receive(queue, 1, 1);
    ASSERT_EQ(newest.size(), 1u);
    EXPECT_EQ(queue.remove(old[0].handle, now_), false);
    pass(kSecond);
    EXPECT_EQ(receive(queue, 1, 60).size(), 1u);
}

TEST_F(QueueModel, the_newest_handle_deletes_even_after_its_timeout) {
    auto& queue = make();
    send(queue, "a");
    auto got = receive(queue, 1, 1);
    pass(10 * kSecond);
    EXPECT_EQ(queue.figures(now_).visible, 1u);
    EXPECT_EQ(queue.remove(got[0].handle, now_), true);
    EXPECT_TRUE(receive(queue).empty());
}

TEST_F(QueueModel, a_handle_of_a_slot_used_again_does_not_touch_the_new_message) {
    auto& queue = make();
    send(queue, "a");
    auto got = receive(queue);
    queue.remove(got[0].handle, now_);
    send(queue, "b");
    auto fresh = receive(queue, 1, 1);
    EXPECT_EQ(queue.remove(got[0].handle, now_), false);
    pass(kSecond);
    EXPECT_EQ(receive(queue).size(), 1u);
}

TEST_F(QueueModel, an_invented_altered_or_foreign_handle_is_refused) {
    auto& queue = make();
    auto& other = make("other");
    send(queue, "a");
    auto handle = receive(queue)[0].handle;
    EXPECT_EQ(code_of(queue.remove("abc", now_)), "ReceiptHandleIsInvalid");
    EXPECT_EQ(code_of(other.remove(handle, now_)), "ReceiptHandleIsInvalid");
    auto altered = handle;
    altered[3] = altered[3] == '0' ? '1' : '0';
    EXPECT_EQ(code_of(queue.remove(altered, now_)), "ReceiptHandleIsInvalid");
    EXPECT_EQ(code_of(queue.change_visibility("", 1, now_)), "ReceiptHandleIsInvalid");
}

TEST_F(QueueModel, a_delayed_message_appears_when_its_delay_ends) {
    auto& queue = make("q", {{"DelaySeconds", "5"}});
    send(queue, "queue's own");
    send(queue, "none", 0);
    send(queue, "longer", 7);
    EXPECT_EQ(queue.figures(now_).delayed, 2u);
    ASSERT_EQ(receive(queue).size(), 1u);
    EXPECT_EQ(queue.next_visible_ms(), kStart + 5 * kSecond);
    pass(5 * kSecond);
    auto got = receive(queue);
    ASSERT_EQ(got.size(), 1u);
    EXPECT_EQ(got[0].body, "queue's own");
    pass(2 * kSecond);
    EXPECT_EQ(receive(queue).size(), 1u);
}

TEST_F(QueueModel, changing_visibility_counts_from_now) {
    auto& queue = make();
    send(queue, "a");
    auto got = receive(queue, 1, 10);
    pass(5 * kSecond);
    EXPECT_TRUE(queue.change_visibility(got[0].handle, 10, now_));
    pass(10 * kSecond - 1);
    EXPECT_TRUE(receive(queue).empty());
    pass(1);
    EXPECT_EQ(receive(queue).size(), 1u);
}

TEST_F(QueueModel, a_visibility_of_zero_releases_at_once) {
    auto& queue = make();
    send(queue, "a");
    auto got = receive(queue, 1, 600);
    EXPECT_TRUE(queue.change_visibility(got[0].handle, 0, now_));
    EXPECT_EQ(receive(queue).size(), 1u);
}

TEST_F(QueueModel, visibility_beyond_twelve_hours_from_the_receive_is_an_error) {
    auto& queue = make();
    send(queue, "a");
    auto got = receive(queue, 1, 30);
    EXPECT_EQ(code_of(queue.change_visibility(got[0].handle, 43'201, now_)), "InvalidParameterValue");
    EXPECT_EQ(code_of(queue.change_visibility(got[0].handle, -1, now_)), "InvalidParameterValue");
    pass(10 * kSecond);
    EXPECT_EQ(code_of(queue.change_visibility(got[0].handle, 43'191, now_)), "InvalidParameterValue");
    EXPECT_TRUE(queue.change_visibility(got[0].handle, 43'190, now_));
}

TEST_F(QueueModel, changing_the_visibility_of_a_message_not_in_flight_is_an_error) {
    auto& queue = make();
    send(queue, "a");
    auto got = receive(queue, 1, 1);
    pass(kSecond);
    EXPECT_EQ(code_of(queue.change_visibility(got[0].handle, 10, now_)), "MessageNotInflight");
    auto again = receive(queue, 1, 30);
    EXPECT_EQ(code_of(queue.change_visibility(got[0].handle, 10, now_)), "InvalidParameterValue");
    queue.remove(again[0].handle, now_);
    EXPECT_EQ(code_of(queue.change_visibility(again[0].handle, 10, now_)), "InvalidParameterValue");
}

TEST_F(QueueModel, a_receive_takes_at_most_what_was_asked_for) {
    auto& queue = make();
    for (int i = 0; i < 25; ++i) send(queue, std::to_string(i));
    EXPECT_EQ(receive(queue, 3).size(), 3u);
    EXPECT_EQ(receive(queue, 10).size(), 10u);
    EXPECT_EQ(receive(queue, 10).size(), 10u);
    EXPECT_EQ(receive(queue, 10).size(), 2u);
    EXPECT_EQ(code_of(queue.receive({0, {}}, now_)), "InvalidParameterValue");
    EXPECT_EQ(code_of(queue.receive({11, {}}, now_)), "InvalidParameterValue");
    EXPECT_EQ(code_of(queue.receive({1, 43'201}, now_)), "InvalidParameterValue");
}

TEST_F(QueueModel, a_visibility_timeout_of_zero_hands_out_each_message_once_a_call) {
    auto& queue = make("q", {{"VisibilityTimeout", "0"}});
    send(queue, "a");
    send(queue, "b");
    EXPECT_EQ(receive(queue, 10).size(), 2u);
    EXPECT_EQ(receive(queue, 10).size(), 2u);
    EXPECT_EQ(queue.figures(now_).in_flight, 0u);
}

TEST_F(QueueModel, more_than_120000_in_flight_is_over_the_limit) {
    auto& queue = make();
    for (std::size_t i = 0; i < 120'005; ++i) {
        ASSERT_TRUE(
            queue.send({.body = "x", .delay_seconds = {}, .attributes = {}, .trace_header = {}, .group_id = {}}, now_));
    }
    std::string last;
    for (int i = 0; i < 12'000; ++i) {
        auto got = queue.receive({10, 600}, now_);
        ASSERT_EQ(got->size(), 10u);
        last.clear();
        append_text(last, got->back().handle);
    }
    EXPECT_EQ(code_of(queue.receive({10, 600}, now_)), "OverLimit");
    EXPECT_EQ(queue.remove(last, now_), true);
    EXPECT_EQ(receive(queue, 10, 600).size(), 1u);
}

TEST_F(QueueModel, messages_past_the_retention_disappear_wherever_they_are) {
    auto& queue = make("q", {{"MessageRetentionPeriod", "60"}});
    send(queue, "in flight");
    receive(queue, 1, 3600);
    send(queue, "visible");
    send(queue, "delayed", 900);
    pass(60 * kSecond - 1);
    EXPECT_EQ(queue.figures(now_).expired, 0u);
    pass(1);
    auto figures = queue.figures(now_);
    EXPECT_EQ(figures.expired, 3u);
    EXPECT_EQ(figures.visible + figures.delayed + figures.in_flight, 0u);
}

TEST_F(QueueModel, purge_removes_everything_and_may_not_be_repeated_within_a_minute) {
    auto& queue = make();
    send(queue, "a");
    send(queue, "b", 60);
    send(queue, "c");
    receive(queue, 1);
    EXPECT_TRUE(queue.purge(now_));
    EXPECT_EQ(queue.figures(now_).purged, 3u);
    EXPECT_TRUE(receive(queue).empty());
    pass(60 * kSecond - 1);
    EXPECT_EQ(code_of(queue.purge(now_)), "PurgeQueueInProgress");
    pass(1);
    EXPECT_TRUE(queue.purge(now_));
}

TEST_F(QueueModel, the_fault_redelivers_after_a_delete_until_a_real_one) {
    auto& queue = make();
    auto id = send(queue, "a");
    auto got = receive(queue, 1, 600);
    EXPECT_EQ(queue.remove_but_redeliver(got[0].handle, now_), true);
    auto again = receive(queue, 1, 600);
    ASSERT_EQ(again.size(), 1u);
    EXPECT_EQ(again[0].id, id);
    EXPECT_EQ(again[0].count, 2u);
    EXPECT_EQ(queue.remove(again[0].handle, now_), true);
    EXPECT_TRUE(receive(queue).empty());
}

TEST_F(QueueModel, a_clock_that_runs_backwards_changes_nothing) {
    auto& queue = make();
    send(queue, "a");
    receive(queue, 1, 10);
    pass(10 * kSecond);
    EXPECT_EQ(queue.figures(now_).visible, 1u);
    now_ -= 3600 * kSecond;
    EXPECT_EQ(queue.figures(now_).visible, 1u);
    EXPECT_EQ(receive(queue).size(), 1u);
}

TEST_F(QueueModel, sent_timestamps_can_be_set_back_without_touching_retention) {
    Account account(AccountOptions{.sent_ago_ms = 14 * 86'400 * kSecond});
    auto* queue = *account.create("q", {{"MessageRetentionPeriod", "60"}}, now_);
    send(*queue, "a");
    auto got = account.receive(*queue, {1, {}}, now_);
    ASSERT_EQ(got->size(), 1u);
    EXPECT_EQ(got->front().message->content.sent_ms, kStart - 14 * 86'400 * kSecond);
}

TEST_F(QueueModel, the_same_seed_gives_the_same_ids) {
    Account one(AccountOptions{.seed = 7});
    Account two(AccountOptions{.seed = 7});
    Account three(AccountOptions{.seed = 8});
    auto first_id = [&](Account& account) { return send(**account.create("q", {}, now_), "a"); };
    auto id = first_id(one);
    EXPECT_EQ(id, first_id(two));
    EXPECT_NE(id, first_id(three));
    EXPECT_EQ(id.size(), 36u);
    EXPECT_EQ(id[14], '4');
}

}  // namespace
}  // namespace sqs2pg::devqueue
