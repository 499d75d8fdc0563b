// Error replies of AWS services, see service_error.h.
#include "aws/service_error.h"

#include <algorithm>
#include <iterator>

#include "aws/reply_text.h"

namespace sqs2pg::aws {
namespace {

constexpr std::size_t kLongestCode = 100;
constexpr std::size_t kLongestMessage = 400;
constexpr std::size_t kLongestBodyRead = 64 * 1024;

struct Rule {
    std::string_view code;  // with "*" at its end: a prefix
    ErrorKind kind;
    ServiceRemedy remedy;
    std::string_view advice;
};

constexpr std::string_view kGrant = "the identity in use lacks the right: a policy has to allow it";
constexpr std::string_view kKeys =
    "the access key is refused: check which credentials are in use, and whether they expired";
constexpr std::string_view kSecret =
    "the signature is refused although the clocks agree: the secret access key is wrong";
constexpr std::string_view kClock = "the clocks differ too much: set this machine's";
constexpr std::string_view kOptIn = "the account has to opt in to this region or service";

// The first that matches decides.
constexpr Rule kRules[] = {
    {"Throttling*", ErrorKind::Throttled, ServiceRemedy::Again, ""},
    {"ThrottledException", ErrorKind::Throttled, ServiceRemedy::Again, ""},
    {"RequestThrottled*", ErrorKind::Throttled, ServiceRemedy::Again, ""},
    {"TooManyRequestsException", ErrorKind::Throttled, ServiceRemedy::Again, ""},
    {"RequestLimitExceeded", ErrorKind::Throttled, ServiceRemedy::Again, ""},
    {"BandwidthLimitExceeded", ErrorKind::Throttled, ServiceRemedy::Again, ""},
    {"LimitExceededException", ErrorKind::Throttled, ServiceRemedy::Again, ""},
    {"ProvisionedThroughputExceededException", ErrorKind::Throttled, ServiceRemedy::Again, ""},
    {"TransactionInProgressException", ErrorKind::Throttled, ServiceRemedy::Again, ""},
    {"EC2ThrottledException", ErrorKind::Throttled, ServiceRemedy::Again, ""},
    {"PriorRequestNotComplete", ErrorKind::Throttled, ServiceRemedy::Again, ""},
    {"SlowDown*", ErrorKind::Throttled, ServiceRemedy::Again, ""},
    {"AccessDenied*", ErrorKind::Configuration, ServiceRemedy::None, kGrant},
    {"AuthorizationError*", ErrorKind::Configuration, ServiceRemedy::None, kGrant},
    {"UnauthorizedOperation", ErrorKind::Configuration, ServiceRemedy::None, kGrant},
    {"NotAuthorized", ErrorKind::Configuration, ServiceRemedy::None, kGrant},
    {"ExpiredToken*", ErrorKind::Credentials, ServiceRemedy::NewCredentials, kKeys},
    {"InvalidClientTokenId*", ErrorKind::Credentials, ServiceRemedy::NewCredentials, kKeys},
    {"UnrecognizedClient*", ErrorKind::Credentials, ServiceRemedy::NewCredentials, kKeys},
    {"InvalidAccessKeyId*", ErrorKind::Credentials, ServiceRemedy::NewCredentials, kKeys},
    {"InvalidToken", ErrorKind::Credentials, ServiceRemedy::NewCredentials, kKeys},
    {"TokenRefreshRequired", ErrorKind::Credentials, ServiceRemedy::NewCredentials, kKeys},
    {"AuthFailure", ErrorKind::Credentials, ServiceRemedy::CheckClock, kKeys},
    {"RequestTimeTooSkewed*", ErrorKind::Credentials, ServiceRemedy::CheckClock, kClock},
    {"RequestExpired*", ErrorKind::Credentials, ServiceRemedy::CheckClock, kClock},
    {"RequestInTheFuture*", ErrorKind::Credentials, ServiceRemedy::CheckClock, kClock},
    {"SignatureDoesNotMatch*", ErrorKind::Credentials, ServiceRemedy::CheckClock, kSecret},
    {"InvalidSignature*", ErrorKind::Credentials, ServiceRemedy::CheckClock, kSecret},
    {"IncompleteSignature*", ErrorKind::Credentials, ServiceRemedy::None, kKeys},
    {"MissingAuthenticationToken*", ErrorKind::Credentials, ServiceRemedy::None, kKeys},
    {"OptInRequired", ErrorKind::Configuration, ServiceRemedy::None, kOptIn},
    {"RegionDisabledException", ErrorKind::Configuration, ServiceRemedy::None, kOptIn},
    {"PermanentRedirect", ErrorKind::Configuration, ServiceRemedy::None, "it is in another region: name that one"},
    {"AuthorizationHeaderMalformed", ErrorKind::Configuration, ServiceRemedy::None,
     "it is in another region: name that one"},
    {"IDPCommunicationError*", ErrorKind::Retry, ServiceRemedy::Again, "AWS could not reach the identity provider"},
    {"RequestTimeout*", ErrorKind::Retry, ServiceRemedy::Again, ""},
    {"InternalError*", ErrorKind::Retry, ServiceRemedy::Again, ""},
    {"InternalFailure", ErrorKind::Retry, ServiceRemedy::Again, ""},
    {"InternalServiceError*", ErrorKind::Retry, ServiceRemedy::Again, ""},
    {"ServiceUnavailable*", ErrorKind::Retry, ServiceRemedy::Again, ""},
    {"KMSInternalException", ErrorKind::Retry, ServiceRemedy::Again, ""},
    {"DependencyTimeoutException", ErrorKind::Retry, ServiceRemedy::Again, ""},
};

const Rule* rule_of(std::string_view code) {
    if (code.empty()) return nullptr;
    const auto* rule = std::find_if(std::begin(kRules), std::end(kRules), [&](const Rule& candidate) {
        auto pattern = candidate.code;
        if (!pattern.ends_with('*')) return code == pattern;
        return code.starts_with(pattern.substr(0, pattern.size() - 1));
    });
    return rule == std::end(kRules) ? nullptr : rule;
}

// "com.amazonaws.sqs#QueueDoesNotExist:http://…" is "QueueDoesNotExist"; empty for what is no name.
std::string name_in(std::string_view text) {
    text = text.substr(text.find('#') + 1);  // npos + 1 is 0
    text = text.substr(0, text.find(':'));
    bool plain = !text.empty() && text.size() <= kLongestCode && std::all_of(text.begin(), text.end(), [](char c) {
        return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '.' || c == '_' ||
               c == '-';
    });
    return plain ? std::string(text) : std::string();
}

// AWS's own sentence on a missing right names identity, action and resource, and nothing else: worth showing. Of other
// messages some repeat the request that was sent, headers included.
std::string denial_of(const std::string& body) {
    std::optional<std::string> message;
    if (auto json = JsonReply::parse(body)) {
        message = json->text("message");
        if (!message) message = json->text("Message");
    } else {
        message = xml_text(body, "Message");
    }
    if (!message || !message->starts_with("User: arn:") || message->size() > kLongestMessage) return {};
    bool printable = std::all_of(message->begin(), message->end(), [](char c) { return c >= ' ' && c <= '~'; });
    return printable ? *message : std::string();
}

}  // namespace

std::string service_error_code(const net::HttpReply& reply) {
    if (const auto* type = reply.header("x-amzn-errortype")) {
        if (auto name = name_in(*type); !name.empty()) return name;
    }
    if (reply.body.size() > kLongestBodyRead) return {};
    if (auto json = JsonReply::parse(reply.body)) {
        for (const auto* member : {"__type", "code", "Code", "error"}) {
            auto text = json->text(member);
            if (auto name = text ? name_in(*text) : std::string(); !name.empty()) return name;
        }
        return {};
    }
    return name_in(xml_text(reply.body, "Code").value_or(""));
}

ServiceFault judge_service_reply(const net::HttpReply& reply) {
    ServiceFault fault;
    auto code = service_error_code(reply);
    fault.code = code.empty() ? "http_" + std::to_string(reply.status) : code;
    const auto* rule = rule_of(code);
    if (rule != nullptr) {
        fault.kind = rule->kind;
        fault.remedy = rule->remedy;
        fault.advice = rule->advice;
        if (rule->advice == kGrant) {
            auto denial = denial_of(reply.body);
            if (!denial.empty()) fault.advice = denial;
        }
        const auto* region = reply.header("x-amz-bucket-region");
        if (region != nullptr && !name_in(*region).empty()) fault.advice = "the bucket is in region " + *region;
        return fault;
    }
    switch (reply.status) {
        case 429:
            fault.kind = ErrorKind::Throttled;
            fault.remedy = ServiceRemedy::Again;
            break;
        case 408:
        case 500:
        case 502:
        case 503:
        case 504:
            fault.kind = ErrorKind::Retry;
            fault.remedy = ServiceRemedy::Again;
            break;
        case 401:
        case 403:
            fault.kind = ErrorKind::Configuration;
            fault.advice = kGrant;
            break;
        default:
            fault.kind = reply.status >= 500 ? ErrorKind::Retry : ErrorKind::Configuration;
            if (code.empty() && reply.status < 500) fault.advice = "this is no answer of AWS: check the endpoint";
    }
    return fault;
}

}  // namespace sqs2pg::aws
