// A queue model under a virtual clock, and short names for what the tests do with it.
#pragma once

#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "devqueue/account.h"

namespace sqs2pg::devqueue {

class QueueModel : public ::testing::Test {
   protected:
    static constexpr Millis kStart = 1'700'000'000'000;

    Queue& make(const std::string& name = "q", const AttributeMap& attributes = {}) {
        auto made = account_.create(name, attributes, now_);
        EXPECT_TRUE(made.has_value()) << (made ? "" : made.error().message);
        return **made;
    }

    void pass(Millis ms) { now_ += ms; }

    std::string send(Queue& queue, const std::string& body, std::optional<int> delay = {}) {
        SendRequest request;
        request.body = body;
        request.delay_seconds = delay;
        auto sent = queue.send(std::move(request), now_);
        EXPECT_TRUE(sent.has_value()) << (sent ? "" : sent.error().message);
        return sent ? sent->message_id : "";
    }

    std::string send_code(Queue& queue, SendRequest request) {
        auto sent = queue.send(std::move(request), now_);
        return sent ? "" : std::string(sent.error().code);
    }

    struct Got {
        std::string id, body, handle;
        std::uint32_t count = 0;
        Millis first_received_ms = 0, sent_ms = 0;
    };

    std::vector<Got> receive(Queue& queue, int max = 10, std::optional<int> visibility = {}) {
        return receive(queue, ReceiveRequest{max, visibility, ""});
    }

    std::vector<Got> receive(Queue& queue, const ReceiveRequest& request) {
        auto deliveries = account_.receive(queue, request, now_);
        EXPECT_TRUE(deliveries.has_value()) << (deliveries ? "" : deliveries.error().message);
        std::vector<Got> got;
        if (!deliveries) return got;
        for (const auto& delivery : *deliveries) {
            Got one;
            one.id = to_text(delivery.message->content.id);
            one.body = delivery.message->content.body;
            append_text(one.handle, delivery.handle);
            one.count = delivery.message->receive_count;
            one.first_received_ms = delivery.message->first_received_ms;
            one.sent_ms = delivery.message->content.sent_ms;
            got.push_back(std::move(one));
        }
        return got;
    }

    template <class T>
    static std::string code_of(const Answer<T>& answer) {
        return answer ? "" : std::string(answer.error().code);
    }

    Account account_{AccountOptions{}};
    Millis now_ = kStart;
};

}  // namespace sqs2pg::devqueue
