// MD5 in lanes, see md5_lanes.h. One lane a text; the compiler makes of a step on all lanes what the processor has for
// it: what is shipped is built for any x86-64, and has a second version for those with AVX2. One for AVX-512 was no
// faster.
#include "sqs/md5_lanes.h"

#include <algorithm>
#include <bit>
#include <cstring>
#include <utility>

namespace sqs2pg::sqs {
namespace {

static_assert(std::endian::native == std::endian::little, "MD5's words are little-endian, and are copied as they lie");

constexpr std::size_t kLanes = kMostMd5Lanes;
constexpr std::size_t kBlock = 64;
constexpr std::size_t kWords = kBlock / sizeof(std::uint32_t);
constexpr std::size_t kLengthBytes = 8;  // of the length in bits, at the end of the last block

using Lanes = std::uint32_t __attribute__((vector_size(kLanes * sizeof(std::uint32_t))));
// A word of each lane, filled lane by lane: as numbers, for a lane of a vector is dear to set.
using Word = std::array<std::uint32_t, kLanes>;
using Words = std::array<Word, kWords>;
using State = std::array<Word, 4>;

// RFC 1321, 3.4: 4294967296 times abs(sin(i)), i from 1 in radians.
constexpr std::array<std::uint32_t, 64> kSines = {
    0xd76aa478, 0xe8c7b756, 0x242070db, 0xc1bdceee, 0xf57c0faf, 0x4787c62a, 0xa8304613, 0xfd469501,
    0x698098d8, 0x8b44f7af, 0xffff5bb1, 0x895cd7be, 0x6b901122, 0xfd987193, 0xa679438e, 0x49b40821,
    0xf61e2562, 0xc040b340, 0x265e5a51, 0xe9b6c7aa, 0xd62f105d, 0x02441453, 0xd8a1e681, 0xe7d3fbc8,
    0x21e1cde6, 0xc33707d6, 0xf4d50d87, 0x455a14ed, 0xa9e3e905, 0xfcefa3f8, 0x676f02d9, 0x8d2a4c8a,
    0xfffa3942, 0x8771f681, 0x6d9d6122, 0xfde5380c, 0xa4beea44, 0x4bdecfa9, 0xf6bb4b60, 0xbebfbc70,
    0x289b7ec6, 0xeaa127fa, 0xd4ef3085, 0x04881d05, 0xd9d4d039, 0xe6db99e5, 0x1fa27cf8, 0xc4ac5665,
    0xf4292244, 0x432aff97, 0xab9423a7, 0xfc93a039, 0x655b59c3, 0x8f0ccc92, 0xffeff47d, 0x85845dd1,
    0x6fa87e4f, 0xfe2ce6e0, 0xa3014314, 0x4e0811a1, 0xf7537e82, 0xbd3af235, 0x2ad7d2bb, 0xeb86d391,
};
constexpr std::array<std::array<int, 4>, 4> kShifts = {
    {{7, 12, 17, 22}, {5, 9, 14, 20}, {4, 11, 16, 23}, {6, 10, 15, 21}}};

constexpr std::array<std::uint32_t, 4> kStart = {0x67452301, 0xefcdab89, 0x98badcfe, 0x10325476};  // 3.3

// All that follows is inlined into a function for one kind of processor, and takes on what that may use.
#define SQS2PG_INLINED [[gnu::always_inline]] inline

SQS2PG_INLINED void load(Lanes& lanes, const Word& word) { std::memcpy(&lanes, word.data(), sizeof lanes); }

template <std::size_t kStep>
SQS2PG_INLINED void step(Lanes (&s)[4], const Words& words) {
    constexpr auto kRound = kStep / 16;
    constexpr auto kWord =
        (std::array<std::size_t, 4>{kStep, 5 * kStep + 1, 3 * kStep + 5, 7 * kStep}[kRound]) % kWords;
    constexpr int kShift = kShifts[kRound][kStep % 4];
    auto& a = s[(64 - kStep) % 4];
    const auto& b = s[(65 - kStep) % 4];
    const auto& c = s[(66 - kStep) % 4];
    const auto& d = s[(67 - kStep) % 4];
    Lanes word;
    load(word, words[kWord]);
    auto sum = a + kSines[kStep] + word;
    if constexpr (kRound == 0) sum += d ^ (b & (c ^ d));
    if constexpr (kRound == 1) sum += c ^ (d & (b ^ c));
    if constexpr (kRound == 2) sum += b ^ c ^ d;
    if constexpr (kRound == 3) sum += c ^ (b | ~d);
    a = b + (sum << kShift | sum >> (32 - kShift));
}

template <std::size_t... kSteps>
SQS2PG_INLINED void all_steps(Lanes (&s)[4], const Words& words, std::index_sequence<kSteps...>) {
    (step<kSteps>(s, words), ...);
}

// One block of each lane; those that are not in `active` (all bits set) stay as they are.
SQS2PG_INLINED void compress(State& state, const Words& words, const Word& active) {
    Lanes before[4];
    for (std::size_t i = 0; i < 4; ++i) load(before[i], state[i]);
    Lanes s[4] = {before[0], before[1], before[2], before[3]};
    all_steps(s, words, std::make_index_sequence<64>());
    Lanes mask;
    load(mask, active);
    for (std::size_t i = 0; i < 4; ++i) {
        before[i] += s[i] & mask;
        std::memcpy(state[i].data(), &before[i], sizeof before[i]);
    }
}

using Compress = void (*)(State& state, const Words& words, const Word& active);

void compress_anywhere(State& state, const Words& words, const Word& active) { compress(state, words, active); }

#ifdef __x86_64__
[[gnu::target("avx2")]] void compress_avx2(State& state, const Words& words, const Word& active) {
    compress(state, words, active);
}
#endif

#undef SQS2PG_INLINED

Compress for_this_processor() {
#ifdef __x86_64__
    if (__builtin_cpu_supports("avx2") != 0) return compress_avx2;
#endif
    return compress_anywhere;
}

// A text as MD5 reads it: its whole blocks where they are, then one or two with its end, a one bit and its length.
class Padded {
   public:
    Padded() = default;
    explicit Padded(std::string_view text) : whole_(text.data()), whole_blocks_(text.size() / kBlock) {
        const auto end = text.substr(whole_blocks_ * kBlock);
        std::copy(end.begin(), end.end(), tail_.begin());
        tail_[end.size()] = static_cast<char>(0x80);
        const std::size_t tail_blocks = end.size() + 1 + kLengthBytes <= kBlock ? 1 : 2;
        const std::uint64_t bits = std::uint64_t{text.size()} * 8;
        std::memcpy(tail_.data() + tail_blocks * kBlock - kLengthBytes, &bits, kLengthBytes);
        blocks_ = whole_blocks_ + tail_blocks;
    }

    std::size_t blocks() const noexcept { return blocks_; }
    const char* block(std::size_t index) const noexcept {
        return index < whole_blocks_ ? whole_ + index * kBlock : tail_.data() + (index - whole_blocks_) * kBlock;
    }

   private:
    const char* whole_ = nullptr;
    std::size_t whole_blocks_ = 0;
    std::size_t blocks_ = 0;
    std::array<char, 2 * kBlock> tail_{};
};

}  // namespace

void md5_side_by_side(std::span<const std::string_view> texts, std::span<Md5Digest> digests, Md5For processor) {
    static const Compress kBest = for_this_processor();
    const Compress compress_lanes = processor == Md5For::AnyProcessor ? compress_anywhere : kBest;
    std::array<Padded, kLanes> padded;
    std::size_t blocks = 0;
    for (std::size_t lane = 0; lane < texts.size(); ++lane) {
        padded[lane] = Padded(texts[lane]);
        blocks = std::max(blocks, padded[lane].blocks());
    }
    State state;
    for (std::size_t i = 0; i < state.size(); ++i) state[i].fill(kStart[i]);
    Words words{};
    Word active{};
    for (std::size_t block = 0; block < blocks; ++block) {
        for (std::size_t lane = 0; lane < texts.size(); ++lane) {
            active[lane] = block < padded[lane].blocks() ? ~0u : 0u;
            if (active[lane] == 0) continue;
            std::array<std::uint32_t, kWords> these;
            std::memcpy(these.data(), padded[lane].block(block), kBlock);
            for (std::size_t i = 0; i < kWords; ++i) words[i][lane] = these[i];
        }
        compress_lanes(state, words, active);
    }
    for (std::size_t lane = 0; lane < texts.size(); ++lane) {
        const std::array<std::uint32_t, 4> digest = {state[0][lane], state[1][lane], state[2][lane], state[3][lane]};
        std::memcpy(digests[lane].data(), digest.data(), digests[lane].size());
    }
}

}  // namespace sqs2pg::sqs
