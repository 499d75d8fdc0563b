// The table of error codes, and dates of replies.
#include "sqs/faults.h"

#include <gtest/gtest.h>

#include "net/http_date.h"

namespace sqs2pg::sqs {
namespace {

struct Row {
    int status;
    const char* code;
    const char* query_code;
    ErrorKind kind;
    Remedy remedy;
    const char* told;
};

TEST(Faults, EveryCodeSaysWhatToDoNext) {
    const Row rows[] = {
        {400, "QueueDoesNotExist", "", ErrorKind::Configuration, Remedy::None, "QueueDoesNotExist"},
        {400, "AWS.SimpleQueueService.NonExistentQueue", "", ErrorKind::Configuration, Remedy::None,
         "QueueDoesNotExist"},
        {400, "OverLimit", "", ErrorKind::Throttled, Remedy::Again, "OverLimit"},
        {400, "ThrottlingException", "", ErrorKind::Throttled, Remedy::Again, "ThrottlingException"},
        {400, "RequestThrottled", "", ErrorKind::Throttled, Remedy::Again, "RequestThrottled"},
        {400, "RequestThrottledException", "", ErrorKind::Throttled, Remedy::Again, "RequestThrottledException"},
        {400, "KmsThrottled", "", ErrorKind::Throttled, Remedy::Again, "KmsThrottled"},
        {400, "KmsAccessDenied", "", ErrorKind::Configuration, Remedy::None, "KmsAccessDenied"},
        {400, "KmsDisabled", "", ErrorKind::Configuration, Remedy::None, "KmsDisabled"},
        {403, "AccessDenied", "", ErrorKind::Configuration, Remedy::None, "AccessDenied"},
        {403, "AccessDeniedException", "", ErrorKind::Configuration, Remedy::None, "AccessDeniedException"},
        {403, "ExpiredToken", "", ErrorKind::Credentials, Remedy::NewCredentials, "ExpiredToken"},
        {403, "ExpiredTokenException", "", ErrorKind::Credentials, Remedy::NewCredentials, "ExpiredTokenException"},
        {403, "InvalidClientTokenId", "", ErrorKind::Credentials, Remedy::NewCredentials, "InvalidClientTokenId"},
        {403, "UnrecognizedClientException", "", ErrorKind::Credentials, Remedy::NewCredentials,
         "UnrecognizedClientException"},
        {403, "SignatureDoesNotMatch", "", ErrorKind::Credentials, Remedy::CheckClock, "SignatureDoesNotMatch"},
        {403, "InvalidSignatureException", "", ErrorKind::Credentials, Remedy::CheckClock, "InvalidSignatureException"},
        {400, "RequestTimeTooSkewed", "", ErrorKind::Credentials, Remedy::CheckClock, "RequestTimeTooSkewed"},
        {400, "InvalidParameterValue", "", ErrorKind::Configuration, Remedy::None, "InvalidParameterValue"},
        {500, "InternalFailure", "", ErrorKind::Retry, Remedy::Again, "InternalFailure"},
        {500, "", "", ErrorKind::Retry, Remedy::Again, "http_500"},
        {502, "", "", ErrorKind::Retry, Remedy::Again, "http_502"},
        {503, "Whatever", "", ErrorKind::Retry, Remedy::Again, "Whatever"},
        {504, "", "", ErrorKind::Retry, Remedy::Again, "http_504"},
        {501, "", "", ErrorKind::Retry, Remedy::None, "http_501"},
        {429, "", "", ErrorKind::Throttled, Remedy::Again, "http_429"},
        {404, "", "", ErrorKind::Configuration, Remedy::None, "http_404"},
        // Known by its old name only.
        {400, "SomethingNew", "AWS.SimpleQueueService.OverLimit", ErrorKind::Throttled, Remedy::Again, "SomethingNew"},
    };
    for (const auto& row : rows) {
        auto verdict = judge({row.status, row.code, row.query_code});
        EXPECT_EQ(name_of(verdict.kind), name_of(row.kind)) << row.status << " " << row.code;
        EXPECT_EQ(static_cast<int>(verdict.remedy), static_cast<int>(row.remedy)) << row.status << " " << row.code;
        EXPECT_EQ(verdict.code, row.told);
    }
    EXPECT_TRUE(is_throttling("RequestThrottled"));
    EXPECT_FALSE(is_throttling("ReceiptHandleIsInvalid"));
    EXPECT_FALSE(is_throttling(""));
}

TEST(HttpDate, IsReadInItsPreferredForm) {
    EXPECT_EQ(net::parse_http_date("Sun, 06 Nov 1994 08:49:37 GMT"), 784'111'777'000);
    EXPECT_EQ(net::parse_http_date("Thu, 29 Feb 2024 23:59:59 GMT"), 1'709'251'199'000);
    for (const auto* bad : {"", "yesterday", "Sunday, 06-Nov-94 08:49:37 GMT", "Sun, 06 Nov 1994 08:49:37 CET",
                            "Sun, 32 Nov 1994 08:49:37 GMT", "Sun, 06 Nav 1994 08:49:37 GMT",
                            "Thu, 29 Feb 2023 23:59:59 GMT", "Sun, 06 Nov 1994 08:49:3x GMT"}) {
        EXPECT_FALSE(net::parse_http_date(bad)) << bad;
    }
}

}  // namespace
}  // namespace sqs2pg::sqs
