// See knowledge.h.
#include "cli/knowledge.h"

#include <algorithm>
#include <optional>

#include "base/nearest.h"
#include "cli/check_codes.h"
#include "pg/sqlstate.h"
#include "sqs/faults.h"

namespace sqs2pg::cli {
namespace {

struct Names {
    std::string_view name, phrase, title, seen;
};

Names names_of(Subject subject) noexcept {
    switch (subject) {
        case Subject::DeadLetter:
            return {"dead_letter", "reason of a dead letter", "Reasons of dead letters",
                    "`sqs2pg dead-letters list`, the log line `dead_letter`, `sqs2pg_dead_letters_total{reason}`."};
        case Subject::Pause:
            return {"pause", "cause of a pause, or of a refused start", "Causes of pauses",
                    "The log lines `paused` and `failed`, `sqs2pg status`, /readyz, `sqs2pg_paused{cause}`."};
        case Subject::Finding:
            return {"finding", "finding of check", "Findings of check", "`sqs2pg check`, in brackets at a line's end."};
        case Subject::Alarm:
            return {"alarm", "alarm of Prometheus", "Alarms", "An alert of deploy/prometheus/alerts.yaml."};
        case Subject::LogLine:
            return {"log_line", "log line", "Log lines", "The member `event` of the log in JSON."};
        case Subject::LetGo:
            return {"let_go", "cause of letting go", "Causes of letting go", "The log line `abandoned`."};
        case Subject::Metric:
            return {"metric", "metric", "Metrics", "/metrics of the ops port."};
        case Subject::Sqlstate:
            return {"sqlstate", "SQLSTATE of PostgreSQL", "SQLSTATEs of PostgreSQL", ""};
        case Subject::QueueCode:
            return {"queue_code", "error code of SQS", "Error codes of SQS", ""};
        case Subject::ExitCode:
            return {"exit_code", "exit code", "Exit codes", "The exit code of every command."};
    }
    return {};
}

std::vector<std::string> split(std::string_view text, char at) {
    std::vector<std::string> parts;
    while (!text.empty()) {
        const auto end = std::min(text.find(at), text.size());
        if (end > 0) parts.emplace_back(text.substr(0, end));
        text.remove_prefix(std::min(end + 1, text.size()));
    }
    return parts;
}

void append(std::vector<Knowledge>& all, Subject subject, std::span<const Row> rows) {
    const std::string seen(names_of(subject).seen);
    for (const auto& row : rows) {
        all.push_back({subject, std::string(row.word), seen, std::string(row.meaning), std::string(row.remedy),
                       split(row.commands, '\n'), split(row.see, ' ')});
    }
}

void append_findings(std::vector<Knowledge>& all) {
    const std::string seen(names_of(Subject::Finding).seen);
    for (const auto& code : check_codes()) {
        all.push_back({Subject::Finding,
                       std::string(code.code),
                       seen,
                       std::string(code.reason),
                       std::string(code.remedy),
                       {"sqs2pg check -c FILE"},
                       {}});
    }
}

std::vector<Knowledge> collect() {
    std::vector<Knowledge> all;
    append(all, Subject::DeadLetter, letter_rows());
    append(all, Subject::Pause, pause_rows());
    append_findings(all);
    append(all, Subject::Alarm, alarm_rows());
    append(all, Subject::LogLine, log_rows());
    append(all, Subject::LetGo, let_go_rows());
    append(all, Subject::Metric, metric_rows());
    std::ranges::move(sqlstate_knowledge(), std::back_inserter(all));
    std::ranges::move(queue_code_knowledge(), std::back_inserter(all));
    append(all, Subject::ExitCode, exit_rows());
    return all;
}

std::string lower(std::string_view text) {
    std::string out(text);
    for (char& c : out) c = c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
    return out;
}

std::string upper(std::string_view text) {
    std::string out(text);
    for (char& c : out) c = c >= 'a' && c <= 'z' ? static_cast<char>(c - 'a' + 'A') : c;
    return out;
}

// "22*" fits "22P07"; "Throttling*" fits itself.
bool fits(const Knowledge& known, const std::string& lowered) {
    const auto word = lower(known.word);
    if (!word.ends_with('*'))
        return word == lowered || (known.subject == Subject::Metric && word == "sqs2pg_" + lowered);
    const auto stem = word.substr(0, word.size() - 1);
    return lowered.starts_with(stem) &&
           (known.subject == Subject::QueueCode || pg::is_sqlstate(upper(lowered)) || lowered.size() == stem.size());
}

// A SQLSTATE of no class that is known, and an answer of SQS without a code.
std::optional<Knowledge> by_its_form(std::string_view word) {
    if (word.starts_with("http_")) {
        return Knowledge{Subject::QueueCode,
                         std::string(word),
                         "The place of the code, where SQS's answer had none.",
                         "An HTTP status without a code of SQS: a proxy, a gateway, or no SQS at all answered.",
                         "Look at the endpoint and at what stands between; 5xx is tried again.",
                         {"sqs2pg check -c FILE"},
                         {"endpoint"}};
    }
    const bool digit = word.find_first_of("0123456789") != word.npos;
    if (!digit || !pg::is_sqlstate(upper(word))) return std::nullopt;
    return Knowledge{Subject::Sqlstate,
                     upper(word),
                     "The SQLSTATE of PostgreSQL in a log line or a pause.",
                     "sqs2pg knows neither this SQLSTATE nor its class; PostgreSQL's appendix \"Error Codes\" does.",
                     "The pipeline pauses, which loses nothing; mend what the server's log says, then resume.",
                     {"sqs2pg check -c FILE", "sqs2pg resume PIPELINE -c FILE"},
                     {}};
}

}  // namespace

std::string_view name_of(Subject subject) noexcept { return names_of(subject).name; }
std::string_view phrase_of(Subject subject) noexcept { return names_of(subject).phrase; }
std::string_view title_of(Subject subject) noexcept { return names_of(subject).title; }

const std::vector<Knowledge>& all_knowledge() {
    static const std::vector<Knowledge> all = collect();
    return all;
}

std::vector<Knowledge> explain(std::string_view word) {
    const auto lowered = lower(word);
    std::vector<Knowledge> found;
    bool code = false;  // of a table of codes the first that fits decides
    for (const auto& known : all_knowledge()) {
        if (lowered.empty() || !fits(known, lowered)) continue;
        const bool table = known.subject == Subject::Sqlstate || known.subject == Subject::QueueCode;
        if (table && code) continue;
        code = code || table;
        found.push_back(known);
    }
    if (!found.empty()) return found;
    if (auto formed = by_its_form(word)) found.push_back(std::move(*formed));
    return found;
}

std::string nearest_word(std::string_view word) {
    std::vector<std::string> candidates;
    for (const auto& known : all_knowledge()) candidates.push_back(lower(known.word));
    const auto near = nearest_name(lower(word), candidates);
    const auto at = std::ranges::find(candidates, near);
    return near.empty() ? near : all_knowledge()[static_cast<std::size_t>(at - candidates.begin())].word;
}

std::vector<std::string> words_of(Subject subject) {
    std::vector<std::string> words;
    for (const auto& known : all_knowledge()) {
        if (known.subject == subject) words.push_back(known.word);
    }
    return words;
}

}  // namespace sqs2pg::cli
