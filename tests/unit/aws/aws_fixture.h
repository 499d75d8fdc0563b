// A home folder with AWS files of its own, an environment that points to it, and a server that plays AWS.
#pragma once

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <map>
#include <string>

#include <gtest/gtest.h>

#include "aws/credentials_chain.h"
#include "aws/credentials_pool.h"
#include "aws/reply_text.h"
#include "aws/sigv4.h"
#include "unit/aws/scripted_service.h"

namespace sqs2pg::aws {

namespace fs = std::filesystem;

struct Aws : testing::Test {
    Aws() {
        std::string pattern = (fs::temp_directory_path() / "sqs2pg-aws-XXXXXX").string();
        home = mkdtemp(pattern.data());
        fs::create_directories(home / ".aws/sso/cache");
        variables["HOME"] = home.string();
        variables["AWS_EC2_METADATA_DISABLED"] = "true";
    }
    ~Aws() override { fs::remove_all(home); }

    void write(const std::string& name, const std::string& text) { std::ofstream(home / name) << text; }
    std::string path(const std::string& name) const { return (home / name).string(); }

    Environment environment() {
        return [this](const std::string& name) -> std::optional<std::string> {
            auto found = variables.find(name);
            if (found == variables.end() || found->second.empty()) return std::nullopt;
            return found->second;
        };
    }

    SourceContext context(std::string profile = {}) {
        SourceContext context{.http = http, .clock = clock, .environment = environment()};
        context.configured.profile = std::move(profile);
        context.command_deadline = command_deadline;
        context.container_origin = server.origin();
        context.metadata_origin = server.origin();
        return context;
    }

    Result<Credentials> credentials(std::string profile = {}) {
        CredentialsChain chain(context(std::move(profile)));
        return test::run(loop, chain.credentials());
    }

    // The sentence of the failure; the test fails when there is none.
    std::string refusal(std::string profile = {}) {
        auto found = credentials(std::move(profile));
        EXPECT_FALSE(found);
        return found ? std::string() : found.error().detail;
    }

    // STS as the next reply: an hour of credentials with this key.
    void sts(const std::string& key) {
        server.answer(200, "<AssumeRoleResponse><AssumeRoleResult><Credentials><AccessKeyId>" + key +
                               "</AccessKeyId><SecretAccessKey>secret-of-" + key +
                               "</SecretAccessKey><SessionToken>token-of-" + key +
                               "</SessionToken><Expiration>2026-11-25T11:00:00Z</Expiration></Credentials>"
                               "</AssumeRoleResult></AssumeRoleResponse>");
    }

    // A metadata or container service as the next reply.
    void metadata(const std::string& key, const std::string& expiration = "2026-11-25T16:00:00Z") {
        server.answer(200, R"({"Code":"Success","AccessKeyId":")" + key +
                               R"(","SecretAccessKey":"secret","Token":"token","Expiration":")" + expiration + "\"}");
    }

    SignatureVerdict verdict_of(const net::ServerRequest& request, const std::string& key, const std::string& secret) {
        Credentials known;
        known.access_key_id = key;
        known.secret_access_key = Secret(secret);
        return verify_signature(known, request.method, request.target, request.headers, request.body, clock.wall_ms());
    }

    fs::path home;
    std::map<std::string, std::string> variables;
    std::chrono::milliseconds command_deadline{10000};
    boost::asio::io_context loop{1};
    test::ScriptedService server{loop};
    net::HttpClient http{loop.get_executor()};
    test::SwiftClock clock;
};

inline bool contains(const std::string& text, const std::string& part) { return text.find(part) != std::string::npos; }

}  // namespace sqs2pg::aws
