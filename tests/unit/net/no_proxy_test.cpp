// NO_PROXY and proxies' URLs: every form, and what is none.
#include "net/no_proxy.h"

#include <gtest/gtest.h>

#include "net/proxy.h"

namespace sqs2pg::net {
namespace {

struct Row {
    const char* text;
    const char* host;
    int port;
    bool direct;
};

TEST(NoProxy, EveryFormOfAnEntry) {
    const Row rows[] = {
        {"", "example.com", 443, false},
        {"*", "example.com", 443, true},
        {"other.org,*", "::1", 443, true},
        {"example.com", "example.com", 443, true},
        {"example.com", "sqs.example.com", 443, true},
        {"example.com", "notexample.com", 443, false},
        {"example.com", "example.com.evil.org", 443, false},
        {".example.com", "example.com", 443, true},
        {".example.com", "a.b.example.com", 443, true},
        {"*.example.com", "a.example.com", 443, true},
        {"EXAMPLE.Com.", "a.example.com", 443, true},
        {"example.com", "example.com.", 443, true},
        {" a.org , b.org\tc.org", "c.org", 443, true},
        {"a.org b.org", "b.org", 443, true},
        {"example.com:8443", "example.com", 8443, true},
        {"example.com:8443", "example.com", 443, false},
        {"10.0.0.1", "10.0.0.1", 443, true},
        {"10.0.0.1:80", "10.0.0.1", 443, false},
        {"10.0.0.1", "10.0.0.10", 443, false},
        {"10.0.0.0/8", "10.200.3.4", 443, true},
        {"10.0.0.0/8", "11.0.0.1", 443, false},
        {"10.1.128.0/17", "10.1.129.1", 443, true},
        {"10.1.128.0/17", "10.1.127.1", 443, false},
        {"0.0.0.0/0", "8.8.8.8", 443, true},
        {"0.0.0.0/0", "2001:db8::1", 443, false},
        {"fd00::/8", "fd12::1", 443, true},
        {"fd00::/8", "fe80::1", 443, false},
        {"2001:db8::1", "2001:db8:0::1", 443, true},
        {"[2001:db8::1]:8443", "2001:db8::1", 8443, true},
        {"[2001:db8::1]:8443", "2001:db8::1", 443, false},
        {"::ffff:10.0.0.1", "10.0.0.1", 443, true},
        // A name is no address, whatever it ends in.
        {"0.1", "10.0.0.1", 443, false},
        {"10.0.0.0/8", "ten.example.com", 443, false},
        // What cannot be read is passed over, and the rest counts.
        {"10.0.0.0/33,[::1,example.com:port,a/b,,.,x.org", "x.org", 443, true},
        {"10.0.0.0/33", "10.0.0.0", 443, false},
        {"10.0.0.0/", "10.0.0.0", 443, false},
        {"example.com:99999", "example.com", 443, false},
    };
    for (const auto& row : rows) {
        EXPECT_EQ(NoProxy(row.text).matches(row.host, static_cast<std::uint16_t>(row.port)), row.direct)
            << "NO_PROXY=" << row.text << " " << row.host << ":" << row.port;
    }
}

TEST(NoProxy, ThisMachineAndItsLinkAreAlwaysReachedDirectly) {
    for (const auto* host : {"localhost", "a.localhost", "127.0.0.1", "127.8.8.8", "::1", "169.254.169.254",
                             "169.254.170.2", "169.254.170.23", "fd00:ec2::254", "fd00:ec2::23", "fe80::1"}) {
        EXPECT_TRUE(is_always_direct(host)) << host;
    }
    for (const auto* host : {"localhost.example.com", "notlocalhost", "10.0.0.1", "169.253.1.1", "fd00:ec3::1"}) {
        EXPECT_FALSE(is_always_direct(host)) << host;
    }
}

TEST(Proxy, EveryFormOfItsUrl) {
    struct Good {
        const char* text;
        const char* shown;
        const char* authorization;
    };
    const Good rows[] = {
        {"http://proxy:3128", "the proxy http://proxy:3128 (X)", ""},
        {"proxy:3128", "the proxy http://proxy:3128 (X)", ""},
        {"proxy.example.com", "the proxy http://proxy.example.com (X)", ""},
        {"https://proxy/", "the proxy https://proxy (X)", ""},
        {"HTTP://Proxy:80/ignored?x#y", "the proxy http://proxy (X)", ""},
        {"http://[2001:db8::1]:3128", "the proxy http://[2001:db8::1]:3128 (X)", ""},
        {"http://user:pass@proxy:3128", "the proxy http://proxy:3128 (X)", "Basic dXNlcjpwYXNz"},
        {"user@proxy:3128", "the proxy http://proxy:3128 (X)", "Basic dXNlcjo="},
        {"http://us%65r:p%40ss%3A@proxy", "the proxy http://proxy (X)", "Basic dXNlcjpwQHNzOg=="},
        {"http://user:p@ss/w#rd@proxy:3128", "the proxy http://proxy:3128 (X)", "Basic dXNlcjpwQHNzL3cjcmQ="},
        {"http://u:100%@proxy", "the proxy http://proxy (X)", "Basic dToxMDAl"},
    };
    for (const auto& row : rows) {
        auto proxy = parse_proxy(row.text, "X");
        ASSERT_TRUE(proxy) << row.text << ": " << proxy.error().detail;
        EXPECT_EQ(proxy->shown(), row.shown) << row.text;
        EXPECT_EQ(proxy->authorization.reveal(), row.authorization) << row.text;
    }
}

TEST(Proxy, WhatIsNoneIsASentenceWithoutThePassword) {
    for (const auto* text : {"socks5://u:hunter2@proxy:1080", "socks5h://proxy", "ftp://u:hunter2@proxy", "http://",
                             "http://u:hunter2@", "http://u:hunter2@proxy:port", "u:hunter2@pro xy", "http://[::1"}) {
        auto proxy = parse_proxy(text, "HTTPS_PROXY");
        ASSERT_FALSE(proxy) << text;
        EXPECT_EQ(proxy.error().kind, ErrorKind::Configuration);
        EXPECT_TRUE(proxy.error().detail.starts_with("HTTPS_PROXY: ")) << proxy.error().detail;
        EXPECT_EQ(proxy.error().detail.find("hunter2"), std::string::npos) << proxy.error().detail;
    }
    EXPECT_NE(parse_proxy("socks5://proxy", "X").error().detail.find("SOCKS"), std::string::npos);
}

TEST(Proxy, TheSchemeOfTheTargetChoosesAndAMistakeConcernsOnlyItsOwn) {
    ProxyRules rules({.https = "secure:1",
                      .https_from = "HTTPS_PROXY",
                      .http = "socks5://x",
                      .http_from = "HTTP_PROXY",
                      .no_proxy = "internal",
                      .no_proxy_from = "NO_PROXY"});
    auto of = [&](const char* url) { return rules.choose(*parse_url(url)); };
    ASSERT_TRUE(of("https://sqs.eu-west-1.amazonaws.com"));
    EXPECT_EQ((*of("https://sqs.eu-west-1.amazonaws.com"))->url.host, "secure");
    EXPECT_EQ(*of("https://a.internal"), nullptr);
    EXPECT_EQ(*of("https://localhost:4566"), nullptr);
    EXPECT_EQ(*of("http://169.254.169.254/latest"), nullptr);
    auto plain = of("http://queue.example.com");
    ASSERT_FALSE(plain);
    EXPECT_EQ(plain.error().code, "bad_proxy");
    EXPECT_EQ(rules.explain(*parse_url("https://x.org")), "through the proxy http://secure:1 (HTTPS_PROXY)");
    EXPECT_EQ(rules.explain(*parse_url("https://x.internal")), "directly (NO_PROXY names the host)");
    EXPECT_EQ(ProxyRules().explain(*parse_url("https://x.org")), "");
}

}  // namespace
}  // namespace sqs2pg::net
