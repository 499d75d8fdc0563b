// Wiping of secrets, see secret.h.
#include "base/secret.h"

#include <openssl/crypto.h>

namespace sqs2pg {

Secret& Secret::operator=(const Secret& other) {
    if (this != &other) {
        wipe();
        value_ = other.value_;
    }
    return *this;
}

Secret& Secret::operator=(Secret&& other) noexcept {
    if (this != &other) {
        wipe();
        value_ = std::move(other.value_);
        other.wipe();
    }
    return *this;
}

void Secret::wipe() noexcept {
    // The whole capacity: an earlier, longer value may still stand behind the end. (Short strings live in place.)
    value_.resize(value_.capacity());
    OPENSSL_cleanse(value_.data(), value_.size());
    value_.clear();
}

}  // namespace sqs2pg
