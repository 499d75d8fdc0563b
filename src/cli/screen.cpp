// See screen.h.
#include "cli/screen.h"

#include <algorithm>
#include <atomic>
#include <charconv>
#include <cstdlib>
#include <initializer_list>

#include <fmt/format.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include "cli/text_layout.h"

namespace sqs2pg::cli {

namespace {

std::atomic<ColorChoice> chosen = ColorChoice::Auto;

std::string_view variable(const char* name) {
    const char* value = std::getenv(name);
    return value == nullptr ? std::string_view{} : std::string_view(value);
}

std::size_t columns(int descriptor) {
    constexpr std::size_t kUsual = 80, kLeast = 20, kMost = 1000;
    std::size_t width = 0;
    const auto told = variable("COLUMNS");
    const auto [end, error] = std::from_chars(told.data(), told.data() + told.size(), width);
    if (!told.empty() && error == std::errc{} && end == told.data() + told.size() && width >= kLeast &&
        width <= kMost) {
        return width;
    }
    winsize size{};
    if (ioctl(descriptor, TIOCGWINSZ, &size) != 0 || size.ws_col == 0) return kUsual;
    return size.ws_col < kLeast ? kLeast : size.ws_col;
}

}  // namespace

void choose_color(ColorChoice choice) noexcept { chosen = choice; }

bool colors_on(int descriptor) {
    if (chosen != ColorChoice::Auto) return chosen == ColorChoice::Always;
    if (!variable("NO_COLOR").empty()) return false;
    const auto force = variable("CLICOLOR_FORCE");
    if (!force.empty() && force != "0") return true;
    const auto term = variable("TERM");
    return isatty(descriptor) == 1 && !term.empty() && term != "dumb" && variable("CLICOLOR") != "0";
}

Screen screen_of(int descriptor) { return {isatty(descriptor) == 1 ? columns(descriptor) : 0, colors_on(descriptor)}; }

std::string inked(const Screen& screen, Ink ink, std::string_view text) {
    if (!screen.color || text.empty()) return std::string(text);
    constexpr const char* kCodes[] = {"1", "31", "33", "32", "2"};
    return fmt::format("\x1b[{}m{}\x1b[0m", kCodes[static_cast<int>(ink)], text);
}

std::string inked_word(const Screen& screen, std::string_view text) {
    const auto word = text.substr(0, text.find_last_not_of(' ') + 1);
    const auto is = [word](std::initializer_list<std::string_view> words) {
        return std::find(words.begin(), words.end(), word) != words.end();
    };
    if (is({"error", "failed", "silent"})) return inked(screen, Ink::Red, text);
    if (is({"warning", "paused", "waiting", "not running"})) return inked(screen, Ink::Yellow, text);
    if (is({"ok", "running"})) return inked(screen, Ink::Green, text);
    return std::string(text);
}

std::string explain_hint(const Screen& screen, std::string_view word, std::string_view what) {
    return wrapped(fmt::format("`sqs2pg explain {}` tells what {} means and what to do", word, what), screen.width);
}

}  // namespace sqs2pg::cli
