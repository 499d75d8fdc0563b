// What the program can explain: every word that a log line, a status, a metric, a dead letter or a finding uses for
// something that a person has to understand, with what to do. It feeds `sqs2pg explain`, the shells' completion and the
// generated part of docs/operations.md; tests hold it against the sources in both directions.
#pragma once

#include <array>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace sqs2pg::cli {

enum class Subject { DeadLetter, Pause, Finding, Alarm, LogLine, LetGo, Metric, Sqlstate, QueueCode, ExitCode };

inline constexpr std::array kSubjects = {Subject::DeadLetter, Subject::Pause,   Subject::Finding, Subject::Alarm,
                                         Subject::LogLine,    Subject::LetGo,   Subject::Metric,  Subject::Sqlstate,
                                         Subject::QueueCode,  Subject::ExitCode};

// "dead_letter": for programs; "dead-letter reason": one word of it; "Reasons of dead letters": all.
std::string_view name_of(Subject subject) noexcept;
std::string_view phrase_of(Subject subject) noexcept;
std::string_view title_of(Subject subject) noexcept;

// Hand-written rows. Sentences end with a full stop; commands stand a line each, with FILE and PIPELINE for the
// reader's own.
struct Row {
    std::string_view word;
    std::string_view meaning;  // what happened, and why
    std::string_view remedy;   // what to do
    std::string_view commands;
    std::string_view see;  // related words, separated by spaces
};

struct Knowledge {
    Subject subject;
    std::string word;
    std::string seen;  // where it shows
    std::string meaning;
    std::string remedy;
    std::vector<std::string> commands;
    std::vector<std::string> see;
};

// By subject, in the order of kSubjects.
const std::vector<Knowledge>& all_knowledge();

// Everything that this word may mean, whatever its case; also of SQLSTATEs and queue codes that stand in no table but
// belong to a class that does. Empty: nothing. A metric is known without its prefix too.
std::vector<Knowledge> explain(std::string_view word);

// The known word that a mistyped one probably is; "" when none is near.
std::string nearest_word(std::string_view word);

std::vector<std::string> words_of(Subject subject);

// The tables, a file each.
std::span<const Row> letter_rows() noexcept;
std::span<const Row> pause_rows() noexcept;
std::span<const Row> alarm_rows() noexcept;
std::span<const Row> log_rows() noexcept;
std::span<const Row> let_go_rows() noexcept;
std::span<const Row> metric_rows() noexcept;
std::span<const Row> exit_rows() noexcept;
// From the tables of pg/sqlstate.h and sqs/faults.h. With a trailing '*' the word stands for all that begin so.
std::vector<Knowledge> sqlstate_knowledge();
std::vector<Knowledge> queue_code_knowledge();

}  // namespace sqs2pg::cli
