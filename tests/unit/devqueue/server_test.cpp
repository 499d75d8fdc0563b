// The embedded queue over a real socket: headers, long polls, clients that go away, old clients, faults.
#include "devqueue/server.h"

#include <future>
#include <thread>

#include <gtest/gtest.h>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/connect.hpp>
#include <boost/asio/executor_work_guard.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/use_future.hpp>
#include <boost/asio/write.hpp>

#include "net/http_client.h"
#include "sqs/protocol.h"

namespace sqs2pg::devqueue {
namespace {

namespace asio = boost::asio;
using net::HttpReply;
using net::HttpRequest;

awaitable<Result<HttpReply>> send_request(net::HttpClient* client, HttpRequest request) {
    auto sending = client->send(std::move(request));
    co_return co_await std::move(sending);
}

awaitable<std::size_t> count_waiting(Server* server) { co_return server->waiting_receives(); }
awaitable<void> stop_both(Server* server, net::HttpClient* client) {
    client->close();
    server->stop();
    co_return;
}

class QueueServer : public ::testing::Test {
   protected:
    void SetUp() override {
        ServerOptions options;
        options.port = 0;
        options.faults = true;
        server_ = std::make_unique<Server>(loop_.get_executor(), options, clock_);
        ASSERT_TRUE(server_->create_queue("q"));
        auto started = server_->start();
        ASSERT_TRUE(started) << started.error().detail;
        client_ = std::make_unique<net::HttpClient>(loop_.get_executor());
        thread_ = std::thread([this] { loop_.run(); });
    }

    void TearDown() override {
        asio::co_spawn(loop_, stop_both(server_.get(), client_.get()), asio::use_future).get();
        work_.reset();
        thread_.join();
    }

    std::future<Result<HttpReply>> start(HttpRequest request) {
        return asio::co_spawn(loop_, send_request(client_.get(), std::move(request)), asio::use_future);
    }

    HttpRequest request_of(std::string_view operation, std::string body) {
        HttpRequest request;
        request.url = *net::parse_url(server_->url() + "/");
        request.headers = {{"Content-Type", std::string(sqs::kContentType)},
                           {"X-Amz-Target", std::string(sqs::kTargetPrefix) + std::string(operation)}};
        request.body = std::move(body);
        return request;
    }

    std::string queue(const std::string& members = "") {
        return R"({"QueueUrl":")" + server_->url() + R"(/000000000000/q")" + members + "}";
    }

    HttpReply call(std::string_view operation, std::string body) {
        auto reply = start(request_of(operation, std::move(body))).get();
        EXPECT_TRUE(reply.has_value()) << (reply ? "" : reply.error().code);
        return reply.value_or(HttpReply{});
    }

    HttpReply faults(const std::string& method, const std::string& rules = "") {
        auto request = request_of("", rules);
        request.method = method;
        request.url.target = "/_faults";
        return start(std::move(request)).get().value_or(HttpReply{});
    }

    void wait_until_waiting(std::size_t receives) {
        auto deadline = std::chrono::steady_clock::now() + std::chrono::seconds(10);
        while (asio::co_spawn(loop_, count_waiting(server_.get()), asio::use_future).get() != receives) {
            ASSERT_LT(std::chrono::steady_clock::now(), deadline);
            std::this_thread::yield();
        }
    }

    SystemClock clock_;
    asio::io_context loop_{1};
    asio::executor_work_guard<asio::io_context::executor_type> work_{loop_.get_executor()};
    std::unique_ptr<Server> server_;
    std::unique_ptr<net::HttpClient> client_;
    std::thread thread_;
};

TEST_F(QueueServer, a_message_goes_through_with_the_headers_of_sqs) {
    auto sent = call("SendMessage", queue(R"(,"MessageBody":"hello")"));
    EXPECT_EQ(sent.status, 200);
    ASSERT_NE(sent.header("x-amzn-RequestId"), nullptr);
    EXPECT_EQ(sent.header("x-amzn-RequestId")->size(), 36u);
    EXPECT_EQ(*sent.header("content-type"), "application/x-amz-json-1.0");
    auto received = call("ReceiveMessage", queue());
    EXPECT_NE(received.body.find(R"("Body":"hello")"), std::string::npos);
}

TEST_F(QueueServer, errors_have_a_type_and_the_query_error_header) {
    auto reply = call("GetQueueUrl", R"({"QueueName":"absent"})");
    EXPECT_EQ(reply.status, 400);
    EXPECT_EQ(reply.body,
              R"({"__type":"com.amazonaws.sqs#QueueDoesNotExist","message":"The specified queue does not exist."})");
    ASSERT_NE(reply.header("x-amzn-query-error"), nullptr);
    EXPECT_EQ(*reply.header("x-amzn-query-error"), "AWS.SimpleQueueService.NonExistentQueue;Sender");
    EXPECT_EQ(call("Nonsense", "{}").status, 400);
}

TEST_F(QueueServer, queue_urls_name_the_host_that_the_client_called) {
    auto request = request_of("GetQueueUrl", R"({"QueueName":"q"})");
    request.headers.emplace_back("Host", "queue.example:1234");
    auto reply = start(std::move(request)).get();
    EXPECT_EQ(reply->body, R"({"QueueUrl":"http://queue.example:1234/000000000000/q"})");
}

TEST_F(QueueServer, a_long_poll_is_woken_by_a_send) {
    auto begun = std::chrono::steady_clock::now();
    auto poll = start(request_of("ReceiveMessage", queue(R"(,"WaitTimeSeconds":20)")));
    wait_until_waiting(1);
    call("SendMessage", queue(R"(,"MessageBody":"hello")"));
    EXPECT_NE(poll.get()->body.find("hello"), std::string::npos);
    EXPECT_LT(std::chrono::steady_clock::now() - begun, std::chrono::seconds(10));
}

TEST_F(QueueServer, one_batch_wakes_as_many_polls_as_it_feeds) {
    auto members = queue(R"(,"WaitTimeSeconds":20,"MaxNumberOfMessages":1)");
    auto one = start(request_of("ReceiveMessage", members));
    auto two = start(request_of("ReceiveMessage", members));
    auto three = start(request_of("ReceiveMessage", queue(R"(,"WaitTimeSeconds":1)")));
    wait_until_waiting(3);
    call("SendMessageBatch", queue(R"(,"Entries":[{"Id":"a","MessageBody":"x"},{"Id":"b","MessageBody":"y"}])"));
    EXPECT_NE(one.get()->body, "{}");
    EXPECT_NE(two.get()->body, "{}");
    EXPECT_EQ(three.get()->body, "{}");
}

TEST_F(QueueServer, a_long_poll_is_woken_by_the_delete_that_lets_a_group_go_on) {
    call("CreateQueue", R"({"QueueName":"q.fifo","Attributes":{"FifoQueue":"true"}})");
    auto fifo = [&](const std::string& members) {
        return R"({"QueueUrl":"http://127.0.0.1/000000000000/q.fifo")" + members + "}";
    };
    for (std::string id : {"1", "2"}) {
        call("SendMessage",
             fifo(R"(,"MessageGroupId":"g","MessageBody":"m)" + id + R"(","MessageDeduplicationId":")" + id + "\""));
    }
    auto first = call("ReceiveMessage", fifo("")).body;
    auto poll = start(request_of("ReceiveMessage", fifo(R"(,"WaitTimeSeconds":20)")));
    wait_until_waiting(1);
    constexpr std::string_view kMember = R"("ReceiptHandle":")";
    auto handle = first.substr(first.find(kMember) + kMember.size(), kHandleLength);
    call("DeleteMessage", fifo(R"(,"ReceiptHandle":")" + handle + "\""));
    auto begun = std::chrono::steady_clock::now();
    EXPECT_NE(poll.get()->body.find(R"("Body":"m2")"), std::string::npos);
    EXPECT_LT(std::chrono::steady_clock::now() - begun, std::chrono::seconds(10));
}

TEST_F(QueueServer, a_long_poll_is_woken_by_a_move_task_though_nobody_calls) {
    call("CreateQueue", R"({"QueueName":"dead"})");
    call(
        "SetQueueAttributes",
        queue(R"(,"Attributes":{"RedrivePolicy":"{\"deadLetterTargetArn\":\"arn:aws:sqs:us-east-1:000000000000:dead\",)"
              R"(\"maxReceiveCount\":1}"})"));
    for (int i = 0; i < 2; ++i) call("SendMessage", queue(R"(,"MessageBody":"m")"));
    for (int i = 0; i < 2; ++i) call("ReceiveMessage", queue(R"(,"MaxNumberOfMessages":10,"VisibilityTimeout":0)"));
    call("StartMessageMoveTask",
         R"({"SourceArn":"arn:aws:sqs:us-east-1:000000000000:dead","MaxNumberOfMessagesPerSecond":2})");
    EXPECT_NE(call("ReceiveMessage", queue(R"(,"WaitTimeSeconds":20)")).body.find("Body"), std::string::npos);
    auto begun = std::chrono::steady_clock::now();
    EXPECT_NE(call("ReceiveMessage", queue(R"(,"WaitTimeSeconds":20)")).body.find("Body"), std::string::npos);
    EXPECT_LT(std::chrono::steady_clock::now() - begun, std::chrono::seconds(10));
}

TEST_F(QueueServer, a_long_poll_is_woken_when_a_visibility_timeout_or_a_delay_ends) {
    call("SendMessage", queue(R"(,"MessageBody":"a")"));
    call("ReceiveMessage", queue(R"(,"VisibilityTimeout":1)"));
    auto again = call("ReceiveMessage", queue(R"(,"WaitTimeSeconds":20,"AttributeNames":["ApproximateReceiveCount"])"));
    EXPECT_NE(again.body.find(R"("ApproximateReceiveCount":"2")"), std::string::npos) << again.body;
    call("SendMessage", queue(R"(,"MessageBody":"late","DelaySeconds":1)"));
    EXPECT_NE(call("ReceiveMessage", queue(R"(,"WaitTimeSeconds":20)")).body.find("late"), std::string::npos);
}

TEST_F(QueueServer, a_long_poll_ends_empty_after_its_time) {
    auto begun = std::chrono::steady_clock::now();
    EXPECT_EQ(call("ReceiveMessage", queue(R"(,"WaitTimeSeconds":1)")).body, "{}");
    EXPECT_GE(std::chrono::steady_clock::now() - begun, std::chrono::milliseconds(990));
}

TEST_F(QueueServer, deleting_the_queue_ends_a_long_poll_with_an_error) {
    auto poll = start(request_of("ReceiveMessage", queue(R"(,"WaitTimeSeconds":20)")));
    wait_until_waiting(1);
    call("DeleteQueue", queue());
    EXPECT_NE(poll.get()->body.find("QueueDoesNotExist"), std::string::npos);
}

TEST_F(QueueServer, a_client_that_disconnects_stops_waiting_and_takes_nothing) {
    auto body = queue(R"(,"WaitTimeSeconds":20)");
    auto text = "POST / HTTP/1.1\r\nHost: x\r\nX-Amz-Target: AmazonSQS.ReceiveMessage\r\nContent-Length: " +
                std::to_string(body.size()) + "\r\n\r\n" + body;
    asio::io_context own;
    asio::ip::tcp::socket socket(own);
    socket.connect({asio::ip::make_address("127.0.0.1"), server_->port()});
    asio::write(socket, asio::buffer(text));
    wait_until_waiting(1);
    socket.close();
    wait_until_waiting(0);
    call("SendMessage", queue(R"(,"MessageBody":"kept")"));
    auto received = call("ReceiveMessage", queue(R"(,"AttributeNames":["ApproximateReceiveCount"])"));
    EXPECT_NE(received.body.find(R"("ApproximateReceiveCount":"1")"), std::string::npos) << received.body;
}

TEST_F(QueueServer, an_old_query_protocol_client_is_told_which_versions_work) {
    auto request = request_of("", "Action=ListQueues&Version=2012-11-05");
    request.headers = {{"Content-Type", "application/x-www-form-urlencoded; charset=utf-8"}};
    auto reply = start(std::move(request)).get();
    EXPECT_EQ(reply->status, 400);
    EXPECT_EQ(*reply->header("content-type"), "text/xml");
    EXPECT_NE(reply->body.find("<ErrorResponse"), std::string::npos);
    EXPECT_NE(reply->body.find("botocore 1.34.90"), std::string::npos);
}

TEST_F(QueueServer, a_fault_of_five_hundreds_lasts_as_long_as_it_was_asked_to) {
    EXPECT_EQ(faults("POST", R"({"operation":"SendMessage","fault":"error","status":503,"times":1})").status, 200);
    EXPECT_EQ(call("SendMessage", queue(R"(,"MessageBody":"a")")).status, 503);
    EXPECT_EQ(call("SendMessage", queue(R"(,"MessageBody":"a")")).status, 200);
    EXPECT_NE(faults("GET").body.find("\"fired\":1"), std::string::npos);
    EXPECT_EQ(faults("DELETE").body, "{\"rules\":[]}");
    EXPECT_EQ(faults("POST", "nonsense").status, 400);
}

TEST_F(QueueServer, a_connection_dropped_before_does_nothing_and_after_has_done_it) {
    // Twice each: the client sends once more on a fresh connection when a pooled one ends before any byte of a reply.
    faults("POST", R"({"operation":"SendMessage","fault":"drop_before","times":2})");
    EXPECT_FALSE(start(request_of("SendMessage", queue(R"(,"MessageBody":"lost")"))).get());
    EXPECT_EQ(call("ReceiveMessage", queue()).body, "{}");
    faults("POST", R"({"operation":"SendMessage","fault":"drop_after","times":2})");
    EXPECT_FALSE(start(request_of("SendMessage", queue(R"(,"MessageBody":"done")"))).get());
    EXPECT_NE(call("ReceiveMessage", queue()).body.find("done"), std::string::npos);
}

TEST_F(QueueServer, a_delayed_call_is_carried_out_later) {
    faults("POST", R"({"operation":"ListQueues","fault":"delay","ms":50,"times":1})");
    auto begun = std::chrono::steady_clock::now();
    EXPECT_EQ(call("ListQueues", "{}").status, 200);
    EXPECT_GE(std::chrono::steady_clock::now() - begun, std::chrono::milliseconds(49));
}

TEST_F(QueueServer, a_busy_port_is_one_sentence) {
    ServerOptions options;
    options.port = server_->port();
    Server second(loop_.get_executor(), options, clock_);
    auto started = second.start();
    ASSERT_FALSE(started);
    EXPECT_EQ(started.error().kind, ErrorKind::Configuration);
    EXPECT_NE(started.error().detail.find("cannot listen on 127.0.0.1:"), std::string::npos);
}

TEST(QueueServerWithoutFaults, does_not_serve_them) {
    SystemClock clock;
    asio::io_context loop{1};
    ServerOptions options;
    options.port = 0;
    Server server(loop.get_executor(), options, clock);
    ASSERT_TRUE(server.start());
    net::HttpClient client(loop.get_executor());
    HttpRequest request;
    request.url = *net::parse_url(server.url() + "/_faults");
    request.body = R"({"fault":"error"})";
    auto reply = asio::co_spawn(loop, send_request(&client, std::move(request)), asio::use_future);
    while (reply.wait_for(std::chrono::seconds(0)) != std::future_status::ready) loop.run_one();
    EXPECT_EQ(reply.get()->status, 400);
    client.close();
    server.stop();
    loop.run();
}

}  // namespace
}  // namespace sqs2pg::devqueue
