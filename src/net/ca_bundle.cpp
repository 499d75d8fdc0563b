// CA bundles, see ca_bundle.h.
#include "net/ca_bundle.h"

#include <cerrno>
#include <cstring>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <memory>

#include <openssl/bio.h>
#include <openssl/err.h>
#include <openssl/pem.h>
#include <openssl/x509.h>
#include <openssl/x509_vfy.h>

namespace sqs2pg::net {
namespace {

constexpr std::uintmax_t kMostBytes = 16 * 1024 * 1024;

tl::unexpected<Error> unusable(std::string why) {
    return fail(ErrorKind::Configuration, Stage::Start, "tls_failed", std::move(why));
}

Result<std::string> read(const std::string& path) {
    std::error_code ec;
    auto size = std::filesystem::file_size(path, ec);
    if (!ec && size > kMostBytes) return unusable("it is larger than 16 MiB");
    errno = 0;
    std::ifstream in(path, std::ios::binary);
    if (!in) return unusable(errno == ENOENT ? "there is no such file" : std::strerror(errno));
    std::string text(std::istreambuf_iterator<char>(in), {});
    if (in.bad()) return unusable("it cannot be read");
    return text;
}

}  // namespace

Status add_ca_bundle(X509_STORE* store, const std::string& path) {
    std::error_code ignored;
    if (std::filesystem::is_directory(path, ignored)) {
        if (X509_STORE_load_path(store, path.c_str()) == 1) return {};
        return unusable("the folder cannot be used");
    }
    auto text = read(path);
    if (!text) return fail(std::move(text.error()));
    if (text->find_first_not_of(" \t\r\n") == text->npos) return unusable("the file is empty");
    std::unique_ptr<BIO, int (*)(BIO*)> in(BIO_new_mem_buf(text->data(), static_cast<int>(text->size())), BIO_free);
    int count = 0;
    for (;;) {
        std::unique_ptr<X509, void (*)(X509*)> certificate(PEM_read_bio_X509_AUX(in.get(), nullptr, nullptr, nullptr),
                                                           X509_free);
        if (!certificate) break;
        ++count;
        X509_STORE_add_cert(store, certificate.get());  // one that stands twice is one
    }
    // The end of the file is "no start line": anything else is a certificate that cannot be read.
    bool at_end = ERR_GET_REASON(ERR_peek_last_error()) == PEM_R_NO_START_LINE;
    ERR_clear_error();
    if (!at_end) return unusable("its certificate number " + std::to_string(count + 1) + " cannot be read");
    if (count > 0) return {};
    if (text->starts_with('\x30')) {
        return unusable("it is DER, not PEM; convert it: openssl x509 -inform der -in FILE -out FILE.pem");
    }
    return unusable("it holds no certificate in PEM form (-----BEGIN CERTIFICATE-----)");
}

}  // namespace sqs2pg::net
