// MD5 of several texts at a time, RFC 1321: the messages of a reply each have one, and a processor that waits for one
// step of a digest has time for the same step of the others.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <span>
#include <string_view>

namespace sqs2pg::sqs {

using Md5Digest = std::array<std::uint8_t, 16>;

inline constexpr std::size_t kMostMd5Lanes = 16;

enum class Md5For : std::uint8_t { ThisProcessor, AnyProcessor };

// The digests of up to kMostMd5Lanes texts, in their order. Takes as long as the longest of them needs: for texts of
// about the same length. The version for any processor is chosen by itself where there is no better one.
void md5_side_by_side(std::span<const std::string_view> texts, std::span<Md5Digest> digests,
                      Md5For processor = Md5For::ThisProcessor);

}  // namespace sqs2pg::sqs
