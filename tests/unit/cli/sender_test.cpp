// Sending against the embedded queue: everything arrives once, failed entries are sent again, hopeless ones are named.
#include "cli/sender.h"

#include <gtest/gtest.h>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <boost/asio/io_context.hpp>

#include <sstream>

#include "devqueue/server.h"

namespace sqs2pg::cli {
namespace {

class AnyCredentials final : public aws::CredentialsProvider {
   public:
    awaitable<Result<aws::Credentials>> credentials() override {
        aws::Credentials credentials;
        credentials.access_key_id = "x";
        credentials.secret_access_key = Secret("x");
        co_return credentials;
    }
    void invalidate() override {}
};

class Sending : public ::testing::Test {
   protected:
    void SetUp() override {
        devqueue::ServerOptions options;
        options.port = 0;
        options.faults = true;
        server_ = std::make_unique<devqueue::Server>(loop_.get_executor(), options, clock_);
        ASSERT_TRUE(server_->start());
        auto url = net::parse_url(server_->url());
        ASSERT_TRUE(url);
        sqs::ClientOptions client;
        client.endpoint = {*url, "us-east-1", true};
        client_ = std::make_unique<sqs::Client>(client, http_, credentials_, clock_);
    }

    // Runs one scene on the loop; the server lives on it too.
    void play(awaitable<void> scene) {
        boost::asio::co_spawn(loop_, std::move(scene), [this](std::exception_ptr error) {
            if (error) std::rethrow_exception(error);
            http_.close();
            server_->stop();
        });
        loop_.run();
    }

    awaitable<std::size_t> count_messages(std::string url) {
        auto asking = client_->get_queue_attributes(url, {"ApproximateNumberOfMessages"});
        auto attributes = co_await std::move(asking);
        EXPECT_TRUE(attributes);
        co_return attributes ? std::stoul(attributes->at("ApproximateNumberOfMessages")) : 0;
    }

    awaitable<void> set_fault(std::string rule) {
        net::HttpRequest request;
        request.url = *net::parse_url(server_->url() + "/_faults");
        request.body = std::move(rule);
        auto sending = http_.send(std::move(request));
        auto reply = co_await std::move(sending);
        EXPECT_TRUE(reply && reply->status == 200);
    }

    awaitable<SendReport> send(std::string lines, std::vector<std::string>* refused = nullptr,
                               std::function<void(SenderOptions&)> change = {}) {
        auto making = queue_url_of(*client_, "q", true);
        auto url = co_await std::move(making);
        EXPECT_TRUE(url);
        url_ = url.value_or("");
        std::istringstream stream(std::move(lines));
        auto source = lines_of(stream);
        SenderOptions options;
        options.refused = [refused](std::uint64_t line, std::string_view why) {
            if (refused != nullptr) refused->push_back(std::to_string(line) + " " + std::string(why));
        };
        if (change) change(options);
        auto sending = send_all(*client_, url_, *source, clock_, std::move(options));
        co_return co_await std::move(sending);
    }

    static std::string lines(int count) {
        std::string text;
        for (int i = 0; i < count; ++i) text += "{\"n\":" + std::to_string(i) + "}\n";
        return text;
    }

    SystemClock clock_;
    boost::asio::io_context loop_{1};
    std::unique_ptr<devqueue::Server> server_;
    net::HttpClient http_{loop_.get_executor()};
    AnyCredentials credentials_;
    std::unique_ptr<sqs::Client> client_;
    std::string url_;

   public:
    awaitable<void> everything_arrives() {
        auto report = co_await send(lines(1234));
        EXPECT_EQ(report.sent, 1234u);
        EXPECT_EQ(report.refused, 0u);
        EXPECT_FALSE(report.stopped_by);
        auto arrived = co_await count_messages(url_);
        EXPECT_EQ(arrived, 1234u);
    }

    // Without the first batch, which goes at once: 20 messages at 100 a second.
    awaitable<void> a_rate_is_kept() {
        const auto begun = clock_.now();
        auto report = co_await send(lines(30), nullptr, [](SenderOptions& options) { options.a_second = 100; });
        EXPECT_EQ(report.sent, 30u);
        EXPECT_GE(clock_.now() - begun, std::chrono::milliseconds(199));
        auto arrived = co_await count_messages(url_);
        EXPECT_EQ(arrived, 30u);
    }

    awaitable<void> a_stop_is_heard_while_the_rate_holds_back() {
        bool stop = false;
        auto report = co_await send(lines(30), nullptr, [&stop](SenderOptions& options) {
            options.a_second = 0.001;
            options.progress = [&stop](std::uint64_t) { stop = true; };
            options.stop = [&stop] { return stop; };
        });
        EXPECT_EQ(report.sent, 1u);
    }

    awaitable<void> failed_entries_are_sent_again() {
        std::string rule = R"({"operation":"SendMessageBatch","fault":"fail_entries","entries":3,"times":2})";
        co_await set_fault(std::move(rule));
        auto report = co_await send(lines(40));
        EXPECT_EQ(report.sent, 40u);
        EXPECT_EQ(report.refused, 0u);
        auto arrived = co_await count_messages(url_);
        EXPECT_EQ(arrived, 40u);
    }

    awaitable<void> refused_lines_are_named() {
        std::vector<std::string> refused;
        auto report = co_await send("a\n\x01\nb\n", &refused);
        EXPECT_EQ(report.sent, 2u);
        EXPECT_EQ(report.refused, 1u);
        EXPECT_EQ(refused.size(), 1u);
        EXPECT_TRUE(refused.front().starts_with("2 holds a character")) << refused.front();
    }

    awaitable<void> a_denied_call_ends_it() {
        std::string rule = R"({"operation":"SendMessageBatch","fault":"access_denied"})";
        co_await set_fault(std::move(rule));
        auto report = co_await send(lines(500));
        EXPECT_EQ(report.sent, 0u);
        EXPECT_TRUE(report.stopped_by);
        EXPECT_NE(report.stopped_by->kind, ErrorKind::Retry);
    }

    awaitable<void> an_absent_queue_is_made_only_when_asked() {
        auto looking = queue_url_of(*client_, "absent", false);
        auto absent = co_await std::move(looking);
        EXPECT_FALSE(absent);
        EXPECT_EQ(absent.error().code, "QueueDoesNotExist");
        auto making = queue_url_of(*client_, "absent", true);
        auto made = co_await std::move(making);
        EXPECT_TRUE(made);
        auto again = queue_url_of(*client_, "absent", false);
        auto found = co_await std::move(again);
        EXPECT_EQ(found.value_or("none"), made.value_or("made"));
        auto given = queue_url_of(*client_, "http://elsewhere/1/q", true);
        auto kept = co_await std::move(given);
        EXPECT_EQ(*kept, "http://elsewhere/1/q");
    }
};

TEST_F(Sending, delivers_everything_once) { play(everything_arrives()); }
TEST_F(Sending, keeps_to_a_rate) { play(a_rate_is_kept()); }
TEST_F(Sending, hears_a_stop_while_a_rate_holds_it_back) { play(a_stop_is_heard_while_the_rate_holds_back()); }
TEST_F(Sending, sends_failed_entries_again) { play(failed_entries_are_sent_again()); }
TEST_F(Sending, names_the_lines_that_sqs_does_not_take) { play(refused_lines_are_named()); }
TEST_F(Sending, ends_at_a_call_that_is_denied) { play(a_denied_call_ends_it()); }
TEST_F(Sending, makes_an_absent_queue_only_when_asked) { play(an_absent_queue_is_made_only_when_asked()); }

}  // namespace
}  // namespace sqs2pg::cli
