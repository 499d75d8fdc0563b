// Text in columns of a terminal: how wide it is there, cut and wrapped. Pure.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

namespace sqs2pg::cli {

// Columns that UTF-8 takes on a terminal: two for wide characters (CJK, emoji), none for combining ones. A byte that
// is no UTF-8 counts one; what inked() puts around a text takes none.
std::size_t width_of(std::string_view text) noexcept;

// At most `width` columns, the last an ellipsis when something was cut. 0: as it is.
std::string cut_to(std::string_view text, std::size_t width);

std::string padded(std::string_view text, std::size_t width);

// Words in lines of at most `width` columns, each behind `indent` spaces and ending in a newline; the first line behind
// `first` spaces. A word that is too long stands alone. 0: one line. Newlines of the text begin a line.
std::string wrapped(std::string_view text, std::size_t width, std::size_t indent = 0,
                    std::size_t first = std::string::npos);

// Widths of columns, two spaces between them, that take at most `room`: the widest are made narrower, down to eight.
std::vector<std::size_t> fitted(std::vector<std::size_t> widths, std::size_t room);

using Cells = std::vector<std::string>;

// Columns as wide as their widest cell, two spaces between them, the last one not padded. Where that is wider than
// `width` (0: never), the widest of the columns that may shrink are cut, down to eight.
std::string table_of(const std::vector<Cells>& rows, std::size_t width = 0, const std::vector<bool>& may_shrink = {});

}  // namespace sqs2pg::cli
