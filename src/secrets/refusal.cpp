// The sentences of refused secrets, see refusal.h.
#include "secrets/refusal.h"

#include <algorithm>
#include <iterator>
#include <string_view>

#include <fmt/format.h>

namespace sqs2pg::secrets {
namespace {

struct Sentence {
    std::string_view code;
    std::string_view text;
};

constexpr Sentence kSentences[] = {
    {"ResourceNotFoundException",
     "there is no such secret: create it, or correct name and region (one of another account or region is named by its "
     "ARN)"},
    {"ParameterNotFound",
     "there is no such parameter: create it, or correct name and region (a name with `/` in it begins with `/`)"},
    {"ParameterVersionNotFound", "the parameter has no such version or label: correct what stands behind the last `:`"},
    {"InvalidRequestException",
     "the secret cannot be read as it is, mostly because it is marked for deletion: `aws secretsmanager "
     "restore-secret`"},
    {"DecryptionFailure", "the KMS key of the secret cannot be used: enable it, and allow kms:Decrypt"},
    {"InvalidKeyId", "the KMS key of the parameter cannot be used: enable it, and allow kms:Decrypt"},
    {"DisabledException", "the KMS key is disabled: `aws kms enable-key`"},
    {"KMSInvalidStateException",
     "the KMS key is in a state that forbids its use, such as waiting for its deletion: cancel that, or encrypt the "
     "key "
     "file with another key"},
    {"NotFoundException", "the KMS key that encrypted it is not in this region or account: correct `aws: region`"},
    {"InvalidCiphertextException",
     "KMS cannot decrypt it: it was encrypted without the context sqs2pg=keys, in another region, or is damaged; make "
     "it with `aws kms encrypt --encryption-context sqs2pg=keys`"},
    {"IncorrectKeyException", "it was encrypted with another KMS key"},
    {"KeyUnavailableException", "the KMS key is not available right now"},
};

std::string right_for(const Reference& reference) {
    switch (reference.keeper) {
        case Keeper::Ssm:
            return "ssm:GetParameter on it, and kms:Decrypt where the parameter has a key of its own";
        case Keeper::KmsFile:
            return "kms:Decrypt on the key that encrypted it (with encryption context sqs2pg=keys)";
        default:
            return "secretsmanager:GetSecretValue on it, and kms:Decrypt where the secret has a key of its own";
    }
}

}  // namespace

Error explained(Error error, const Reference& reference, const std::string& place) {
    const auto* known = std::find_if(std::begin(kSentences), std::end(kSentences),
                                     [&](const Sentence& sentence) { return sentence.code == error.code; });
    std::string reason;
    if (error.code.starts_with("AccessDenied")) {
        reason = fmt::format("the identity in use may not: allow {}; {}", right_for(reference), error.detail);
    } else if (known != std::end(kSentences)) {
        reason = fmt::format("{} ({})", known->text, error.code);
    } else {
        reason = error.detail;
    }
    error.detail = fmt::format("{} cannot be had ({}): {}", shown(reference), place, reason);
    return error;
}

}  // namespace sqs2pg::secrets
