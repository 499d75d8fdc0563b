// The bar, its sentence and the summary, see progress.h.
#include "cli/progress.h"

#include <algorithm>
#include <cmath>

#include <fmt/format.h>

namespace sqs2pg::cli {

namespace {

constexpr int kLongestBar = 40;
constexpr int kShortestBar = 10;

std::uint64_t rounded(double value) { return value > 0 ? static_cast<std::uint64_t>(std::llround(value)) : 0; }

// "" when it cannot be told.
std::string time_left(const ProgressView& view) {
    if (view.total <= view.done || view.a_second <= 0) return {};
    return duration_text(std::ceil(static_cast<double>(view.total - view.done) / view.a_second)) + " left";
}

std::string counts(const ProgressView& view) {
    if (view.total == 0) return grouped(view.done);
    return fmt::format("{} of {}", grouped(view.done), grouped(std::max(view.total, view.done)));
}

std::string bar(double share, int cells, const Look& look) {
    const int full = static_cast<int>(share * cells);
    std::string drawn = "[";
    if (look.color) drawn += "\x1b[32m";
    for (int i = 0; i < full; ++i) drawn += look.unicode ? "█" : "#";
    if (look.color) drawn += "\x1b[2m";
    for (int i = full; i < cells; ++i) drawn += look.unicode ? "░" : "-";
    if (look.color) drawn += "\x1b[0m";
    return drawn + "]";
}

}  // namespace

std::string grouped(std::uint64_t number) {
    std::string digits = std::to_string(number);
    for (auto place = static_cast<std::ptrdiff_t>(digits.size()) - 3; place > 0; place -= 3) {
        digits.insert(static_cast<std::size_t>(place), 1, ',');
    }
    return digits;
}

std::string duration_text(double seconds) {
    if (seconds < 10) return fmt::format("{:.1f} s", std::max(0.0, seconds));
    const auto whole = rounded(seconds);
    if (whole < 60) return fmt::format("{} s", whole);
    if (whole < 3600) return fmt::format("{} min {} s", whole / 60, whole % 60);
    if (whole < 48 * 3600) return fmt::format("{} h {} min", whole / 3600, whole % 3600 / 60);
    const auto hours = whole % 86400 / 3600;
    return hours == 0 ? fmt::format("{} d", whole / 86400) : fmt::format("{} d {} h", whole / 86400, hours);
}

std::string progress_line(const ProgressView& view, const Look& look) {
    std::string right = counts(view);
    if (!view.note.empty()) {
        right += "  " + view.note;
    } else {
        right += fmt::format("  {}/s", grouped(rounded(view.a_second)));
        if (const auto left = time_left(view); !left.empty()) right += "  " + left;
    }
    std::string percent;
    double share = 0;
    if (view.total > 0) {
        share = std::min(1.0, static_cast<double>(view.done) / static_cast<double>(view.total));
        percent = fmt::format(" {:3} %  ", static_cast<int>(share * 100));
    } else {
        percent = " ";
    }
    const int text = static_cast<int>(percent.size() + right.size()) + 2;  // two brackets
    // The last column stays free: some terminals wrap when it is written.
    const int cells = std::min(kLongestBar, look.width - 1 - text);
    std::string line = percent + right;
    if (cells >= kShortestBar && view.total > 0) return bar(share, cells, look) + line;
    line.erase(0, line.find_first_not_of(' '));
    if (static_cast<int>(line.size()) > look.width - 1)
        line.resize(static_cast<std::size_t>(std::max(0, look.width - 1)));
    return line;
}

std::string progress_sentence(const ProgressView& view) {
    std::string sentence = counts(view) + " messages, ";
    if (!view.note.empty()) return sentence + view.note;
    sentence += fmt::format("{}/s", grouped(rounded(view.a_second)));
    if (const auto left = time_left(view); !left.empty()) sentence += ", " + left;
    return sentence;
}

std::string summary_block(const SummaryView& view) {
    const auto& f = view.figures;
    std::string out = view.pipeline + "\n";
    const auto line = [&](std::string_view name, const std::string& value, std::string_view more = "") {
        fmt::format_to(std::back_inserter(out), "  {:<13}{:>13}{}\n", name, value, more);
    };
    std::string reasons;
    for (const auto& [reason, count] : view.dead_letters) {
        reasons += fmt::format("{}{} {}", reasons.empty() ? "  " : ", ", reason, grouped(count));
    }
    line("received", grouped(f.received));
    line("inserted", grouped(f.inserted));
    line("duplicates", grouped(f.duplicate));
    line("dead letters", grouped(f.dead_lettered), reasons);
    if (f.ignored > 0) line("ignored", grouped(f.ignored));
    if (f.released > 0) line("released", grouped(f.released), "  back to the queue");
    if (f.abandoned > 0) line("abandoned", grouped(f.abandoned), "  the queue delivers them again");
    if (f.delete_failures > 0)
        line("not deleted", grouped(f.delete_failures), "  redelivery and the ledger repair them");
    line("seconds", fmt::format("{:.2f}", view.seconds));
    const double rate = view.seconds > 0 ? static_cast<double>(f.settled()) / view.seconds : 0;
    line("messages/s", grouped(rounded(rate)));
    return out;
}

}  // namespace sqs2pg::cli
