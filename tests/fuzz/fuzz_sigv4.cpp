// Arbitrary bytes as a request to sign, as an Authorization header, as a reply of AWS, as the CLI's files: never a
// crash; what we sign we accept ourselves, and one altered byte of the body is noticed.
#include <cstdint>
#include <cstdlib>
#include <string>
#include <vector>

#include "aws/command_output.h"
#include "aws/reply_text.h"
#include "aws/service_error.h"
#include "aws/shared_config.h"
#include "aws/sigv4.h"

namespace {

using namespace sqs2pg;

constexpr std::int64_t kNow = 1'440'938'160'000;

std::string take(std::string_view& input) {
    auto end = std::min(input.find('\n'), input.size());
    std::string part(input.substr(0, end));
    input.remove_prefix(std::min(end + 1, input.size()));
    return part;
}

void sign_and_verify(std::string_view input, aws::SigningOptions options) {
    aws::Credentials keys;
    keys.access_key_id = "AKIDEXAMPLE";
    keys.secret_access_key = Secret(take(input) + "s");
    keys.session_token = Secret(take(input));
    auto method = take(input);
    auto target = "/" + take(input);
    std::vector<aws::Header> headers{{"Host", "h"}, {"x-" + std::to_string(input.size()), take(input)}};
    std::string body(input);
    aws::Signer signer("us-east-1", "sqs", options);
    signer.sign(keys, method, target, headers, body, kNow);
    if (aws::verify_signature(keys, method, target, headers, body, kNow, options) != aws::SignatureVerdict::Valid) {
        std::abort();
    }
    body += 'x';
    if (aws::verify_signature(keys, method, target, headers, body, kNow, options) == aws::SignatureVerdict::Valid) {
        std::abort();
    }
}

void read_replies(const std::string& text) {
    if (auto json = aws::JsonReply::parse(text)) {
        (void)json->text("a.b");
        (void)json->number("a");
    }
    (void)aws::xml_text(text, "Code");
    (void)aws::parse_iso_time(text);
    net::HttpReply reply;
    reply.status = 400;
    reply.body = text;
    auto fault = aws::judge_service_reply(reply);
    if (fault.code.size() > 100) std::abort();
    (void)aws::command_words(text);
    (void)aws::access_key_of(text);
    aws::Credentials nobody;
    std::vector<aws::Header> headers{{"Authorization", text}, {"X-Amz-Date", "20150830T123600Z"}};
    (void)aws::verify_signature(nobody, "GET", "/", headers, "", kNow);
    (void)aws::parse_config_file(text, aws::FileKind::Config);
    (void)aws::parse_config_file(text, aws::FileKind::Credentials);
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    std::string text(reinterpret_cast<const char*>(data), size);
    read_replies(text);
    sign_and_verify(text, {});
    sign_and_verify(text, {.normalize_path = false, .double_encode_path = false, .send_content_sha256 = true});
    return 0;
}
