// What stands behind an output: a terminal with its width and colours, or a pipe or file that gets plain text.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>

namespace sqs2pg::cli {

enum class ColorChoice { Auto, Always, Never };

// `--color`; for the whole process.
void choose_color(ColorChoice choice) noexcept;

// Auto: on a terminal that is not dumb, unless NO_COLOR is set (https://no-color.org) or CLICOLOR is 0; CLICOLOR_FORCE
// (not 0) colours pipes too.
bool colors_on(int descriptor);

struct Screen {
    std::size_t width = 0;  // columns; 0: no terminal, nothing is cut
    bool color = false;

    std::size_t prose_width() const noexcept { return width == 0 ? 80 : width < 100 ? width : 100; }
};

// COLUMNS wins over what the terminal says; without a terminal there is no width.
Screen screen_of(int descriptor);

enum class Ink { Bold, Red, Yellow, Green, Dim };

// `text` in that ink, or as it is.
std::string inked(const Screen& screen, Ink ink, std::string_view text);

// The same, in the ink that suits the word: error, failed and silent red; warning, paused and waiting yellow; ok,
// running green. Any other word stays as it is. Spaces around the word are kept.
std::string inked_word(const Screen& screen, std::string_view text);

// A line: how to ask what `word`, such as "a code in brackets", means.
std::string explain_hint(const Screen& screen, std::string_view word, std::string_view what);

}  // namespace sqs2pg::cli
