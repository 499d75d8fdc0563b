// References to secrets, see reference.h.
#include "secrets/reference.h"

#include <algorithm>
#include <utility>

namespace sqs2pg::secrets {
namespace {

constexpr std::string_view kManager = "secretsmanager:";
constexpr std::string_view kParameter = "ssm:";
constexpr std::size_t kMostNameBytes = 2048;
constexpr std::size_t kMostMemberBytes = 256;

tl::unexpected<Error> mistake(std::string sentence) {
    return fail(ErrorKind::Configuration, Stage::Configure, "secret_reference", std::move(sentence));
}

bool good_name(std::string_view name) {
    return std::all_of(name.begin(), name.end(), [](char c) {
        return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
               std::string_view("/_+=.@!:-").find(c) != std::string_view::npos;
    });
}

// The part `index` of "arn:PARTITION:SERVICE:REGION:ACCOUNT:…".
std::string_view arn_part(std::string_view arn, int index) {
    for (; index > 0; --index) {
        const auto colon = arn.find(':');
        if (colon == arn.npos) return {};
        arn.remove_prefix(colon + 1);
    }
    return arn.substr(0, arn.find(':'));
}

}  // namespace

Result<Reference> parse_reference(std::string_view text) {
    Reference reference;
    if (text.starts_with(kManager)) {
        reference.keeper = Keeper::SecretsManager;
        text.remove_prefix(kManager.size());
    } else if (text.starts_with(kParameter)) {
        reference.keeper = Keeper::Ssm;
        text.remove_prefix(kParameter.size());
    } else {
        // What was written is not repeated: it may be the secret itself.
        return mistake(
            "names no secret: write `secretsmanager:NAME`, `secretsmanager:NAME#member` or `ssm:/path/name`");
    }
    const auto hash = text.find('#');
    reference.name = text.substr(0, hash);
    if (hash != text.npos) {
        reference.member = text.substr(hash + 1);
        if (reference.member.empty())
            return mistake("has nothing behind `#`: name a member of the JSON, or leave `#` away");
        if (reference.member.size() > kMostMemberBytes) return mistake("names a member of more than 256 bytes");
    }
    if (reference.name.empty()) return mistake("names no secret behind the `:`");
    if (reference.name.size() > kMostNameBytes) return mistake("is a name of more than 2048 bytes");
    if (!good_name(reference.name)) {
        return mistake("is no name of a secret: letters, digits and any of `/_+=.@!:-`, or an ARN");
    }
    if (reference.name.starts_with("arn:")) {
        const std::string_view service = reference.keeper == Keeper::Ssm ? "ssm" : "secretsmanager";
        if (arn_part(reference.name, 2) != service || arn_part(reference.name, 3).empty() ||
            arn_part(reference.name, 5).empty()) {
            return mistake("is no ARN of " + std::string(service) + ": copy it from the console as it stands");
        }
    } else if (reference.keeper == Keeper::SecretsManager && reference.name.find(':') != std::string::npos) {
        return mistake("is neither a name nor an ARN (a member of the JSON stands behind `#`)");
    }
    return reference;
}

Reference kms_file(std::string path) { return {Keeper::KmsFile, std::move(path), {}}; }

std::string shown(const Reference& reference) {
    if (reference.keeper == Keeper::None) return {};
    if (reference.keeper == Keeper::KmsFile) return "the KMS-wrapped file " + reference.name;
    std::string text(reference.keeper == Keeper::Ssm ? kParameter : kManager);
    text += reference.name;
    if (!reference.member.empty()) text += "#" + reference.member;
    return text;
}

std::string region_of(const Reference& reference) {
    if (reference.keeper == Keeper::KmsFile || !reference.name.starts_with("arn:")) return {};
    return std::string(arn_part(reference.name, 3));
}

}  // namespace sqs2pg::secrets
