// The terminal behind stderr, see terminal.h.
#include "cli/terminal.h"

#include <cstdlib>

#include <sys/ioctl.h>
#include <unistd.h>

#include "cli/screen.h"

namespace sqs2pg::cli {

namespace {

constexpr std::string_view kEraseLine = "\r\x1b[K";

std::string_view variable(const char* name) {
    const char* value = std::getenv(name);
    return value == nullptr ? std::string_view{} : std::string_view(value);
}

// As the C library reads the locale: the first of the three that is set decides.
bool locale_is_utf8() {
    for (const char* name : {"LC_ALL", "LC_CTYPE", "LANG"}) {
        const auto value = variable(name);
        if (value.empty()) continue;
        return value.find("UTF-8") != value.npos || value.find("utf8") != value.npos ||
               value.find("UTF8") != value.npos || value.find("utf-8") != value.npos;
    }
    return false;
}

}  // namespace

bool Terminal::can_redraw() {
    const auto term = variable("TERM");
    return isatty(STDERR_FILENO) == 1 && !term.empty() && term != "dumb";
}

Look Terminal::look() {
    Look look;
    winsize size{};
    if (ioctl(STDERR_FILENO, TIOCGWINSZ, &size) == 0 && size.ws_col > 0) look.width = size.ws_col;
    look.color = colors_on(STDERR_FILENO);
    look.unicode = locale_is_utf8();
    return look;
}

void Terminal::put(std::string_view text) {
    while (!text.empty()) {
        const auto written = ::write(STDERR_FILENO, text.data(), text.size());
        if (written <= 0) return;  // nobody reads: the work goes on
        text.remove_prefix(static_cast<std::size_t>(written));
    }
}

void Terminal::line(std::string_view text) {
    const std::lock_guard lock(mutex_);
    std::string out;
    if (!bar_.empty()) out = kEraseLine;
    out += text;
    out += '\n';
    out += bar_;
    put(out);
}

void Terminal::draw(std::string bar) {
    const std::lock_guard lock(mutex_);
    bar_ = std::move(bar);
    std::string out(kEraseLine);
    out += bar_;
    put(out);
}

void Terminal::erase() {
    const std::lock_guard lock(mutex_);
    if (!bar_.empty()) put(kEraseLine);
    bar_.clear();
}

}  // namespace sqs2pg::cli
