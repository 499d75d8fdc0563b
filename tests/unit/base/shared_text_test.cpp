// Texts that share memory.
#include "base/shared_text.h"

#include <gtest/gtest.h>

#include <vector>

namespace sqs2pg {
namespace {

TEST(SharedText, ComparesAndConvertsAsATextDoes) {
    const std::string string = "text";
    SharedText text = string;
    EXPECT_EQ(text, "text");
    EXPECT_EQ(text, string);
    EXPECT_EQ(text, SharedText("text"));
    EXPECT_NE(text, SharedText("tex"));
    EXPECT_LT(SharedText("a"), SharedText("b"));
    EXPECT_EQ(std::string(text), string);
    EXPECT_TRUE(SharedText().empty());
    EXPECT_EQ(SharedText(), "");
}

TEST(SharedText, KeepsItsMemoryAfterTheOneItWasMadeOf) {
    SharedText kept;
    {
        SharedMemory memory(6);
        auto first = memory.append("abc");
        kept = memory.append("def");
        EXPECT_EQ(first.data() + first.size(), kept.data());
    }
    EXPECT_EQ(kept, "def");
    auto copy = kept;
    kept = SharedText();
    EXPECT_EQ(copy, "def");
}

// The sanitizer tells when it is not so.
TEST(SharedText, HasReadableRoomBehindIt) {
    SharedMemory memory(3);
    TextShelf shelf;
    for (const auto& text : {SharedText(), SharedText(""), SharedText("abc"), memory.append("abc"), shelf.put("abc")}) {
        std::vector<char> read(text.data(), text.data() + text.size() + SharedText::kRoom);
        EXPECT_EQ(read.size(), text.size() + SharedText::kRoom);
    }
}

TEST(SharedMemory, RefusesMoreThanItWasMadeFor) {
    SharedMemory memory(3);
    EXPECT_EQ(memory.append("ab"), "ab");
    EXPECT_EQ(memory.left(), 1u);
    EXPECT_THROW(memory.append("cd"), std::logic_error);
    EXPECT_EQ(memory.append(""), "");
    EXPECT_EQ(memory.append("c"), "c");
}

TEST(TextShelf, NeighboursShareAPieceAndLongTextsHaveTheirOwn) {
    TextShelf shelf;
    const auto first = shelf.put("first");
    const auto second = shelf.put("second");
    EXPECT_EQ(first.data() + first.size(), second.data());
    const auto large = shelf.put(std::string(TextShelf::kLong + 1, 'x'));
    EXPECT_EQ(large.size(), TextShelf::kLong + 1);
    const auto third = shelf.put("third");
    EXPECT_EQ(second.data() + second.size(), third.data());
    std::vector<SharedText> many;
    for (std::size_t i = 0; i < 100; ++i) many.push_back(shelf.put(std::string(TextShelf::kLong, char('a' + i % 26))));
    for (std::size_t i = 0; i < 100; ++i) EXPECT_EQ(many[i], std::string(TextShelf::kLong, char('a' + i % 26)));
}

}  // namespace
}  // namespace sqs2pg
