// What is needed of a secret, see value.h.
#include "secrets/value.h"

#include <algorithm>
#include <utility>

#include <openssl/crypto.h>
#include <openssl/evp.h>

#include "aws/reply_text.h"

namespace sqs2pg::secrets {
namespace {

constexpr std::size_t kMostPasswordBytes = 4096;

tl::unexpected<Error> mistake(std::string code, const Reference& reference, const std::string& sentence) {
    return fail(ErrorKind::Configuration, Stage::Start, std::move(code), shown(reference) + " " + sentence);
}

Result<Secret> member_of(const Secret& whole, const Reference& reference, const std::string& member) {
    const auto object = aws::JsonReply::parse(whole.reveal());
    if (!object) {
        return mistake("secret_not_json", reference,
                       "is no JSON object, so it has no member \"" + member + "\": leave `#" + member +
                           "` away to take the whole secret, or store an object");
    }
    auto text = object->text(member);
    if (text) return Secret(std::move(*text));
    if (object->has(member)) {
        return mistake("secret_member_absent", reference,
                       "has a member \"" + member + "\" that is no text: store it as a string");
    }
    return mistake("secret_member_absent", reference,
                   "has no member \"" + member + "\": name the right one behind `#`, or add it to the secret");
}

bool is_blank(char c) { return c == ' ' || c == '\t' || c == '\r' || c == '\n'; }

}  // namespace

Result<Secret> text_of(const Secret& whole, const Reference& reference) {
    if (reference.member.empty()) return whole;
    return member_of(whole, reference, reference.member);
}

Result<Secret> password_of(const Secret& whole, const Reference& reference) {
    Result<Secret> found = whole;
    if (!reference.member.empty()) {
        found = text_of(whole, reference);
    } else if (whole.reveal().starts_with('{') && aws::JsonReply::parse(whole.reveal())) {
        found = member_of(whole, reference, "password");
    }
    if (!found) return found;
    auto text = found->reveal();
    if (text.ends_with('\n')) text.remove_suffix(1);
    if (text.ends_with('\r')) text.remove_suffix(1);
    if (text.empty() || text.find_first_of(std::string_view("\n\0", 2)) != text.npos) {
        return mistake("secret_no_password", reference, "holds no password, or more than one line");
    }
    if (text.size() > kMostPasswordBytes) {
        return mistake("secret_no_password", reference, "is longer than 4096 bytes: that is no password");
    }
    return Secret(std::string(text));
}

std::string username_of(const Secret& whole) {
    const auto object = aws::JsonReply::parse(whole.reveal());
    return object ? object->text("username").value_or("") : std::string();
}

Result<Secret> decode_base64(std::string_view text) {
    std::string packed;
    packed.reserve(text.size());
    for (char c : text) {
        if (!is_blank(c)) packed += c;
    }
    const bool shaped =
        !packed.empty() && packed.size() % 4 == 0 && std::all_of(packed.begin(), packed.end(), [](char c) {
            return (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '+' || c == '/' ||
                   c == '=';
        });
    std::string bytes(packed.size() / 4 * 3, '\0');
    const int size = !shaped ? -1
                             : EVP_DecodeBlock(reinterpret_cast<unsigned char*>(bytes.data()),
                                               reinterpret_cast<const unsigned char*>(packed.data()),
                                               static_cast<int>(packed.size()));
    const std::size_t padding = packed.ends_with("==") ? 2 : packed.ends_with("=") ? 1 : 0;
    OPENSSL_cleanse(packed.data(), packed.size());
    if (size < 0) {
        OPENSSL_cleanse(bytes.data(), bytes.size());
        return fail(ErrorKind::Configuration, Stage::Start, "secret_not_base64", "is no base64");
    }
    Secret decoded(std::string(bytes.data(), static_cast<std::size_t>(size) - padding));
    OPENSSL_cleanse(bytes.data(), bytes.size());
    return decoded;
}

}  // namespace sqs2pg::secrets
