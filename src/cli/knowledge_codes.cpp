// What SQLSTATEs and the codes of SQS mean, from the tables that decide what to do after them; see knowledge.h.
#include <utility>

#include <fmt/format.h>

#include "cli/knowledge.h"
#include "pg/sqlstate.h"
#include "pipeline/write.h"
#include "sqs/faults.h"

namespace sqs2pg::cli {
namespace {

struct Treatment {
    std::string sentence;
    std::vector<std::string> commands;
};

// What comes after an error of this kind.
Treatment treatment_of(ErrorKind kind) {
    switch (kind) {
        case ErrorKind::Retry:
        case ErrorKind::InDoubt:
            return {"It passes, or is waited for: the same is tried again, nothing is lost or written twice.",
                    {"sqs2pg status -c FILE"}};
        case ErrorKind::Throttled:
            return {"sqs2pg asks for less and tries again; nothing is lost.", {"sqs2pg status -c FILE"}};
        case ErrorKind::Credentials:
            return {
                "The credentials are fetched anew; when they are refused again the pipeline pauses until there are "
                "others.",
                {"aws sts get-caller-identity", "sqs2pg check -c FILE", "sqs2pg resume PIPELINE -c FILE"}};
        case ErrorKind::BadRow:
        case ErrorKind::BadMessage:
            return {"The batch is divided until the row is found; its message becomes a dead letter.",
                    {"sqs2pg dead-letters list -c FILE"}};
        case ErrorKind::Configuration:
        case ErrorKind::Stopping:
            break;
    }
    return {"The pipeline pauses until somebody mends it; it then goes on by itself, or at once by `resume`.",
            {"sqs2pg check -c FILE", "sqs2pg resume PIPELINE -c FILE"}};
}

std::string sentence(std::string_view text) {
    std::string out(text);
    if (out.empty()) return out;
    if (out[0] >= 'a' && out[0] <= 'z') out[0] = static_cast<char>(out[0] - 'a' + 'A');
    if (!out.ends_with('.')) out += '.';
    return out;
}

std::string_view of_server(std::string_view code) {
    constexpr std::pair<std::string_view, std::string_view> kHints[] = {
        {"23514",
         "Without a constraint's name it says that the table has no partition for the row: the pipeline pauses."},
        {"42501", "`sqs2pg migrate -c FILE --print` prints every GRANT."},
        {"53300",
         "Raise max_connections, or run fewer `--workers`; `max_connections` of the configuration bounds them."},
        {"53100", "Make room on the server's disk."},
        {"57014", "The batch is halved and tried again; a longer statement_timeout spares that."},
        {"55P03", "Mostly another process that writes the same messages; the rest of the batch is written."},
        {"25006", "Name several hosts with `target_session_attrs=read-write` in `postgres.url`."},
        {"0A000", "Row-level security refuses COPY: `ALTER ROLE … BYPASSRLS`."},
    };
    for (const auto& [known, hint] : kHints) {
        if (known == code) return hint;
    }
    return {};
}

}  // namespace

std::vector<Knowledge> sqlstate_knowledge() {
    std::vector<Knowledge> all;
    for (const auto& rule : pg::sqlstate_rules()) {
        auto treatment = treatment_of(rule.kind);
        const bool bad = rule.kind == ErrorKind::BadRow;
        const auto reason = std::string(bad ? pipeline::reason_for_sqlstate(rule.code) : "");
        if (bad) treatment.commands.back() += " --reason " + reason;
        const auto hint = of_server(rule.code);
        if (!hint.empty()) treatment.sentence += fmt::format(" {}", hint);
        all.push_back({Subject::Sqlstate, std::string(rule.code) + (rule.code.size() == 2 ? "*" : ""),
                       "The SQLSTATE of PostgreSQL in a log line, a pause or a dead letter.", sentence(rule.meaning),
                       std::move(treatment.sentence), std::move(treatment.commands),
                       bad ? std::vector{reason} : std::vector<std::string>{}});
    }
    return all;
}

std::vector<Knowledge> queue_code_knowledge() {
    std::vector<Knowledge> all;
    for (const auto& fault : sqs::known_faults()) {
        auto treatment = treatment_of(fault.kind);
        const bool clock = fault.advice.find("clocks differ") != fault.advice.npos;
        if (clock) {
            treatment = {
                "Let a time service set the clock (chrony, systemd-timesyncd); small differences are made up for.",
                {"timedatectl status", "sqs2pg check -c FILE"}};
        }
        const bool throttled = fault.kind == ErrorKind::Throttled;
        auto meaning = !fault.advice.empty() ? sentence(fault.advice)
                       : throttled           ? std::string("SQS asks for fewer requests.")
                                             : std::string("SQS failed inside and asks to try again.");
        all.push_back({Subject::QueueCode,
                       std::string(fault.code),
                       "The code of SQS's answer in a log line, a pause or a finding.",
                       std::move(meaning),
                       std::move(treatment.sentence),
                       std::move(treatment.commands),
                       {}});
    }
    return all;
}

}  // namespace sqs2pg::cli
