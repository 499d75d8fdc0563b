// What one text looks like: a number in quotes, a date, an address, an e-mail address, a card number … A text can have
// several forms. Pure; used by the profile, which counts forms and keeps no text.
#pragma once

#include <bitset>
#include <cstddef>
#include <cstdint>
#include <string_view>

namespace sqs2pg::infer {

enum class Form : std::uint8_t {
    Boolean,      // true, false
    Integer,      // digits, as a bigint holds them
    Version,      // 2.3.0
    Uuid,         // with its dashes
    Date,         // 2026-11-25
    Timestamp,    // …with a time, and without a zone
    TimestampTz,  // …and with one
    Ipv4,
    Ipv6,
    Mac,
    Email,
    Phone,       // international, with its plus sign
    Card,        // 13 to 19 digits that satisfy Luhn's sum
    Iban,        // that satisfies the sum of ISO 7064
    Secret,      // a JSON web token, an access key, a private key, credentials of HTTP
    HoldsEmail,  // an e-mail address somewhere in a longer text
    Container,   // a JSON object or array as text
};
inline constexpr std::size_t kForms = 17;

using Forms = std::bitset<kForms>;

inline bool has(const Forms& forms, Form form) { return forms.test(static_cast<std::size_t>(form)); }

// Texts beyond 4 KiB are looked at in their first 4 KiB for HoldsEmail, and have no other form.
Forms forms_of(std::string_view text);

// A member's name that is rather a value, such as a user's id, a date or an address: the object is a map.
bool is_data_like_name(std::string_view name);

bool satisfies_luhn(std::string_view digits) noexcept;  // digits only
bool is_iban(std::string_view text);
bool is_email(std::string_view text) noexcept;

}  // namespace sqs2pg::infer
