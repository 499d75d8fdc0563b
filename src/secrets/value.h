// From the text of a secret to what is needed of it: the whole, or a member of the JSON object that it is. Pure; errors
// name the secret and the member, never a value.
#pragma once

#include <string>
#include <string_view>

#include "base/result.h"
#include "base/secret.h"
#include "secrets/reference.h"

namespace sqs2pg::secrets {

inline constexpr std::size_t kMostBytes = 64 * 1024;  // of a secret

// The member that the reference names; without one: the whole. Errors, kind Configuration: "secret_not_json",
// "secret_member_absent".
Result<Secret> text_of(const Secret& whole, const Reference& reference);

// The same for a password: without a named member `password` of an object, as secrets that RDS manages have it, else
// the whole without one line end. Also "secret_no_password": empty, more than one line, too long.
Result<Secret> password_of(const Secret& whole, const Reference& reference);

// The member `username` of an object; empty where there is none.
std::string username_of(const Secret& whole);

// Exactly base64, with blanks and line ends at its ends and between its lines. Error, kind Configuration, code
// "secret_not_base64"; the detail goes on a sentence.
Result<Secret> decode_base64(std::string_view text);

}  // namespace sqs2pg::secrets
