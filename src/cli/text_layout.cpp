// See text_layout.h.
#include "cli/text_layout.h"

#include <algorithm>
#include <array>
#include <cstdint>
#include <span>
#include <utility>

namespace sqs2pg::cli {
namespace {

constexpr std::size_t kNarrowest = 8;
constexpr std::string_view kEllipsis = "…";

struct Character {
    char32_t code = 0;
    std::size_t bytes = 1;
};

// The first of a text that is not empty; a byte that begins none stands for itself.
Character first_of(std::string_view text) noexcept {
    const auto lead = static_cast<unsigned char>(text[0]);
    const std::size_t bytes = lead < 0x80 ? 1 : lead >= 0xf0 ? 4 : lead >= 0xe0 ? 3 : lead >= 0xc0 ? 2 : 1;
    if (bytes == 1 || text.size() < bytes) return {lead < 0x80 ? lead : U'?', 1};
    char32_t code = lead & (0xffU >> (bytes + 1));
    for (std::size_t i = 1; i < bytes; ++i) {
        const auto next = static_cast<unsigned char>(text[i]);
        if ((next & 0xc0) != 0x80) return {U'?', 1};
        code = code << 6 | (next & 0x3f);
    }
    return {code, bytes};
}

using Range = std::pair<char32_t, char32_t>;

bool among(char32_t code, std::span<const Range> ranges) noexcept {
    return std::ranges::any_of(ranges, [code](const Range& one) { return code >= one.first && code <= one.second; });
}

std::size_t columns_of(char32_t code) noexcept {
    // Unicode's nonspacing marks of the common scripts, joiners and variation selectors.
    static constexpr std::array<Range, 11> kNone = {{{0x300, 0x36f},
                                                     {0x483, 0x489},
                                                     {0x591, 0x5bd},
                                                     {0x610, 0x61a},
                                                     {0x64b, 0x65f},
                                                     {0x1ab0, 0x1aff},
                                                     {0x1dc0, 0x1dff},
                                                     {0x200b, 0x200f},
                                                     {0x20d0, 0x20ff},
                                                     {0xfe00, 0xfe0f},
                                                     {0xfe20, 0xfe2f}}};
    // East Asian Width W and F.
    static constexpr std::array<Range, 13> kTwo = {{{0x1100, 0x115f},
                                                    {0x2e80, 0x303e},
                                                    {0x3041, 0x33ff},
                                                    {0x3400, 0x4dbf},
                                                    {0x4e00, 0x9fff},
                                                    {0xa000, 0xa4cf},
                                                    {0xac00, 0xd7a3},
                                                    {0xf900, 0xfaff},
                                                    {0xfe30, 0xfe6f},
                                                    {0xff00, 0xff60},
                                                    {0xffe0, 0xffe6},
                                                    {0x1f300, 0x1faff},
                                                    {0x20000, 0x3fffd}}};
    if (code < 0x300) return 1;
    return among(code, kNone) ? 0 : among(code, kTwo) ? 2 : 1;
}

// Bytes of the longest beginning that takes at most `width` columns.
std::size_t bytes_within(std::string_view text, std::size_t width) noexcept {
    std::size_t at = 0, taken = 0;
    while (at < text.size()) {
        const auto next = first_of(text.substr(at));
        taken += columns_of(next.code);
        if (taken > width) break;
        at += next.bytes;
    }
    return at;
}

void shrink(std::vector<std::size_t>& widths, std::size_t room, const std::vector<bool>& may_shrink) {
    auto total = [&] {
        std::size_t sum = widths.empty() ? 0 : 2 * (widths.size() - 1);
        for (auto one : widths) sum += one;
        return sum;
    };
    while (total() > room) {
        std::size_t widest = widths.size();
        for (std::size_t i = 0; i < widths.size(); ++i) {
            const bool may = i < may_shrink.size() && may_shrink[i] && widths[i] > kNarrowest;
            if (may && (widest == widths.size() || widths[i] > widths[widest])) widest = i;
        }
        if (widest == widths.size()) return;
        --widths[widest];
    }
}

}  // namespace

std::size_t width_of(std::string_view text) noexcept {
    std::size_t width = 0;
    while (!text.empty()) {
        if (text.starts_with("\x1b[")) {
            text.remove_prefix(std::min(text.find('m'), text.size() - 1) + 1);
            continue;
        }
        const auto next = first_of(text);
        width += columns_of(next.code);
        text.remove_prefix(next.bytes);
    }
    return width;
}

std::string cut_to(std::string_view text, std::size_t width) {
    if (width == 0 || width_of(text) <= width) return std::string(text);
    return std::string(text.substr(0, bytes_within(text, width - 1))) + std::string(kEllipsis);
}

std::string padded(std::string_view text, std::size_t width) {
    const auto own = width_of(text);
    return std::string(text) + std::string(own < width ? width - own : 0, ' ');
}

std::string wrapped(std::string_view text, std::size_t width, std::size_t indent, std::size_t first) {
    const auto begin = first == std::string::npos ? indent : first;
    std::string out(begin, ' ');
    std::size_t column = begin;
    bool fresh = true;  // nothing stands on the line yet
    auto new_line = [&] {
        out += '\n';
        out.append(indent, ' ');
        column = indent;
        fresh = true;
    };
    while (!text.empty()) {
        const auto end = std::min(text.find_first_of(" \n"), text.size());
        const auto word = text.substr(0, end);
        const auto wide = width_of(word);
        if (!fresh && width != 0 && column + 1 + wide > width) new_line();
        if (!word.empty()) {
            if (!fresh) out += ' ';
            column += wide + (fresh ? 0 : 1);
            out += word;
            fresh = false;
        }
        if (end < text.size() && text[end] == '\n') new_line();
        text.remove_prefix(std::min(end + 1, text.size()));
    }
    return out + "\n";
}

std::vector<std::size_t> fitted(std::vector<std::size_t> widths, std::size_t room) {
    shrink(widths, room, std::vector<bool>(widths.size(), true));
    return widths;
}

std::string table_of(const std::vector<Cells>& rows, std::size_t width, const std::vector<bool>& may_shrink) {
    std::vector<std::size_t> widths;
    for (const auto& row : rows) {
        widths.resize(std::max(widths.size(), row.size()));
        for (std::size_t i = 0; i < row.size(); ++i) widths[i] = std::max(widths[i], width_of(row[i]));
    }
    if (width != 0) shrink(widths, width, may_shrink);
    std::string text;
    for (const auto& row : rows) {
        std::string line;
        for (std::size_t i = 0; i < row.size(); ++i) line += padded(cut_to(row[i], widths[i]), widths[i]) + "  ";
        text += line.substr(0, line.find_last_not_of(' ') + 1) + "\n";
    }
    return text;
}

}  // namespace sqs2pg::cli
