// Decompression with bounds, for `unwrap: gzip` and `encoding`: a small message must not become a large one by
// surprise, however it is made. Pure.
#pragma once

#include <cstddef>
#include <memory>
#include <string>
#include <string_view>

namespace sqs2pg::pipeline {

// So many times its size may a compressed body become, where that is more than the allowance. Text of any use stays far
// below; deflate itself ends at 1,032.
inline constexpr std::size_t kMostInflation = 200;
inline constexpr std::size_t kInflationAllowance = 1u << 20;

// Keeps zlib's state for the next call. Not thread-safe.
class Inflater {
   public:
    enum class Format { Gzip, Zlib };
    enum class Verdict {
        Done,
        Damaged,   // not of that format, a wrong checksum, cut off, or followed by something else
        TooLarge,  // more than `most` bytes
        Bomb,      // more than kMostInflation times its size
    };

    Inflater();
    ~Inflater();
    Inflater(Inflater&&) noexcept;
    Inflater& operator=(Inflater&&) noexcept;

    // `out` is overwritten and never grows beyond the bounds. Gzip: all members, one after the other.
    Verdict inflate(std::string_view compressed, Format format, std::size_t most, std::string& out);

   private:
    struct Impl;
    std::unique_ptr<Impl> impl_;  // made with the first call
};

// RFC 1952's magic number.
inline bool looks_like_gzip(std::string_view bytes) noexcept { return bytes.starts_with("\x1f\x8b"); }

}  // namespace sqs2pg::pipeline
