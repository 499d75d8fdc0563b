// HMAC-SHA-256 under one key for many short values: the two hash states that follow the key's padded blocks are kept
// and copied for each value.
#pragma once

#include <string_view>

#define OPENSSL_SUPPRESS_DEPRECATED  // see keyed_hash.cpp
#include <openssl/sha.h>

#include "privacy/primitives.h"

namespace sqs2pg::privacy {

class KeyedHash {
   public:
    // A key of up to 64 bytes, the block of SHA-256.
    explicit KeyedHash(std::string_view key);
    KeyedHash(const KeyedHash&) = delete;
    KeyedHash& operator=(const KeyedHash&) = delete;
    // The states stand for the key: they are wiped.
    ~KeyedHash();

    // HMAC of `head` followed by `tail`. Not thread-safe.
    Digest of(std::string_view head, std::string_view tail = {});

   private:
    SHA256_CTX inner_, outer_, work_;
};

}  // namespace sqs2pg::privacy
