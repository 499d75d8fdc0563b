// zlib within bounds, see inflate.h.
#include "pipeline/inflate.h"

#include <zlib.h>

#include <algorithm>
#include <limits>
#include <new>

namespace sqs2pg::pipeline {

namespace {

constexpr int kWindowBits = 15;
constexpr int kGzipWindowBits = kWindowBits + 16;
constexpr std::size_t kFirstBytes = 4096;

}  // namespace

struct Inflater::Impl {
    z_stream stream{};

    Impl() {
        if (inflateInit2(&stream, kWindowBits) != Z_OK) throw std::bad_alloc();
    }
    ~Impl() { inflateEnd(&stream); }
    Impl(const Impl&) = delete;
    Impl& operator=(const Impl&) = delete;
};

Inflater::Inflater() = default;
Inflater::~Inflater() = default;
Inflater::Inflater(Inflater&&) noexcept = default;
Inflater& Inflater::operator=(Inflater&&) noexcept = default;

Inflater::Verdict Inflater::inflate(std::string_view compressed, Format format, std::size_t most, std::string& out) {
    if (!impl_) impl_ = std::make_unique<Impl>();
    auto& stream = impl_->stream;
    const auto window = format == Format::Gzip ? kGzipWindowBits : kWindowBits;
    if (compressed.size() > std::numeric_limits<uInt>::max()) return Verdict::TooLarge;
    if (inflateReset2(&stream, window) != Z_OK) return Verdict::Damaged;

    const auto by_ratio = std::max(kInflationAllowance, compressed.size() * kMostInflation);
    const auto limit = std::min(most, by_ratio);
    // One byte more than allowed tells a body that ends at the limit from one that goes on.
    out.resize(std::min(limit + 1, std::max(kFirstBytes, compressed.size() * 4)));
    stream.next_in = reinterpret_cast<Bytef*>(const_cast<char*>(compressed.data()));
    stream.avail_in = static_cast<uInt>(compressed.size());
    std::size_t made = 0;
    for (;;) {
        if (made == out.size()) out.resize(std::min(limit + 1, out.size() * 2));
        const auto room = std::min<std::size_t>(out.size() - made, std::numeric_limits<uInt>::max());
        stream.next_out = reinterpret_cast<Bytef*>(out.data() + made);
        stream.avail_out = static_cast<uInt>(room);
        const int code = ::inflate(&stream, Z_NO_FLUSH);
        made += room - stream.avail_out;
        if (made > limit) return limit == most ? Verdict::TooLarge : Verdict::Bomb;
        if (code == Z_STREAM_END) {
            if (stream.avail_in == 0) break;
            if (format != Format::Gzip || inflateReset(&stream) != Z_OK) return Verdict::Damaged;
            continue;
        }
        // Z_BUF_ERROR with room left: the input ended before the stream did.
        if (code != Z_OK && !(code == Z_BUF_ERROR && stream.avail_out == 0)) return Verdict::Damaged;
        if (code == Z_OK && stream.avail_in == 0 && stream.avail_out != 0) return Verdict::Damaged;
    }
    out.resize(made);
    return Verdict::Done;
}

}  // namespace sqs2pg::pipeline
