// Prefix-preserving encryption of addresses: ipcrypt-pfx (draft-denis-ipcrypt). Two addresses that share their first n
// bits become two that share their first n bits, so subnets stay visible as groups; the result is an address of the
// same family. Pure. Weaker than a token: docs/masking.md.
#pragma once

#include <memory>
#include <string_view>

#include "privacy/canonical.h"

namespace sqs2pg::privacy {

inline constexpr std::size_t kIpPrefixKeyBytes = 32;  // two different keys of AES-128

class IpPrefix {
   public:
    // Ends the process on a key of another size or with two equal halves: keys are derived, never chosen.
    explicit IpPrefix(std::string_view key);
    IpPrefix(IpPrefix&&) noexcept;
    IpPrefix& operator=(IpPrefix&&) noexcept;
    ~IpPrefix();

    // Of an address (size 5 or 17). Not thread-safe.
    CanonicalIp encrypt(const CanonicalIp& address);
    CanonicalIp decrypt(const CanonicalIp& address);

   private:
    struct Impl;
    std::unique_ptr<Impl> impl_;
};

}  // namespace sqs2pg::privacy
