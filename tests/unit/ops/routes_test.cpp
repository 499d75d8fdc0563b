// The ops port's answers, asked directly.
#include "ops/routes.h"

#include <gtest/gtest.h>

#include "ops/server.h"

namespace sqs2pg::ops {
namespace {

PipelineView running(std::string name) {
    PipelineView view;
    view.name = std::move(name);
    view.queue = "login-queue";
    view.table = "user_logins";
    view.workers = 2;
    view.state = PipelineState::Running;
    return view;
}

net::ServerReply ask(const ProcessView& view, std::string target, std::string method = "GET") {
    net::ServerRequest request;
    request.method = std::move(method);
    request.target = std::move(target);
    Sources sources{[&view] { return view; }, [] { return std::string("sqs2pg_x 1\n"); }};
    return answer(request, sources);
}

TEST(Ready, WhenEveryPipelineRuns) {
    ProcessView view;
    view.pipelines = {running("logins"), running("orders")};
    EXPECT_EQ(ask(view, "/readyz").status, 200);
}

TEST(Ready, NotBeforeAPipelineIsKnown) { EXPECT_EQ(ask({}, "/readyz").status, 503); }

TEST(Ready, APausedPipelineSaysItsCauseAndItsEnd) {
    ProcessView view;
    view.pipelines = {running("orders"), running("logins")};
    view.pipelines[1].figures.paused_cause = "42P01";
    view.pipelines[1].figures.paused_detail = "write: 42P01: the table is gone";
    view.pipelines[1].figures.paused_how_to_end = "create it";
    const auto reply = ask(view, "/readyz");
    EXPECT_EQ(reply.status, 503);
    EXPECT_EQ(reply.body, "logins: paused: write: 42P01: the table is gone; to end it: create it\n");
}

TEST(Ready, WaitingStartingFailedAndEndedAreNotReady) {
    for (const auto state :
         {PipelineState::Starting, PipelineState::Waiting, PipelineState::Failed, PipelineState::Ended}) {
        ProcessView view;
        view.pipelines = {running("logins")};
        view.pipelines[0].state = state;
        view.pipelines[0].cause = "refused";
        const auto reply = ask(view, "/readyz");
        EXPECT_EQ(reply.status, 503) << name_of(state);
        EXPECT_NE(reply.body.find(name_of(state)), std::string::npos) << reply.body;
    }
}

TEST(Ready, AnEndingProcessIsNotReady) {
    ProcessView view;
    view.pipelines = {running("logins")};
    view.stopping = true;
    EXPECT_EQ(ask(view, "/readyz").status, 503);
}

TEST(Health, IsAboutLoopsAndNotAboutPauses) {
    ProcessView view;
    view.pipelines = {running("logins")};
    view.pipelines[0].figures.paused_cause = "42P01";
    EXPECT_EQ(ask(view, "/healthz").status, 200);
    view.stuck_loops = {"logins worker 1"};
    const auto reply = ask(view, "/healthz");
    EXPECT_EQ(reply.status, 503);
    EXPECT_NE(reply.body.find("logins worker 1"), std::string::npos);
}

TEST(Status, IsTheWholeViewAsJson) {
    ProcessView view;
    view.version = "0.1.0";
    view.uptime_seconds = 12.34;
    view.pipelines = {running("lo\"gins")};
    auto& f = view.pipelines[0].figures;
    f.received = 10;
    f.inserted = 7;
    f.in_flight = 3;
    f.paused_cause = "brake";
    f.paused_detail = "too many bad messages";
    f.paused_how_to_end = "fix them";
    view.pipelines[0].messages_per_second = 123.44;
    EXPECT_EQ(ask(view, "/status").body,
              R"({"version":"0.1.0","uptime_seconds":12.3,"state":"running","pipelines":[{"name":"lo\"gins",)"
              R"("queue":"login-queue","table":"user_logins","workers":2,"state":"paused","cause":null,)"
              R"("paused":{"cause":"brake","detail":"too many bad messages","how_to_end":"fix them"},)"
              R"("messages_per_second":123.4,"messages":{"received":10,"inserted":7,"duplicate":0,"dead_lettered":0,)"
              R"("ignored":0,"released":0,"abandoned":0,"in_flight":3},"rows_written":0,"transactions":0,)"
              R"("transaction_seconds":0.000,"lag_seconds":0.000,"delete_failures":0,"blocked_groups":0}]})"
              "\n");
}

TEST(Routes, MetricsCarryThePrometheusContentType) {
    const auto reply = ask({}, "/metrics?x=1");
    EXPECT_EQ(reply.status, 200);
    EXPECT_EQ(reply.content_type, "text/plain; version=0.0.4; charset=utf-8");
    EXPECT_EQ(reply.body, "sqs2pg_x 1\n");
}

TEST(Routes, AnotherPathIs404AndAnotherMethod405) {
    EXPECT_EQ(ask({}, "/metricsx").status, 404);
    EXPECT_EQ(ask({}, "/metrics", "POST").status, 405);
    EXPECT_EQ(ask({}, "/", "HEAD").status, 200);
}

TEST(Listen, TakesHostAndPort) {
    const auto parsed = parse_listen("127.0.0.1:9464");
    ASSERT_TRUE(parsed.has_value() && parsed->has_value());
    EXPECT_EQ((*parsed)->host, "127.0.0.1");
    EXPECT_EQ((*parsed)->port, 9464);
    const auto six = parse_listen("[::1]:1");
    ASSERT_TRUE(six.has_value() && six->has_value());
    EXPECT_EQ((*six)->host, "::1");
}

TEST(Listen, OffIsNoAddress) {
    const auto parsed = parse_listen("off");
    ASSERT_TRUE(parsed.has_value());
    EXPECT_FALSE(parsed->has_value());
}

TEST(Listen, RefusesWhatIsNoAddress) {
    for (const char* text : {"", "9464", ":9464", "host:", "host:99999", "host:12x", "::1:9464", "host:-1"}) {
        EXPECT_FALSE(parse_listen(text).has_value()) << text;
    }
}

}  // namespace
}  // namespace sqs2pg::ops
