// `sqs2pg explain`: what a word of a log, a status, a metric, a dead letter or a finding means, and what to do.
#include <memory>

#include <fmt/format.h>
#include <unistd.h>

#include "cli/commands.h"
#include "cli/knowledge.h"
#include "cli/knowledge_text.h"
#include "cli/letter_text.h"

namespace sqs2pg::cli {

namespace {

struct Arguments {
    std::string word;
    std::string format = "text";
};

int tell(const Arguments& arguments) {
    const bool json = arguments.format == "json";
    const auto screen = screen_of(STDOUT_FILENO);
    if (arguments.word.empty()) {
        fmt::print("{}", json ? explanation_json(all_knowledge()) : knowledge_list(screen));
        return kDone;
    }
    const auto found = explain(arguments.word);
    if (found.empty()) {
        const auto near = nearest_word(arguments.word);
        fmt::print(stderr, "sqs2pg explain: nothing is known of \"{}\"{} (`sqs2pg explain` lists every word)\n",
                   printable(arguments.word.substr(0, 100)), near.empty() ? "" : "; did you mean " + near + "?");
        return kUsage;
    }
    fmt::print("{}", json ? explanation_json(found) : explanation_text(found, screen));
    return kDone;
}

}  // namespace

void add_explain(CLI::App& app, int& exit_code) {
    auto arguments = std::make_shared<Arguments>();
    auto* command =
        app.add_subcommand("explain", "Tell what a reason, pause, finding, metric or code means, and what to do");
    command
        ->add_option("WORD", arguments->word,
                     "A dead letter's reason, a pause's cause, a finding of check, an alarm, a log line's event, a "
                     "metric, a SQLSTATE, a code of SQS, an exit code (default: list all)")
        ->type_name("");
    command->add_option("--format", arguments->format, "For people, or for programs")
        ->check(CLI::IsMember({"text", "json"}))
        ->capture_default_str();
    command->callback([&exit_code, arguments] { exit_code = tell(*arguments); });
}

}  // namespace sqs2pg::cli
