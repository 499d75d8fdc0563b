// URLs: what is taken apart how, and what is refused without repeating it.
#include "net/url.h"

#include <gtest/gtest.h>

namespace sqs2pg::net {
namespace {

struct Good {
    const char* text;
    bool tls;
    const char* host;
    int port;
    const char* target;
    const char* host_header;
    const char* origin;
};

TEST(Url, PartsAreTakenApart) {
    const Good cases[] = {
        {"http://localhost", false, "localhost", 80, "/", "localhost", "http://localhost"},
        {"HTTPS://SQS.eu-west-1.amazonaws.com/123/Q", true, "sqs.eu-west-1.amazonaws.com", 443, "/123/Q",
         "sqs.eu-west-1.amazonaws.com", "https://sqs.eu-west-1.amazonaws.com"},
        {"http://127.0.0.1:9324/000/q?a=b", false, "127.0.0.1", 9324, "/000/q?a=b", "127.0.0.1:9324",
         "http://127.0.0.1:9324"},
        {"http://[FD00:ec2::23]:8080/x", false, "fd00:ec2::23", 8080, "/x", "[fd00:ec2::23]:8080",
         "http://[fd00:ec2::23]:8080"},
        {"https://[::1]", true, "::1", 443, "/", "[::1]", "https://[::1]"},
        {"https://host:443/", true, "host", 443, "/", "host", "https://host"},
        {"https://host?x=1", true, "host", 443, "/?x=1", "host", "https://host"},
        {"http://my_queue.local:80/a/../b", false, "my_queue.local", 80, "/a/../b", "my_queue.local",
         "http://my_queue.local"},
    };
    for (const auto& c : cases) {
        auto url = parse_url(c.text);
        ASSERT_TRUE(url) << c.text;
        EXPECT_EQ(url->tls, c.tls) << c.text;
        EXPECT_EQ(url->host, c.host) << c.text;
        EXPECT_EQ(url->port, c.port) << c.text;
        EXPECT_EQ(url->target, c.target) << c.text;
        EXPECT_EQ(url->host_header(), c.host_header) << c.text;
        EXPECT_EQ(url->origin(), c.origin) << c.text;
    }
}

TEST(Url, WhatIsNotAnHttpUrlIsRefusedAsConfiguration) {
    const char* cases[] = {"",
                           "queue",
                           "ftp://host/",
                           "http:/host",
                           "http://",
                           "http:///path",
                           "http://:80/",
                           "http://host:0/",
                           "http://host:65536/",
                           "http://host:/",
                           "http://host:8o/",
                           "http://host:-1/",
                           "http://[::1/",
                           "http://[::1]x/",
                           "http://[localhost]/",
                           "http://ho st/",
                           "http://host/a b",
                           "http://host/\r\nX: y",
                           "http://h\xc3\xb6st/",
                           "http://host/#top",
                           "http://ho<st/"};
    for (const auto* text : cases) {
        auto url = parse_url(text);
        ASSERT_FALSE(url) << text;
        EXPECT_EQ(url.error().kind, ErrorKind::Configuration) << text;
        EXPECT_EQ(url.error().code, "bad_url") << text;
        EXPECT_FALSE(url.error().detail.empty()) << text;
    }
}

TEST(Url, APasswordInTheUrlIsRefusedAndNotRepeated) {
    auto url = parse_url("https://me:geheim@host/");
    ASSERT_FALSE(url);
    EXPECT_EQ(url.error().detail.find("geheim"), std::string::npos);
    EXPECT_EQ(url.error().detail.find("me:"), std::string::npos);
}

}  // namespace
}  // namespace sqs2pg::net
