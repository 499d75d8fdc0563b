// See status_report.h.
#include "cli/status_report.h"

#include <algorithm>

#include <fmt/format.h>

#include "cli/knowledge.h"
#include "cli/text_layout.h"
#include "telemetry/log_line.h"

namespace sqs2pg::cli {

namespace {

using schema::DeadLetterCount;
using schema::PipelineControl;
using schema::ProcessLine;

struct PipelineStatus {
    std::string name;
    const PipelineControl* control = nullptr;  // when it is paused
    std::vector<const ProcessLine*> processes;
    std::vector<const DeadLetterCount*> dead_letters;

    const char* state() const {
        if (control != nullptr) return "paused";
        auto runs = [](const ProcessLine* line) { return !line->silent() && line->state == "running"; };
        if (std::ranges::any_of(processes, runs)) return "running";
        for (const auto* line : processes) {
            if (!line->silent()) return line->state.c_str();
        }
        return "not running";
    }
};

std::vector<PipelineStatus> pipelines_of(const StatusReport& report) {
    std::vector<PipelineStatus> pipelines;
    auto of = [&](const std::string& name) -> PipelineStatus& {
        auto found = std::ranges::find(pipelines, name, &PipelineStatus::name);
        if (found != pipelines.end()) return *found;
        pipelines.push_back({name, nullptr, {}, {}});
        return pipelines.back();
    };
    for (const auto& name : report.configured) of(name);
    for (const auto& control : report.overview.pipelines) {
        auto& pipeline = of(control.pipeline);
        if (control.paused) pipeline.control = &control;
    }
    for (const auto& line : report.overview.processes) of(line.pipeline).processes.push_back(&line);
    for (const auto& count : report.overview.dead_letters) of(count.pipeline).dead_letters.push_back(&count);
    return pipelines;
}

std::string resume_command(const StatusReport& report, const std::string& pipeline) {
    return fmt::format("sqs2pg resume {} -c {}", pipeline, report.file.empty() ? "FILE" : report.file);
}

std::string grouped(std::int64_t number) {
    auto text = std::to_string(number);
    for (auto at = static_cast<std::ptrdiff_t>(text.size()) - 3; at > (number < 0 ? 1 : 0); at -= 3) {
        text.insert(static_cast<std::size_t>(at), ",");
    }
    return text;
}

std::string size_of(std::int64_t bytes) {
    constexpr double kMiB = 1 << 20;
    const auto size = static_cast<double>(bytes);
    if (size >= 1024 * kMiB) return fmt::format("{:.1f} GiB", size / (1024 * kMiB));
    return fmt::format("{:.1f} MiB", size / kMiB);
}

std::string time_span(double seconds) {
    const auto whole = static_cast<std::int64_t>(seconds);
    if (whole < 120) return fmt::format("{} s", whole);
    if (whole < 7200) return fmt::format("{} min", whole / 60);
    if (whole < 172'800) return fmt::format("{} h", whole / 3600);
    return fmt::format("{} days", whole / 86'400);
}

// One line, on a terminal as many as it takes.
std::string folded(const Screen& screen, const std::string& line, std::size_t indent) {
    if (screen.width == 0) return std::string(indent, ' ') + line + "\n";
    return wrapped(line, screen.width, indent + 2, indent);
}

std::string process_text(const ProcessLine& line, const Screen& screen) {
    auto text = fmt::format("{} pid {}, {} {}, version {}", line.host, line.pid, line.workers,
                            line.workers == 1 ? "worker" : "workers", line.version);
    if (line.silent()) {
        text += fmt::format(": {} for {}, killed?", inked_word(screen, "silent"), time_span(line.seen_seconds_ago));
        return folded(screen, text, 2);
    }
    text += fmt::format(
        ", up {}: {}; received {}, settled {}, in flight {}, dead-lettered {}; {:.1f} messages/s, lag {:.1f} s",
        time_span(line.up_seconds), inked_word(screen, line.state), grouped(line.received), grouped(line.settled),
        grouped(line.in_flight), grouped(line.dead_lettered), line.messages_per_second, line.lag_seconds);
    text = folded(screen, text, 2);
    const bool own_pause =
        !line.paused_cause.empty() && line.paused_cause != "operator" && line.paused_cause != "brake";
    if (own_pause || line.state == "failed") {
        text +=
            folded(screen, line.paused_detail + (line.how_to_end.empty() ? "" : "; to end it: ") + line.how_to_end, 4);
    }
    return text;
}

std::string dead_letter_text(const std::vector<const DeadLetterCount*>& counts, const Screen& screen) {
    std::int64_t hour = 0, day = 0;
    std::string reasons;
    for (const auto* count : counts) {
        hour += count->last_hour;
        day += count->last_day;
        reasons += fmt::format("{}{} {}", reasons.empty() ? "" : ", ", count->reason, grouped(count->last_day));
    }
    if (day == 0) return {};
    const auto line =
        fmt::format("dead letters: {} in the last hour, {} in the last day ({})", grouped(hour), grouped(day), reasons);
    return folded(screen, line, 2);
}

// The word of this pipeline that a reader may want explained; empty: none.
std::string word_to_explain(const PipelineStatus& pipeline) {
    if (pipeline.control != nullptr) return pipeline.control->cause;
    for (const auto* line : pipeline.processes) {
        if (!line->silent() && !line->paused_cause.empty()) return line->paused_cause;
    }
    for (const auto* count : pipeline.dead_letters) {
        if (count->last_day > 0) return count->reason;
    }
    return {};
}

std::string quoted(std::string_view text) {
    std::string out;
    telemetry::append_json(out, text);
    return out;
}

std::string paused_json(const StatusReport& report, const PipelineStatus& pipeline) {
    if (pipeline.control == nullptr) return "null";
    const auto& control = *pipeline.control;
    return fmt::format(R"({{"cause":{},"detail":{},"since":{},"by":{},"how_to_end":{}}})", quoted(control.cause),
                       quoted(control.detail), quoted(control.changed_at), quoted(control.changed_by),
                       quoted(resume_command(report, pipeline.name)));
}

std::string process_json(const ProcessLine& line) {
    const bool paused = !line.paused_cause.empty();
    auto text = fmt::format(
        R"({{"id":{},"host":{},"pid":{},"version":{},"started":{},"seen_seconds_ago":{:.1f},"silent":{},"workers":{},)"
        R"("state":{},"detail":{},"paused_cause":{},"how_to_end":{},)",
        quoted(line.id), quoted(line.host), line.pid, quoted(line.version), quoted(line.started_at),
        line.seen_seconds_ago, line.silent(), line.workers, quoted(line.state),
        line.paused_detail.empty() ? "null" : quoted(line.paused_detail), paused ? quoted(line.paused_cause) : "null",
        paused ? quoted(line.how_to_end) : "null");
    return text + fmt::format(R"("received":{},"settled":{},"in_flight":{},"dead_lettered":{},"rows_written":{},)"
                              R"("messages_per_second":{:.1f},"lag_seconds":{:.3f}}})",
                              line.received, line.settled, line.in_flight, line.dead_lettered, line.rows_written,
                              line.messages_per_second, line.lag_seconds);
}

std::string counts_json(const PipelineStatus& pipeline, std::int64_t DeadLetterCount::* period) {
    std::string text;
    for (const auto* count : pipeline.dead_letters) {
        if (count->*period == 0) continue;
        text += fmt::format("{}{}:{}", text.empty() ? "" : ",", quoted(count->reason), count->*period);
    }
    return "{" + text + "}";
}

}  // namespace

std::string status_text(const StatusReport& report, const Screen& screen) {
    std::string text, word;
    for (const auto& pipeline : pipelines_of(report)) {
        auto head = fmt::format("{}: {}", pipeline.name, inked_word(screen, pipeline.state()));
        if (const auto* control = pipeline.control) {
            head += fmt::format(" ({}) since {} by {}{}{}", control->cause, control->changed_at, control->changed_by,
                                control->detail.empty() ? "" : ": ", control->detail);
        }
        text += folded(screen, head, 0);
        if (pipeline.control != nullptr)
            text += folded(screen, "to end it: " + resume_command(report, pipeline.name), 2);
        for (const auto* line : pipeline.processes) text += process_text(*line, screen);
        text += dead_letter_text(pipeline.dead_letters, screen);
        if (word.empty()) word = word_to_explain(pipeline);
    }
    if (text.empty()) text = "no pipeline has run yet\n";
    if (!word.empty() && !explain(word).empty()) text += explain_hint(screen, word, "a cause or reason");
    return text + fmt::format("ledger: {}\n", size_of(report.overview.ledger_bytes));
}

std::string status_json(const StatusReport& report) {
    std::string text;
    for (const auto& pipeline : pipelines_of(report)) {
        std::string processes;
        double lag = 0;
        for (const auto* line : pipeline.processes) {
            processes += (processes.empty() ? "" : ",") + process_json(*line);
            if (!line->silent()) lag = std::max(lag, line->lag_seconds);
        }
        text += fmt::format(R"({}{{"name":{},"state":{},"paused":{},"lag_seconds":{:.3f},"processes":[{}],)"
                            R"("dead_letters":{{"last_hour":{},"last_day":{}}}}})",
                            text.empty() ? "" : ",", quoted(pipeline.name), quoted(pipeline.state()),
                            paused_json(report, pipeline), lag, processes,
                            counts_json(pipeline, &DeadLetterCount::last_hour),
                            counts_json(pipeline, &DeadLetterCount::last_day));
    }
    return fmt::format("{{\"pipelines\":[{}],\"ledger_bytes\":{}}}\n", text, report.overview.ledger_bytes);
}

}  // namespace sqs2pg::cli
