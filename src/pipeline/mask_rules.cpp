// Masks against columns, see mask_rules.h.
#include "pipeline/mask_rules.h"

#include <fmt/format.h>

#include "privacy/mask.h"

namespace sqs2pg::pipeline {
namespace {

using privacy::Method;

// keep-last is for showing a hint of a long value; of a short one it shows too much.
constexpr std::size_t kManyKept = 6;

struct Look {
    const ColumnRule& rule;
    const pg::Column& column;
    std::vector<Finding>& findings;

    void error(std::string code, std::string sentence) { add(true, std::move(code), std::move(sentence)); }
    void warning(std::string code, std::string sentence) { add(false, std::move(code), std::move(sentence)); }
    void add(bool is_error, std::string code, std::string sentence) {
        findings.push_back(
            {is_error, rule.place, fmt::format("column \"{}\"{}", column.name, sentence), std::move(code)});
    }
};

void check_type(Look& look) {
    const auto method = look.rule.mask->method;
    if (holds_text(look.column.type)) return;
    if (method == Method::Drop) return;
    if (privacy::masks_addresses(method) && look.column.type == pg::TypeClass::Inet) return;
    if (method == Method::Truncate && look.column.type == pg::TypeClass::Cidr) return;
    look.error("mask_column_type",
               fmt::format(" is of type {}, but a masked value is text; make it varchar(64) or text{}",
                           look.column.type_name, privacy::masks_addresses(method) ? ", or inet" : ""));
}

void check_strength(Look& look) {
    switch (look.rule.mask->method) {
        case Method::Sha256:
            look.warning("mask_sha256",
                         ": a bare sha256 of an ip or a short id can be reversed in minutes by trying all values; use "
                         "`mask: hmac` unless the table already holds such hashes");
            break;
        case Method::KeepLast:
            if (look.rule.mask->keep > kManyKept) {
                look.warning(
                    "mask_keep_last",
                    fmt::format(": the last {} characters of a value may be enough to tell whose it is, and "
                                "values that share them look equal; 4 are usual, and `mask: hmac` joins better",
                                look.rule.mask->keep));
            }
            break;
        case Method::IpPrefix:
            look.warning("mask_ip_prefix",
                         ": ip-prefix keeps subnets together, so that one known address tells the prefix of all its "
                         "neighbours; use `mask: hmac` unless the subnets are needed");
            break;
        default:
            break;
    }
}

void check_siv_length(Look& look, std::size_t room, std::string_view id) {
    const auto fits = privacy::siv_room(room, id.size());
    const bool ips = look.rule.mask->canonical == privacy::Canonical::Ip;
    if (!fits || (ips && *fits < privacy::kSivBytesOfIpv4)) {
        look.error("mask_column_short",
                   fmt::format(" is {}, too short for any token of `mask: siv`; make it text", look.column.type_name));
    } else if (ips && *fits < privacy::kSivBytesOfIpv6) {
        look.warning("mask_column_short",
                     fmt::format(" is {}, too short for the token of an IPv6 address: such messages become dead "
                                 "letters (too_long); make it varchar(80) or text",
                                 look.column.type_name));
    } else if (!ips) {
        look.warning("mask_siv_length",
                     fmt::format(" is {}: a token of `mask: siv` grows with its value, and messages whose value has "
                                 "more than {} bytes become dead letters (too_long); make it text unless none has",
                                 look.column.type_name, *fits));
    }
}

void check_length(Look& look, const privacy::Keyring* keyring) {
    if (look.column.max_length <= 0) return;
    const auto room = static_cast<std::size_t>(look.column.max_length);
    const auto method = look.rule.mask->method;
    if (keyring == nullptr) return;
    if (method == Method::Siv) return check_siv_length(look, room, keyring->active_id());
    const auto masker = privacy::Masker::make(*look.rule.mask, *keyring);
    const auto longest = masker ? masker->max_length().value_or(0) : 0;
    if (room >= longest) return;
    look.error("mask_column_short",
               fmt::format(" is {}, but its masked values have {}{} characters; widen it", look.column.type_name,
                           privacy::masks_addresses(method) || method == Method::KeepLast ? "up to " : "", longest));
}

}  // namespace

bool holds_text(pg::TypeClass type) noexcept {
    using enum pg::TypeClass;
    return type == Text || type == Varchar || type == Char || type == Other;
}

void check_mask(const ColumnRule& rule, const pg::Column& column, const privacy::Keyring* keyring,
                std::vector<Finding>& findings) {
    Look look{rule, column, findings};
    check_type(look);
    if (rule.mask->method == Method::Drop && column.not_null) {
        look.error("mask_drop_not_null",
                   " is NOT NULL, but `mask: drop` writes NULL always; use `mask: redact`, or allow NULL");
    }
    check_strength(look);
    check_length(look, keyring);
}

}  // namespace sqs2pg::pipeline
