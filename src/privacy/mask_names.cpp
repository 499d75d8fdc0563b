// The methods' names and what each takes, see mask.h.
#include <array>

#include "privacy/mask.h"

namespace sqs2pg::privacy {
namespace {

using enum Method;

constexpr std::array kMethods{Hmac, Siv, IpPrefix, Truncate, KeepLast, Redact, Drop, Sha256};

}  // namespace

std::optional<Method> method_from(std::string_view name) noexcept {
    for (auto method : kMethods) {
        if (name == name_of(method)) return method;
    }
    return std::nullopt;
}

std::optional<Canonical> canonical_from(std::string_view name) noexcept {
    for (auto form : {Canonical::Text, Canonical::Ip}) {
        if (name == name_of(form)) return form;
    }
    return std::nullopt;
}

std::string_view name_of(Method method) noexcept {
    switch (method) {
        case Hmac:
            return "hmac";
        case Siv:
            return "siv";
        case IpPrefix:
            return "ip-prefix";
        case Truncate:
            return "truncate";
        case KeepLast:
            return "keep-last";
        case Redact:
            return "redact";
        case Drop:
            return "drop";
        case Sha256:
            return "sha256";
    }
    return "unknown";
}

std::string_view name_of(Canonical form) noexcept {
    switch (form) {
        case Canonical::Text:
            return "text";
        case Canonical::Ip:
            return "ip";
    }
    return "unknown";
}

bool is_keyed(Method method) noexcept { return method == Hmac || method == Siv || method == IpPrefix; }
bool takes_form(Method method) noexcept { return method == Hmac || method == Siv; }
bool masks_addresses(Method method) noexcept { return method == IpPrefix || method == Truncate; }

}  // namespace sqs2pg::privacy
