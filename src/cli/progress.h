// What a run looks like from the terminal: the bar while a queue is drained, the figures at its end. Pure: text from
// numbers; terminal.h puts it on the screen.
#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <vector>

#include "telemetry/events.h"

namespace sqs2pg::cli {

struct ProgressView {
    std::uint64_t done = 0;   // settled messages
    std::uint64_t total = 0;  // done and what is known to be left; 0: not known yet
    double a_second = 0;      // over the last moments
    double elapsed_seconds = 0;
    std::string note;  // instead of the rate: "waiting for the database" …
};

struct Look {
    int width = 80;  // columns of the terminal; nothing longer is drawn
    bool color = false;
    bool unicode = true;
};

// One line without a newline: `[█████░░░░]  52 %  520,000 of 1,000,000  48,210/s  10 s left`.
std::string progress_line(const ProgressView& view, const Look& look);

// The same for a log, where nobody redraws: `520,000 of 1,000,000 messages, 48,210/s, 10 s left`.
std::string progress_sentence(const ProgressView& view);

struct SummaryView {
    std::string pipeline;
    telemetry::PipelineFigures figures;
    std::map<std::string, std::uint64_t> dead_letters;  // by reason
    double seconds = 0;
};

// The block of figures of one pipeline, each line ending in a newline. Outcomes that did not happen are left out,
// except the four that everybody looks for.
std::string summary_block(const SummaryView& view);

std::string grouped(std::uint64_t number);  // 1234567 -> "1,234,567"
std::string duration_text(double seconds);  // "4.2 s", "3 min 20 s", "2 h 5 min", "16 d"

}  // namespace sqs2pg::cli
