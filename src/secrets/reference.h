// How the configuration names a secret that AWS keeps: `secretsmanager:NAME`, `secretsmanager:ARN`, `ssm:/path/name`,
// each with `#member` where the secret is a JSON object. Pure. Source: AWS Secrets Manager API Reference,
// GetSecretValue; AWS Systems Manager API Reference, GetParameter.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "base/result.h"

namespace sqs2pg::secrets {

enum class Keeper : std::uint8_t { None, SecretsManager, Ssm, KmsFile };

struct Reference {
    Keeper keeper = Keeper::None;
    std::string name;    // a name or an ARN; of a KmsFile: the path
    std::string member;  // of a JSON object; empty: the whole, or what the caller takes from an object

    explicit operator bool() const noexcept { return keeper != Keeper::None; }
    bool operator==(const Reference&) const = default;
};

// Kind Configuration; the detail goes on a sentence that names the option ("names no …").
Result<Reference> parse_reference(std::string_view text);

Reference kms_file(std::string path);

// As it was written; of a KmsFile "the KMS-wrapped file PATH". Names only, no secret.
std::string shown(const Reference& reference);

// Of an ARN; empty where the name is none.
std::string region_of(const Reference& reference);

}  // namespace sqs2pg::secrets
