// Why a certificate was refused, as a sentence that says what to do.
#pragma once

#include <string>

using X509 = struct x509_st;

namespace sqs2pg::net {

// `verdict` is OpenSSL's X509_V_ERR_…, `certificate` the one it is about (nullptr: not known), `trust_hint` what to do
// about a CA that is not trusted. What the certificate says is cut and cleaned: it is the peer's text.
std::string certificate_problem(int verdict, X509* certificate, const std::string& trust_hint);

}  // namespace sqs2pg::net
