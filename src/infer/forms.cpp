// The forms of a text, see forms.h. Times, addresses and uuids are what PostgreSQL's own rules take them for.
#include "infer/forms.h"

#include <algorithm>
#include <array>
#include <string>

#include "pg/copy.h"

namespace sqs2pg::infer {

namespace {

constexpr std::size_t kLongestLookedAt = 4096;
constexpr std::size_t kLongestName = 100;

bool is_digit(char c) noexcept { return c >= '0' && c <= '9'; }
bool is_letter(char c) noexcept { return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z'); }
bool is_hex(char c) noexcept { return is_digit(c) || (c >= 'a' && c <= 'f') || (c >= 'A' && c <= 'F'); }

bool accepts(pg::TypeClass type, std::string_view text) {
    pg::Column column;
    column.type = type;
    return !pg::check(column, text).has_value();
}

// Digits where the pattern has 9, and its other characters as they are.
bool begins_like(std::string_view text, std::string_view pattern) noexcept {
    if (text.size() < pattern.size()) return false;
    for (std::size_t i = 0; i < pattern.size(); ++i) {
        if (pattern[i] == '9' ? !is_digit(text[i]) : text[i] != pattern[i]) return false;
    }
    return true;
}

void look_for_times(std::string_view text, Forms& forms) {
    constexpr std::string_view kDate = "9999-99-99";
    if (!begins_like(text, kDate)) return;
    if (text.size() == kDate.size()) {
        if (accepts(pg::TypeClass::Date, text)) forms.set(static_cast<std::size_t>(Form::Date));
        return;
    }
    if (text[kDate.size()] != 'T' && text[kDate.size()] != ' ') return;
    const auto time = text.substr(kDate.size() + 1);
    const bool zone = time.find_first_of("Zz+-") != std::string_view::npos;
    if (zone && accepts(pg::TypeClass::TimestampTz, text)) forms.set(static_cast<std::size_t>(Form::TimestampTz));
    if (!zone && accepts(pg::TypeClass::Timestamp, text)) forms.set(static_cast<std::size_t>(Form::Timestamp));
}

void look_for_addresses(std::string_view text, Forms& forms) {
    if (text.size() > 45 || text.find('/') != std::string_view::npos) return;
    if (std::ranges::count(text, ':') >= 2) {
        if (text.size() == 17 && accepts(pg::TypeClass::Macaddr, text)) {
            forms.set(static_cast<std::size_t>(Form::Mac));
        } else if (accepts(pg::TypeClass::Inet, text)) {
            forms.set(static_cast<std::size_t>(Form::Ipv6));
        }
    } else if (std::ranges::count(text, '.') == 3 && accepts(pg::TypeClass::Inet, text)) {
        forms.set(static_cast<std::size_t>(Form::Ipv4));
    } else if (text.size() == 17 && std::ranges::count(text, '-') == 5 && accepts(pg::TypeClass::Macaddr, text)) {
        forms.set(static_cast<std::size_t>(Form::Mac));
    }
}

bool is_uuid(std::string_view text) {
    return text.size() == 36 && std::ranges::count(text, '-') == 4 && accepts(pg::TypeClass::Uuid, text);
}

// 2.3, 2.3.0, v2.3.0-beta
bool is_version(std::string_view text) noexcept {
    if (text.starts_with('v') || text.starts_with('V')) text.remove_prefix(1);
    std::size_t parts = 0;
    std::size_t at = 0;
    while (at < text.size() && is_digit(text[at])) {
        while (at < text.size() && is_digit(text[at])) ++at;
        ++parts;
        if (at == text.size() || text[at] != '.') break;
        ++at;
    }
    return parts >= 2 && (at == text.size() || text[at] == '-' || text[at] == '+') && text.back() != '.';
}

std::string digits_of(std::string_view text, std::string_view separators) {
    std::string digits;
    for (const char c : text) {
        if (is_digit(c)) {
            digits.push_back(c);
        } else if (separators.find(c) == std::string_view::npos) {
            return {};
        }
    }
    return digits;
}

bool is_card(std::string_view text) {
    if (text.size() < 13 || text.size() > 24 || !is_digit(text.front())) return false;
    const auto digits = digits_of(text, " -");
    if (digits.size() < 13 || digits.size() > 19 || digits.front() < '2' || digits.front() > '6') return false;
    return digits.find_first_not_of(digits.front()) != std::string::npos && satisfies_luhn(digits);
}

bool is_phone(std::string_view text) {
    if (text.size() < 8 || text.size() > 25 || text.front() != '+') return false;
    const auto digits = digits_of(text.substr(1), " -./()");
    return digits.size() >= 7 && digits.size() <= 15;
}

bool is_web_token(std::string_view text) noexcept {
    if (text.size() < 30 || !text.starts_with("eyJ") || std::ranges::count(text, '.') != 2) return false;
    return std::ranges::all_of(
        text, [](char c) { return is_digit(c) || is_letter(c) || c == '-' || c == '_' || c == '.' || c == '='; });
}

bool is_secret(std::string_view text) noexcept {
    constexpr auto kPrefixes = std::to_array<std::string_view>(
        {"ghp_", "gho_", "ghs_", "github_pat_", "glpat-", "sk_live_", "sk_test_", "sk-", "rk_live_", "xoxb-", "xoxp-",
         "xoxa-", "AIza", "ya29.", "-----BEGIN ", "Bearer ", "bearer ", "Basic ", "basic "});
    if (is_web_token(text)) return true;
    if (text.size() == 20 && (text.starts_with("AKIA") || text.starts_with("ASIA"))) return true;
    return text.size() >= 16 && std::ranges::any_of(kPrefixes, [&](auto prefix) { return text.starts_with(prefix); });
}

bool holds_email(std::string_view text) noexcept {
    constexpr std::string_view kBreaks = " \t\r\n<>()[]{},;:\"'|=&?";
    for (auto at = text.find('@'); at != std::string_view::npos; at = text.find('@', at + 1)) {
        const auto before = text.find_last_of(kBreaks, at);
        const auto start = before == std::string_view::npos ? 0 : before + 1;
        auto word = text.substr(start, text.find_first_of(kBreaks, at) - start);
        while (word.ends_with('.')) word.remove_suffix(1);
        if (is_email(word)) return true;
    }
    return false;
}

bool is_container(std::string_view text) noexcept {
    return text.size() >= 2 &&
           ((text.front() == '{' && text.back() == '}') || (text.front() == '[' && text.back() == ']'));
}

}  // namespace

bool satisfies_luhn(std::string_view digits) noexcept {
    int sum = 0;
    bool twice = false;
    for (auto at = digits.rbegin(); at != digits.rend(); ++at) {
        int digit = *at - '0';
        if (twice) digit = digit > 4 ? digit * 2 - 9 : digit * 2;
        sum += digit;
        twice = !twice;
    }
    return !digits.empty() && sum % 10 == 0;
}

bool is_iban(std::string_view text) {
    std::string plain;
    for (const char c : text) {
        if (c == ' ') continue;
        if (!is_digit(c) && !is_letter(c)) return false;
        plain.push_back(c >= 'a' && c <= 'z' ? static_cast<char>(c - 'a' + 'A') : c);
    }
    if (plain.size() < 15 || plain.size() > 34) return false;
    if (!is_letter(plain[0]) || !is_letter(plain[1]) || !is_digit(plain[2]) || !is_digit(plain[3])) return false;
    std::ranges::rotate(plain, plain.begin() + 4);
    int rest = 0;
    for (const char c : plain) {
        rest = is_digit(c) ? (rest * 10 + (c - '0')) % 97 : (rest * 100 + (c - 'A' + 10)) % 97;
    }
    return rest == 1;
}

bool is_email(std::string_view text) noexcept {
    const auto at = text.find('@');
    if (at == std::string_view::npos || at == 0 || at > 64 || text.size() > 254) return false;
    const auto domain = text.substr(at + 1);
    const auto dot = domain.rfind('.');
    if (dot == std::string_view::npos || dot == 0 || domain.size() - dot < 3) return false;
    if (domain.front() == '-' || domain.find("..") != std::string_view::npos) return false;
    const auto plain = [](char c) { return is_letter(c) || is_digit(c) || static_cast<unsigned char>(c) >= 0x80; };
    if (!std::ranges::all_of(domain, [&](char c) { return plain(c) || c == '-' || c == '.'; })) return false;
    if (is_digit(domain.back())) return false;
    constexpr std::string_view kAllowed = ".!#$%&'*+/=?^_`{|}~-";
    return std::ranges::all_of(text.substr(0, at),
                               [&](char c) { return plain(c) || kAllowed.find(c) != std::string_view::npos; });
}

Forms forms_of(std::string_view text) {
    Forms forms;
    const auto set = [&forms](Form form, bool is) {
        if (is) forms.set(static_cast<std::size_t>(form));
    };
    if (text.empty()) return forms;
    if (text.size() > kLongestLookedAt) {
        set(Form::HoldsEmail, holds_email(text.substr(0, kLongestLookedAt)));
        return forms;
    }
    set(Form::Boolean, text == "true" || text == "false");
    set(Form::Integer, (is_digit(text.front()) || text.front() == '-') && accepts(pg::TypeClass::Int8, text));
    set(Form::Version, is_version(text));
    set(Form::Uuid, is_uuid(text));
    look_for_times(text, forms);
    look_for_addresses(text, forms);
    set(Form::Email, is_email(text));
    set(Form::Phone, is_phone(text));
    set(Form::Card, is_card(text));
    set(Form::Iban, is_iban(text));
    set(Form::Secret, is_secret(text));
    set(Form::HoldsEmail, !has(forms, Form::Email) && holds_email(text));
    set(Form::Container, is_container(text));
    return forms;
}

bool is_data_like_name(std::string_view name) {
    if (name.empty() || name.size() > kLongestName) return true;
    std::size_t run = 0;
    bool all_hex = true;
    std::size_t digits = 0;
    for (const char c : name) {
        const auto byte = static_cast<unsigned char>(c);
        if (byte < 0x20 || byte == 0x7f) return true;
        run = is_digit(c) ? run + 1 : 0;
        if (run >= 6) return true;
        all_hex = all_hex && is_hex(c);
        digits += is_digit(c) ? 1 : 0;
    }
    if (digits == name.size() || (all_hex && digits > 0 && name.size() >= 12)) return true;
    constexpr auto kData = std::to_array<Form>({Form::Uuid, Form::Date, Form::Timestamp, Form::TimestampTz, Form::Ipv4,
                                                Form::Ipv6, Form::Mac, Form::Email, Form::Phone, Form::Card, Form::Iban,
                                                Form::Secret, Form::HoldsEmail});
    const auto forms = forms_of(name);
    return std::ranges::any_of(kData, [&](Form form) { return has(forms, form); });
}

}  // namespace sqs2pg::infer
