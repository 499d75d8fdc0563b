// Signature Version 4 against the published cases, and against its own checking side.
#include "aws/sigv4.h"

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <set>

#include <gtest/gtest.h>

namespace sqs2pg::aws {
namespace {

namespace fs = std::filesystem;

std::string read_file(const fs::path& path) {
    std::ifstream in(path, std::ios::binary);
    EXPECT_TRUE(in) << path;
    return {std::istreambuf_iterator<char>(in), {}};
}

// The folder of published vectors; empty when it is not there.
fs::path vectors() {
    const char* named = std::getenv("SQS2PG_VECTORS");
    if (named != nullptr) return fs::path(named) / "sigv4";
    // ../shared beside the checkout; programs run in a folder somewhere inside it.
    for (auto folder = fs::current_path(); folder.has_relative_path(); folder = folder.parent_path()) {
        if (fs::exists(folder / "shared/vectors/sigv4")) return folder / "shared/vectors/sigv4";
    }
    return {};
}

// The value of `key` in the flat, regular JSON of context.json, without quotes; empty when absent.
std::string context_value(const std::string& json, const std::string& key) {
    auto at = json.find("\"" + key + "\"");
    if (at == std::string::npos) return {};
    at = json.find(':', at) + 1;
    at = json.find_first_not_of(" ", at);
    if (json[at] == '"') return json.substr(at + 1, json.find('"', at + 1) - at - 1);
    return json.substr(at, json.find_first_of(",\n }", at) - at);
}

struct RawRequest {
    std::string method;
    std::string target;
    std::vector<Header> headers;
    std::string body;
};

RawRequest parse_request(const std::string& text) {
    RawRequest request;
    auto end = text.find('\n');
    auto start_line = text.substr(0, end);
    auto first = start_line.find(' ');
    auto last = start_line.rfind(' ');
    request.method = start_line.substr(0, first);
    request.target = start_line.substr(first + 1, last - first - 1);
    auto at = end + 1;
    while (at < text.size()) {
        end = std::min(text.find('\n', at), text.size());
        auto line = text.substr(at, end - at);
        at = end + 1;
        if (line.empty()) {
            request.body = at < text.size() ? text.substr(at) : "";
            break;
        }
        if (line.front() == ' ') {
            request.headers.back().second += "\n" + line;
            continue;
        }
        auto colon = line.find(':');
        request.headers.emplace_back(line.substr(0, colon), line.substr(colon + 1));
    }
    return request;
}

std::string serialized(const RawRequest& request) {
    std::string text = request.method + " " + request.target + " HTTP/1.1\n";
    for (const auto& [name, value] : request.headers) text += name + ":" + value + "\n";
    return text + "\n" + request.body;
}

// The headers of a signed request, names in lower case: the suite does not fix the order in which they are added.
std::multiset<std::string> header_lines(const std::string& text) {
    std::multiset<std::string> lines;
    for (auto& [name, value] : parse_request(text).headers) {
        for (char& c : name) c = static_cast<char>(std::tolower(static_cast<unsigned char>(c)));
        lines.insert(name + ":" + value);
    }
    return lines;
}

void expect_case_passes(const fs::path& folder) {
    SCOPED_TRACE(folder.filename().string());
    auto context = read_file(folder / "context.json");
    auto request = parse_request(read_file(folder / "request.txt"));
    Credentials credentials;
    credentials.access_key_id = context_value(context, "access_key_id");
    credentials.secret_access_key = Secret(context_value(context, "secret_access_key"));
    credentials.session_token = Secret(context_value(context, "token"));
    SigningOptions options;
    options.normalize_path = context_value(context, "normalize") == "true";
    options.send_content_sha256 = context_value(context, "sign_body") == "true";
    options.sign_session_token = context_value(context, "omit_session_token") != "true";
    ASSERT_EQ(context_value(context, "timestamp"), "2015-08-30T12:36:00Z");
    constexpr std::int64_t kNowMs = 1'440'938'160'000;

    Signer signer(context_value(context, "region"), context_value(context, "service"), options);
    signer.sign(credentials, request.method, request.target, request.headers, request.body, kNowMs);
    EXPECT_EQ(signer.canonical_request(), read_file(folder / "header-canonical-request.txt"));
    EXPECT_EQ(signer.string_to_sign(), read_file(folder / "header-string-to-sign.txt"));
    EXPECT_EQ(signer.signature(), read_file(folder / "header-signature.txt"));
    auto expected = read_file(folder / "header-signed-request.txt");
    EXPECT_EQ(header_lines(serialized(request)), header_lines(expected));
    EXPECT_EQ(parse_request(serialized(request)).body, parse_request(expected).body);
}

TEST(Sigv4, EveryPublishedCaseOfHeaderSigningPasses) {
    auto folder = vectors();
    if (folder.empty() || !fs::exists(folder)) {
        ASSERT_EQ(std::getenv("CI"), nullptr) << "the published vectors have to be there in CI: set SQS2PG_VECTORS";
        GTEST_SKIP() << "no vectors folder; set SQS2PG_VECTORS";
    }
    int cases = 0;
    for (const auto& entry : fs::directory_iterator(folder)) {
        if (!entry.is_directory()) continue;
        expect_case_passes(entry.path());
        ++cases;
    }
    EXPECT_EQ(cases, 38);
}

constexpr std::int64_t kNoon = 1'440'938'160'000;

Credentials example() {
    Credentials credentials;
    credentials.access_key_id = "AKIDEXAMPLE";
    credentials.secret_access_key = Secret("wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY");
    return credentials;
}

TEST(Sigv4, TheCachedSigningKeyFollowsTheDayAndTheSecret) {
    Signer kept("us-east-1", "sqs");
    auto signature = [](Signer& signer, const Credentials& credentials, std::int64_t now) {
        std::vector<Header> headers{{"Host", "h"}};
        signer.sign(credentials, "POST", "/", headers, "{}", now);
        return signer.signature();
    };
    auto other = example();
    other.secret_access_key = Secret("another");
    constexpr std::int64_t kDay = 86'400'000;
    for (auto now : {kNoon, kNoon + kDay, kNoon}) {
        for (const auto& credentials : {example(), other, example()}) {
            Signer fresh("us-east-1", "sqs");
            EXPECT_EQ(signature(kept, credentials, now), signature(fresh, credentials, now));
        }
    }
    EXPECT_NE(signature(kept, example(), kNoon), signature(kept, other, kNoon));
    EXPECT_NE(signature(kept, example(), kNoon), signature(kept, example(), kNoon + kDay));
}

struct Verify : testing::Test {
    Verify() { reset(); }
    void reset() {
        body = R"({"QueueUrl":"x"})";
        credentials = example();
        headers = {{"Host", "localhost:9324"}, {"Content-Type", "application/x-amz-json-1.0"}};
    }
    void sign() {
        Signer signer("eu-west-1", "sqs");
        signer.sign(credentials, "POST", "/", headers, body, kNoon);
        headers.emplace_back("User-Agent", "added after signing");
    }
    SignatureVerdict verdict(std::int64_t now = kNoon) {
        return verify_signature(example(), "POST", "/", headers, body, now);
    }
    std::string& value_of(const std::string& name) {
        for (auto& [key, value] : headers) {
            if (key == name) return value;
        }
        throw std::runtime_error("no header " + name);
    }
    Credentials credentials;
    std::vector<Header> headers;
    std::string body;
};

TEST_F(Verify, AcceptsWhatTheSignerSignedWithAndWithoutASessionToken) {
    sign();
    EXPECT_EQ(verdict(), SignatureVerdict::Valid);
    EXPECT_EQ(access_key_of(value_of("Authorization")), "AKIDEXAMPLE");
    reset();
    credentials.session_token = Secret("token");
    sign();
    EXPECT_EQ(verdict(), SignatureVerdict::Valid);
}

TEST_F(Verify, RefusesEveryAlteration) {
    sign();
    body += " ";
    EXPECT_EQ(verdict(), SignatureVerdict::Mismatch);
    reset();
    sign();
    value_of("Content-Type") = "text/plain";
    EXPECT_EQ(verdict(), SignatureVerdict::Mismatch);
    reset();
    credentials.secret_access_key = Secret("wrong");
    sign();
    EXPECT_EQ(verdict(), SignatureVerdict::Mismatch);
}

TEST_F(Verify, TellsOtherReasonsApart) {
    EXPECT_EQ(verdict(), SignatureVerdict::Missing);
    sign();
    EXPECT_EQ(verdict(kNoon + 14 * 60'000), SignatureVerdict::Valid);
    EXPECT_EQ(verdict(kNoon + 15 * 60'000), SignatureVerdict::Skewed);
    EXPECT_EQ(verdict(kNoon - 15 * 60'000), SignatureVerdict::Skewed);
    value_of("X-Amz-Date") = "yesterday";
    EXPECT_EQ(verdict(), SignatureVerdict::Malformed);
    reset();
    credentials.access_key_id = "AKIDOTHER";
    sign();
    EXPECT_EQ(verdict(), SignatureVerdict::UnknownKey);
    value_of("Authorization") = "AWS4-HMAC-SHA256 nonsense";
    EXPECT_EQ(verdict(), SignatureVerdict::Malformed);
}

}  // namespace
}  // namespace sqs2pg::aws
