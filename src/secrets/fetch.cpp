// The calls and their replies, see fetch.h.
#include "secrets/fetch.h"

#include <optional>
#include <utility>

#include <fmt/format.h>

#include "aws/json_text.h"
#include "aws/reply_text.h"
#include "aws/small_file.h"
#include "secrets/refusal.h"
#include "secrets/value.h"

namespace sqs2pg::secrets {
namespace {

// JSON may write each byte of a secret as six.
constexpr std::size_t kMostReplyBytes = 8 * kMostBytes;
// KMS takes ciphertexts of up to 6144 bytes.
constexpr std::size_t kMostWrappedBytes = 6144;

tl::unexpected<Error> mistake(std::string code, const Reference& reference, std::string_view sentence) {
    return fail(ErrorKind::Configuration, Stage::Start, std::move(code),
                fmt::format("{} {}", shown(reference), sentence));
}

aws::Service service_of(const Reference& reference) {
    if (reference.keeper == Keeper::Ssm) return aws::Service::Ssm;
    return reference.keeper == Keeper::KmsFile ? aws::Service::Kms : aws::Service::SecretsManager;
}

std::string place_of(const aws::Endpoint& endpoint) {
    return fmt::format("region {}, {}", endpoint.region, endpoint.url.origin());
}

// The body, wiped with the value.
Result<Secret> request_body(const Reference& reference) {
    std::string body;
    if (reference.keeper == Keeper::SecretsManager) {
        body = R"({"SecretId":)";
        aws::append_json_string(body, reference.name);
        body += '}';
        return Secret(std::move(body));
    }
    if (reference.keeper == Keeper::Ssm) {
        body = R"({"WithDecryption":true,"Name":)";
        aws::append_json_string(body, reference.name);
        body += '}';
        return Secret(std::move(body));
    }
    auto wrapped = aws::read_token_file(reference.name, 2 * kMostWrappedBytes);
    if (!wrapped) return fail(ErrorKind::Configuration, Stage::Start, "kms_file", wrapped.error().detail);
    // Checked before it is sent: a key file in the clear, named here by mistake, stays on this machine.
    const auto bytes = decode_base64(wrapped->reveal());
    if (!bytes || bytes->reveal().size() > kMostWrappedBytes) {
        return mistake("kms_file", reference,
                       "holds no ciphertext of KMS in base64 (is it the key file itself?): `aws kms encrypt … --query "
                       "CiphertextBlob --output text` makes one");
    }
    std::string packed;
    for (char c : wrapped->reveal()) {
        if (c > ' ') packed += c;
    }
    body = fmt::format(R"({{"CiphertextBlob":"{}","EncryptionContext":{{"{}":"{}"}}}})", packed, kContextName,
                       kContextValue);
    return Secret(std::move(body));
}

std::string target_of(const Reference& reference) {
    if (reference.keeper == Keeper::Ssm) return "AmazonSSM.GetParameter";
    return reference.keeper == Keeper::KmsFile ? "TrentService.Decrypt" : "secretsmanager.GetSecretValue";
}

Result<Fetched> read_reply(const aws::JsonReply& json, const Reference& reference) {
    Fetched fetched;
    std::optional<std::string> text;
    if (reference.keeper == Keeper::SecretsManager) {
        text = json.text("SecretString");
        fetched.version = json.text("VersionId").value_or("");
        if (!text && json.has("SecretBinary")) {
            return mistake("secret_binary", reference,
                           "is binary: store it as text (`aws secretsmanager put-secret-value --secret-string`)");
        }
    } else if (reference.keeper == Keeper::Ssm) {
        text = json.text("Parameter.Value");
        if (const auto number = json.number("Parameter.Version")) fetched.version = std::to_string(*number);
        fetched.plain = json.text("Parameter.Type").value_or("") != "SecureString";
    } else {
        text = json.text("Plaintext");
        fetched.version = json.text("KeyId").value_or("");
    }
    if (!text) {
        return fail(ErrorKind::Configuration, Stage::Start, "secret_bad_reply",
                    shown(reference) + ": the reply holds no secret: check the endpoint");
    }
    fetched.value = Secret(std::move(*text));
    if (reference.keeper == Keeper::KmsFile) {
        auto bytes = decode_base64(fetched.value.reveal());
        if (!bytes) return mistake("secret_bad_reply", reference, "was answered with something that is no base64");
        fetched.value = std::move(*bytes);
    }
    if (fetched.value.reveal().size() > kMostBytes) {
        return mistake("secret_too_large", reference, "is larger than 64 KiB");
    }
    return fetched;
}

awaitable<Result<aws::ServiceReply>> call(const Reference& reference, FetchContext& context, std::string target,
                                          Secret body) {
    // `reference` and `context` are the caller's, which waits.
    auto endpoint =
        aws::service_endpoint(service_of(reference), context.configured, context.environment, region_of(reference));
    if (!endpoint) {
        endpoint.error().detail = fmt::format("{} cannot be had: {}", shown(reference), endpoint.error().detail);
        co_return fail(std::move(endpoint.error()));
    }
    auto request = aws::json_request(service_of(reference), *endpoint, target, std::string(body.reveal()));
    request.max_reply_bytes = kMostReplyBytes;
    auto reply = co_await context.client.call(std::move(request));
    if (!reply) co_return fail(explained(std::move(reply.error()), reference, place_of(*endpoint)));
    co_return reply;
}

}  // namespace

awaitable<Result<Fetched>> fetch(Reference reference, FetchContext context) {
    auto body = request_body(reference);
    if (!body) co_return fail(std::move(body.error()));
    auto reply = co_await call(reference, context, target_of(reference), std::move(*body));
    if (!reply) co_return fail(std::move(reply.error()));
    const Secret text(std::move(reply->body));
    const auto json = aws::JsonReply::parse(text.reveal());
    if (!json) {
        co_return fail(ErrorKind::Configuration, Stage::Start, "secret_bad_reply",
                       shown(reference) + ": this is no answer of AWS: check the endpoint");
    }
    co_return read_reply(*json, reference);
}

awaitable<Result<std::string>> rotation_of(Reference reference, FetchContext context) {
    if (reference.keeper != Keeper::SecretsManager) co_return std::string();
    auto body = request_body(reference);
    if (!body) co_return fail(std::move(body.error()));
    auto reply = co_await call(reference, context, "secretsmanager.DescribeSecret", std::move(*body));
    if (!reply) co_return fail(std::move(reply.error()));
    const auto json = aws::JsonReply::parse(reply->body);
    if (!json) co_return std::string();
    const auto days = json->number("RotationRules.AutomaticallyAfterDays");
    if (days && *days > 0) co_return fmt::format("rotated every {} {}", *days, *days == 1 ? "day" : "days");
    co_return json->text("RotationRules.ScheduleExpression") ? "rotated on a schedule" : "not rotated by AWS";
}

}  // namespace sqs2pg::secrets
