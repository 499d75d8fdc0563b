// The table of SQS's error codes, see faults.h.
#include "sqs/faults.h"

#include <algorithm>

namespace sqs2pg::sqs {
namespace {

using Rule = FaultRule;

constexpr std::string_view kGrant = "the identity in use lacks the right: its policy, or the queue's, has to allow it";
constexpr std::string_view kKmsGrant = "the queue is encrypted: the identity needs kms:Decrypt on the queue's key";
constexpr std::string_view kKeys =
    "the access key is refused: check which credentials are in use, and whether they expired";
constexpr std::string_view kNoQueue =
    "there is no such queue in this region and account: check its name and aws.region";
constexpr std::string_view kSecret =
    "the signature is refused although the clocks agree: the secret access key is wrong";

// The first that matches decides.
constexpr Rule kRules[] = {
    {"QueueDoesNotExist", ErrorKind::Configuration, Remedy::None, kNoQueue},
    {"AWS.SimpleQueueService.NonExistentQueue", ErrorKind::Configuration, Remedy::None, kNoQueue},
    {"InvalidAddress", ErrorKind::Configuration, Remedy::None, kNoQueue},
    {"OverLimit", ErrorKind::Throttled, Remedy::Again, "too many messages of this queue are in flight"},
    {"AWS.SimpleQueueService.OverLimit", ErrorKind::Throttled, Remedy::Again, "too many messages are in flight"},
    {"Throttling*", ErrorKind::Throttled, Remedy::Again, ""},
    {"RequestThrottled*", ErrorKind::Throttled, Remedy::Again, ""},
    {"ThrottledException", ErrorKind::Throttled, Remedy::Again, ""},
    {"TooManyRequestsException", ErrorKind::Throttled, Remedy::Again, ""},
    {"RequestLimitExceeded", ErrorKind::Throttled, Remedy::Again, ""},
    {"BandwidthLimitExceeded", ErrorKind::Throttled, Remedy::Again, ""},
    {"LimitExceededException", ErrorKind::Throttled, Remedy::Again, ""},
    {"ProvisionedThroughputExceededException", ErrorKind::Throttled, Remedy::Again, ""},
    {"TransactionInProgressException", ErrorKind::Throttled, Remedy::Again, ""},
    {"PriorRequestNotComplete", ErrorKind::Throttled, Remedy::Again, ""},
    {"SlowDown", ErrorKind::Throttled, Remedy::Again, ""},
    {"KmsThrottled", ErrorKind::Throttled, Remedy::Again, ""},
    {"KMS.ThrottlingException", ErrorKind::Throttled, Remedy::Again, ""},
    {"KmsAccessDenied", ErrorKind::Configuration, Remedy::None, kKmsGrant},
    {"KMS.AccessDeniedException", ErrorKind::Configuration, Remedy::None, kKmsGrant},
    {"Kms*", ErrorKind::Configuration, Remedy::None,
     "the key of the encrypted queue cannot be used: look at it in KMS"},
    {"KMS.*", ErrorKind::Configuration, Remedy::None,
     "the key of the encrypted queue cannot be used: look at it in KMS"},
    {"AccessDenied*", ErrorKind::Configuration, Remedy::None, kGrant},
    {"AuthorizationError", ErrorKind::Configuration, Remedy::None, kGrant},
    {"UnauthorizedOperation", ErrorKind::Configuration, Remedy::None, kGrant},
    {"ExpiredToken*", ErrorKind::Credentials, Remedy::NewCredentials, kKeys},
    {"InvalidClientTokenId*", ErrorKind::Credentials, Remedy::NewCredentials, kKeys},
    {"UnrecognizedClient*", ErrorKind::Credentials, Remedy::NewCredentials, kKeys},
    {"InvalidAccessKeyId*", ErrorKind::Credentials, Remedy::NewCredentials, kKeys},
    {"InvalidSecurity", ErrorKind::Credentials, Remedy::NewCredentials, kKeys},
    {"NotAuthorized", ErrorKind::Configuration, Remedy::None, kGrant},
    {"AuthFailure", ErrorKind::Credentials, Remedy::CheckClock, kKeys},
    {"RequestTimeTooSkewed*", ErrorKind::Credentials, Remedy::CheckClock, "the clocks differ too much"},
    {"RequestExpired*", ErrorKind::Credentials, Remedy::CheckClock, "the clocks differ too much"},
    {"RequestInTheFuture*", ErrorKind::Credentials, Remedy::CheckClock, "the clocks differ too much"},
    {"SignatureDoesNotMatch*", ErrorKind::Credentials, Remedy::CheckClock, kSecret},
    {"InvalidSignature*", ErrorKind::Credentials, Remedy::CheckClock, kSecret},
    {"IncompleteSignature*", ErrorKind::Credentials, Remedy::None, kKeys},
    {"MissingAuthenticationToken*", ErrorKind::Credentials, Remedy::None, kKeys},
    {"OptInRequired", ErrorKind::Configuration, Remedy::None, "the account has to opt in to this region or service"},
    {"QueueDeletedRecently", ErrorKind::Retry, Remedy::None, "a queue of this name was deleted less than 60 s ago"},
    {"AWS.SimpleQueueService.QueueDeletedRecently", ErrorKind::Retry, Remedy::None,
     "a queue of this name was deleted less than 60 s ago"},
    {"RequestTimeout*", ErrorKind::Retry, Remedy::Again, ""},
    {"InternalError", ErrorKind::Retry, Remedy::Again, ""},
    {"InternalFailure", ErrorKind::Retry, Remedy::Again, ""},
    {"ServiceUnavailable*", ErrorKind::Retry, Remedy::Again, ""},
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

}  // namespace

FaultVerdict judge(const ServiceError& error) {
    FaultVerdict verdict;
    verdict.code = error.code.empty() ? "http_" + std::to_string(error.status) : error.code;
    const auto* rule = rule_of(error.code);
    if (rule == nullptr) rule = rule_of(error.query_code);
    if (rule != nullptr) {
        verdict.kind = rule->kind;
        verdict.remedy = rule->remedy;
        verdict.advice = rule->advice;
        if (rule->advice == kNoQueue && rule->code != "InvalidAddress") verdict.code = "QueueDoesNotExist";
        return verdict;
    }
    switch (error.status) {
        case 429:
            verdict.kind = ErrorKind::Throttled;
            verdict.remedy = Remedy::Again;
            break;
        case 408:
        case 500:
        case 502:
        case 503:
        case 504:
            verdict.kind = ErrorKind::Retry;
            verdict.remedy = Remedy::Again;
            break;
        case 401:
        case 403:
            verdict.kind = ErrorKind::Configuration;
            verdict.advice = kGrant;
            break;
        default:
            verdict.kind = error.status >= 500 ? ErrorKind::Retry : ErrorKind::Configuration;
            if (error.code.empty() && error.status < 500) {
                verdict.advice = "this is no answer of SQS's JSON protocol: check the endpoint";
            }
    }
    return verdict;
}

std::span<const FaultRule> known_faults() noexcept { return kRules; }

bool is_throttling(std::string_view code) {
    const auto* rule = rule_of(code);
    return rule != nullptr && rule->kind == ErrorKind::Throttled;
}

}  // namespace sqs2pg::sqs
