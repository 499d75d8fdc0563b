// Generated spellings of one address: every method that knows addresses gives all of them one result.
#include <algorithm>
#include <array>
#include <cctype>
#include <cstdio>
#include <random>
#include <set>
#include <vector>

#include <gtest/gtest.h>

#include "privacy/canonical.h"
#include "privacy/mask.h"

namespace sqs2pg::privacy {
namespace {

using Groups = std::array<unsigned, 8>;

class Speller {
   public:
    explicit Speller(unsigned seed) : random_(seed) {}

    unsigned below(unsigned limit) { return static_cast<unsigned>(random_() % limit); }

    // Many zeros, so that there is something to compress.
    Groups address() {
        Groups groups{};
        for (auto& group : groups) group = below(3) == 0 ? below(0x10000) : below(2) * below(16);
        return groups;
    }

    std::string spelled(const Groups& groups) {
        const bool dotted = below(4) == 0;  // the last two groups as an IPv4 address
        const std::size_t count = dotted ? 6 : 8;
        auto [from, until] = compressed(groups, count);
        std::string text;
        for (std::size_t i = 0; i < count; ++i) {
            if (i == from && from < until) {
                text += "::";
                i = until - 1;
                continue;
            }
            if (!text.empty() && text.back() != ':') text += ':';
            text += group(groups[i]);
        }
        if (dotted) {
            if (text.back() != ':') text += ':';
            text += dots(groups[6], groups[7]);
        }
        return text;
    }

    static std::string dots(unsigned high, unsigned low) {
        char text[20];
        std::snprintf(text, sizeof text, "%u.%u.%u.%u", high >> 8, high & 255, low >> 8, low & 255);
        return text;
    }

   private:
    // Any run of zeros, or none: not only the longest, as RFC 4291 allows.
    std::pair<std::size_t, std::size_t> compressed(const Groups& groups, std::size_t count) {
        std::vector<std::pair<std::size_t, std::size_t>> runs{{9, 9}};
        for (std::size_t from = 0; from < count; ++from) {
            for (std::size_t until = from + 1; until <= count && groups[until - 1] == 0; ++until) {
                runs.emplace_back(from, until);
            }
        }
        return runs[below(static_cast<unsigned>(runs.size()))];
    }

    std::string group(unsigned value) {
        char text[8];
        std::snprintf(text, sizeof text, below(2) == 0 ? "%x" : "%04x", value);
        std::string out = text;
        if (below(2) == 0) std::ranges::transform(out, out.begin(), [](char c) { return std::toupper(c); });
        return out;
    }

    std::mt19937 random_;
};

std::string masked(Masker& masker, std::string_view value) {
    std::string out;
    EXPECT_EQ(masker.mask(value, out), Masked::Value) << value;
    return out;
}

std::vector<Masker> maskers() {
    auto ring = Keyring::generate();
    std::vector<Masker> all;
    for (auto method : {Method::Hmac, Method::Siv, Method::IpPrefix, Method::Truncate}) {
        all.push_back(Masker::make({method, is_keyed(method) ? "ip" : "", Canonical::Ip, 0}, ring).value());
    }
    return all;
}

TEST(Spellings, OfOneIpv6AddressAreEqualUnderEveryMethod) {
    auto all = maskers();
    Speller speller(6);
    std::size_t spellings = 0;
    for (int round = 0; round < 300; ++round) {
        auto groups = speller.address();
        std::vector<std::set<std::string>> results(all.size());
        std::set<std::string> texts;
        for (int i = 0; i < 12; ++i) {
            auto text = speller.spelled(groups);
            texts.insert(text);
            ASSERT_GT(canonical_ip(text).size, 0) << text;
            for (std::size_t m = 0; m < all.size(); ++m) results[m].insert(masked(all[m], text));
        }
        spellings += texts.size();
        for (const auto& result : results) EXPECT_EQ(result.size(), 1u) << *texts.begin();
    }
    EXPECT_GT(spellings, 2000u);  // the generator does vary
}

TEST(Spellings, OfAnIpv4AddressInIpv6AreTheIpv4Address) {
    auto all = maskers();
    Speller speller(4);
    for (int round = 0; round < 200; ++round) {
        Groups groups{0, 0, 0, 0, 0, 0xffff, speller.below(0x10000), speller.below(0x10000)};
        auto plain = Speller::dots(groups[6], groups[7]);
        for (int i = 0; i < 6; ++i) {
            auto text = speller.spelled(groups);
            for (auto& masker : all) EXPECT_EQ(masked(masker, text), masked(masker, plain)) << text;
        }
    }
}

// 010 is 8 to some and 10 to others: a leading zero makes a text that is no address, here as in inet_pton and inet.
TEST(Spellings, ALeadingZeroInIpv4IsNoAddress) {
    for (std::string_view text : {"010.0.0.1", "192.0.2.01", "::ffff:192.0.02.1"}) {
        EXPECT_EQ(canonical_ip(text).size, 0) << text;
    }
}

}  // namespace
}  // namespace sqs2pg::privacy
