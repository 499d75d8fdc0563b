// Refused certificates, see certificate_text.h.
#include "net/certificate_text.h"

#include <array>
#include <ctime>
#include <memory>
#include <string_view>

#include <openssl/asn1.h>
#include <openssl/err.h>
#include <openssl/x509_vfy.h>
#include <openssl/x509v3.h>

namespace sqs2pg::net {
namespace {

constexpr std::size_t kMostNames = 4;
constexpr std::size_t kLongestName = 100;

std::string cleaned(std::string_view text) {
    std::string out;
    for (char c : text.substr(0, kLongestName)) out += c >= ' ' && c < '\x7f' ? c : '?';
    return out;
}

std::string text_of(const ASN1_STRING* value) {
    return cleaned({reinterpret_cast<const char*>(ASN1_STRING_get0_data(value)),
                    static_cast<std::size_t>(ASN1_STRING_length(value))});
}

std::string address_text(const ASN1_OCTET_STRING* bytes) {
    const auto* data = ASN1_STRING_get0_data(bytes);
    if (ASN1_STRING_length(bytes) != 4) return "an IPv6 address";
    std::string text;
    for (int i = 0; i < 4; ++i) text += (i > 0 ? "." : "") + std::to_string(data[i]);
    return text;
}

// "a.example, b.example and 3 more".
std::string names_of(X509* certificate) {
    std::unique_ptr<GENERAL_NAMES, void (*)(GENERAL_NAMES*)> names(
        static_cast<GENERAL_NAMES*>(X509_get_ext_d2i(certificate, NID_subject_alt_name, nullptr, nullptr)),
        GENERAL_NAMES_free);
    std::string text;
    std::size_t count = 0;
    for (int i = 0; names && i < sk_GENERAL_NAME_num(names.get()); ++i) {
        const auto* name = sk_GENERAL_NAME_value(names.get(), i);
        std::string one;
        if (name->type == GEN_DNS) one = text_of(name->d.dNSName);
        if (name->type == GEN_IPADD) one = address_text(name->d.iPAddress);
        if (one.empty()) continue;
        if (++count <= kMostNames) text += (text.empty() ? "" : ", ") + one;
    }
    if (count > kMostNames) text += " and " + std::to_string(count - kMostNames) + " more";
    return text.empty() ? "no name at all" : text;
}

std::string common_name(X509_NAME* name) {
    for (int nid : {NID_commonName, NID_organizationName}) {
        int at = X509_NAME_get_index_by_NID(name, nid, -1);
        if (at >= 0) return "\"" + text_of(X509_NAME_ENTRY_get_data(X509_NAME_get_entry(name, at))) + "\"";
    }
    return "an issuer without a name";
}

std::string date_text(const ASN1_TIME* time) {
    std::tm parts{};
    if (time == nullptr || ASN1_TIME_to_tm(time, &parts) != 1) return "an unknown time";
    std::array<char, 40> text{};
    std::strftime(text.data(), text.size(), "%Y-%m-%d %H:%M UTC", &parts);
    return text.data();
}

}  // namespace

std::string certificate_problem(int verdict, X509* certificate, const std::string& trust_hint) {
    std::string plain = X509_verify_cert_error_string(verdict);
    ERR_clear_error();
    if (certificate == nullptr) return plain;
    auto issuer = common_name(X509_get_issuer_name(certificate));
    switch (verdict) {
        case X509_V_ERR_HOSTNAME_MISMATCH:
        case X509_V_ERR_IP_ADDRESS_MISMATCH:
            return "it does not match (" + plain + "): it is for " + names_of(certificate) +
                   "; correct the URL, or look who answers there in its place";
        case X509_V_ERR_CERT_HAS_EXPIRED:
            return "it expired on " + date_text(X509_get0_notAfter(certificate)) +
                   "; renew it, or correct this machine's clock";
        case X509_V_ERR_CERT_NOT_YET_VALID:
            return "it is valid from " + date_text(X509_get0_notBefore(certificate)) +
                   " only; correct this machine's clock";
        case X509_V_ERR_DEPTH_ZERO_SELF_SIGNED_CERT:
            return "it is self-signed; " + trust_hint;
        case X509_V_ERR_SELF_SIGNED_CERT_IN_CHAIN:
        case X509_V_ERR_UNABLE_TO_GET_ISSUER_CERT:
        case X509_V_ERR_UNABLE_TO_GET_ISSUER_CERT_LOCALLY:
        case X509_V_ERR_UNABLE_TO_VERIFY_LEAF_SIGNATURE:
            return "its issuer " + issuer + " is not trusted (" + plain + "); " + trust_hint;
        default:
            return plain;
    }
}

}  // namespace sqs2pg::net
