// An immutable text in memory that several texts may share, as those of one reply's messages do: neighbours warm each
// other for the processor, and are one allocation. A copy shares too; copies may be on several threads. kRoom bytes
// behind the text may be read, whatever they hold: simdjson's parser reads ahead.
#pragma once

#include <compare>
#include <concepts>
#include <cstddef>
#include <memory>
#include <ostream>
#include <string>
#include <string_view>

namespace sqs2pg {

class SharedText {
   public:
    static constexpr std::size_t kRoom = 64;
    using Memory = std::shared_ptr<const char[]>;

    SharedText() noexcept = default;

    // Copies the text into memory of its own.
    template <class Text>
        requires(std::convertible_to<const Text&, std::string_view> && !std::same_as<Text, SharedText>)
    SharedText(const Text& text) : SharedText(copy_of(text)) {}  // NOLINT(google-explicit-constructor): as a string's

    // A part of `memory`, behind which kRoom bytes of it follow.
    SharedText(Memory memory, std::string_view part) noexcept : memory_(std::move(memory)), text_(part) {}

    operator std::string_view() const noexcept { return text_; }  // NOLINT(google-explicit-constructor): likewise
    std::string_view view() const noexcept { return text_; }
    const char* data() const noexcept { return text_.data(); }
    std::size_t size() const noexcept { return text_.size(); }
    bool empty() const noexcept { return text_.empty(); }

    friend bool operator==(const SharedText& a, const SharedText& b) noexcept { return a.text_ == b.text_; }
    friend auto operator<=>(const SharedText& a, const SharedText& b) noexcept { return a.text_ <=> b.text_; }
    template <class Text>
        requires(std::convertible_to<const Text&, std::string_view> && !std::same_as<Text, SharedText>)
    friend bool operator==(const SharedText& a, const Text& b) noexcept {
        return a.text_ == std::string_view(b);
    }
    friend std::ostream& operator<<(std::ostream& out, const SharedText& text) { return out << text.text_; }

   private:
    static constexpr char kNothing[kRoom] = {};

    static SharedText copy_of(std::string_view text);

    Memory memory_;                     // null: the text is empty
    std::string_view text_ = kNothing;  // up to its first zero: nothing
};

// Fills the memory of texts that share it: say how much they hold together, then append one after the other.
class SharedMemory {
   public:
    explicit SharedMemory(std::size_t bytes);

    std::size_t left() const noexcept { return bytes_ - used_; }

    // A text of left() bytes at most. The empty text shares nothing.
    SharedText append(std::string_view text);

   private:
    std::shared_ptr<char[]> memory_;
    std::size_t used_ = 0;
    std::size_t bytes_;
};

// Texts that come one at a time share pieces of kPiece bytes; a long one has its own. What a text keeps from being
// freed beside itself is one piece, therefore.
class TextShelf {
   public:
    static constexpr std::size_t kPiece = 2048;
    static constexpr std::size_t kLong = kPiece / 4;

    SharedText put(std::string_view text);

   private:
    SharedMemory piece_{0};
};

}  // namespace sqs2pg
