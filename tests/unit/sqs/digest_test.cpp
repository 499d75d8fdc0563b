// MD5 of many texts at a time, held against OpenSSL's.
#include "sqs/digest.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <random>
#include <string>
#include <vector>

#include "sqs/protocol.h"

namespace sqs2pg::sqs {
namespace {

std::string text_of(std::size_t size, std::minstd_rand& random) {
    std::string text(size, '\0');
    std::ranges::generate(text, [&] { return static_cast<char>(random()); });
    return text;
}

std::vector<std::string> some_texts(std::size_t count, std::size_t shortest, std::size_t longest,
                                    std::minstd_rand& random) {
    std::uniform_int_distribution<std::size_t> size(shortest, longest);
    std::vector<std::string> texts;
    for (std::size_t i = 0; i < count; ++i) texts.push_back(text_of(size(random), random));
    return texts;
}

template <class Digest>
void expect_as_openssl(const std::vector<std::string>& texts, Digest digest_all) {
    const std::vector<std::string_view> views(texts.begin(), texts.end());
    std::vector<Md5Digest> digests(texts.size());
    digest_all(views, digests);
    for (std::size_t i = 0; i < texts.size(); ++i) {
        EXPECT_TRUE(is_hex_of(digests[i], md5_hex(texts[i]))) << i << ": " << texts[i].size() << " bytes";
    }
}

void expect_side_by_side_as_openssl(const std::vector<std::string>& texts) {
    for (auto processor : {Md5For::ThisProcessor, Md5For::AnyProcessor}) {
        expect_as_openssl(texts, [&](auto views, auto& digests) { md5_side_by_side(views, digests, processor); });
    }
}

TEST(Md5SideBySide, EveryNumberOfLanesAndEveryLengthAroundABlockIsAsOpenSslHasIt) {
    std::minstd_rand random(20261128);
    for (std::size_t count = 1; count <= kMostMd5Lanes; ++count) {
        for (std::size_t size : {0u, 1u, 55u, 56u, 63u, 64u, 65u, 119u, 120u, 128u, 300u}) {
            expect_side_by_side_as_openssl(some_texts(count, size, size, random));
        }
    }
}

TEST(Md5SideBySide, LanesOfAnyLengthEndEachByItself) {
    std::minstd_rand random(20261129);
    for (int turn = 0; turn < 50; ++turn) {
        expect_side_by_side_as_openssl(some_texts(kMostMd5Lanes, 0, 1000, random));
    }
    expect_side_by_side_as_openssl({std::string(5000, 'a'), {}, "b", std::string(64, 'c')});
}

TEST(Md5OfAll, AnyNumberOfTextsAndAnyLengthsAreAsOpenSslHasThem) {
    std::minstd_rand random(20261130);
    expect_as_openssl({}, md5_of_all);
    for (std::size_t count : {1u, 2u, 3u, 10u, 16u, 17u, 18u, 40u}) {
        expect_as_openssl(some_texts(count, 200, 300, random), md5_of_all);
        expect_as_openssl(some_texts(count, 0, 100000, random), md5_of_all);
    }
    auto one_long = some_texts(9, 0, 10, random);
    one_long.push_back(text_of(300000, random));
    expect_as_openssl(one_long, md5_of_all);
}

TEST(Md5OfAll, AnotherDigestOrAnotherCaseIsNotTheSame) {
    const std::vector<std::string_view> texts(4, "This is a test message");
    std::vector<Md5Digest> digests(texts.size());
    md5_of_all(texts, digests);
    for (const auto& digest : digests) {
        EXPECT_TRUE(is_hex_of(digest, "fafb00f5732ab283681e124bf8747ed1"));
        EXPECT_FALSE(is_hex_of(digest, "fafb00f5732ab283681e124bf8747ed2"));
        EXPECT_FALSE(is_hex_of(digest, "FAFB00F5732AB283681E124BF8747ED1"));
        EXPECT_FALSE(is_hex_of(digest, "fafb00f5732ab283681e124bf8747ed"));
        EXPECT_FALSE(is_hex_of(digest, ""));
    }
}

}  // namespace
}  // namespace sqs2pg::sqs
