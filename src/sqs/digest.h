// MD5 of the bodies of a reply, within the protocol's files; what others need of it is in protocol.h.
#pragma once

#include <span>
#include <string_view>

#include "sqs/md5_lanes.h"

namespace sqs2pg::sqs {

// The digests of any number of texts, in their order: side by side, where that is faster.
void md5_of_all(std::span<const std::string_view> texts, std::span<Md5Digest> digests);

// Whether `hex` is the digest in lower case.
bool is_hex_of(const Md5Digest& digest, std::string_view hex);

}  // namespace sqs2pg::sqs
