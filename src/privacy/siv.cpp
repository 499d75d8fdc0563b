// AES-256-SIV on libgcrypt, see siv.h. Every return code is checked.
#include "privacy/siv.h"

#include <mutex>

#include <gcrypt.h>

#include "privacy/primitives.h"

namespace sqs2pg::privacy {
namespace {

// libgcrypt wants to be told once, before its first use and by one thread. Its pool of locked memory is left out: these
// keys live in ordinary memory with the others, and are wiped as they are.
void initialise_once() {
    static std::once_flag done;
    std::call_once(done, [] {
        if (gcry_control(GCRYCTL_INITIALIZATION_FINISHED_P) != 0) return;
        if (gcry_check_version("1.10.0") == nullptr) primitive_failed("libgcrypt is older than 1.10");
        gcry_control(GCRYCTL_DISABLE_SECMEM, 0);
        gcry_control(GCRYCTL_INITIALIZATION_FINISHED, 0);
    });
}

}  // namespace

struct Siv::Impl {
    gcry_cipher_hd_t handle = nullptr;

    Impl() = default;
    Impl(const Impl&) = delete;
    Impl& operator=(const Impl&) = delete;
    ~Impl() { gcry_cipher_close(handle); }  // wipes what it frees

    void begin(std::span<const std::string_view> associated) {
        bool good = gcry_cipher_reset(handle) == 0;
        for (auto part : associated) good = good && gcry_cipher_authenticate(handle, part.data(), part.size()) == 0;
        if (!good) primitive_failed("the associated data of AES-256-SIV");
    }
};

Siv::Siv(std::unique_ptr<Impl> impl) : impl_(std::move(impl)) {}
Siv::Siv(Siv&&) noexcept = default;
Siv& Siv::operator=(Siv&&) noexcept = default;
Siv::~Siv() = default;

Result<Siv> Siv::make(std::string_view key) {
    initialise_once();
    if (key.size() != kSivKeyBytes) primitive_failed("AES-256-SIV got a key of a wrong size");
    auto impl = std::make_unique<Impl>();
    if (gcry_cipher_open(&impl->handle, GCRY_CIPHER_AES256, GCRY_CIPHER_MODE_SIV, 0) != 0) {
        return fail(ErrorKind::Configuration, Stage::Configure, "no_siv",
                    "this machine's libgcrypt offers no AES-SIV (is it in FIPS mode?); use `mask: hmac` instead of "
                    "`mask: siv`");
    }
    if (gcry_cipher_setkey(impl->handle, key.data(), key.size()) != 0) primitive_failed("the key of AES-256-SIV");
    return Siv(std::move(impl));
}

void Siv::seal(std::string_view plaintext, std::string& out, std::span<const std::string_view> associated) {
    auto start = out.size();
    out.resize(start + kSivTagBytes + plaintext.size());
    auto* tag = out.data() + start;
    auto* ciphertext = tag + kSivTagBytes;
    impl_->begin(associated);
    bool good =
        gcry_cipher_encrypt(impl_->handle, ciphertext, plaintext.size(), plaintext.data(), plaintext.size()) == 0 &&
        gcry_cipher_gettag(impl_->handle, tag, kSivTagBytes) == 0;
    if (!good) primitive_failed("AES-256-SIV encryption");
}

std::optional<std::string> Siv::open(std::string_view sealed, std::span<const std::string_view> associated) {
    if (sealed.size() < kSivTagBytes) return std::nullopt;
    auto tag = sealed.substr(0, kSivTagBytes);
    auto ciphertext = sealed.substr(kSivTagBytes);
    std::string plaintext(ciphertext.size(), '\0');
    impl_->begin(associated);
    if (gcry_cipher_set_decryption_tag(impl_->handle, tag.data(), tag.size()) != 0) {
        primitive_failed("the tag of AES-256-SIV");
    }
    auto code =
        gcry_cipher_decrypt(impl_->handle, plaintext.data(), plaintext.size(), ciphertext.data(), ciphertext.size());
    if (code == 0) code = gcry_cipher_checktag(impl_->handle, tag.data(), tag.size());
    if (gcry_err_code(code) == GPG_ERR_CHECKSUM) return std::nullopt;
    if (code != 0) primitive_failed("AES-256-SIV decryption");
    return plaintext;
}

}  // namespace sqs2pg::privacy
