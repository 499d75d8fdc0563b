// `sqs2pg dead-letters`: list, show, replay and drop; their options. What they do stands in letters_*.cpp.
#include <functional>
#include <memory>

#include "cli/commands.h"
#include "cli/dead_letters.h"

namespace sqs2pg::cli {

namespace {

void add_database(CLI::App& command, LetterArguments& arguments) {
    command.add_option("-c,--config", arguments.configuration, "Configuration file, or a folder of them")->required();
    command.add_option("--url", arguments.url,
                       "Connect with this instead of the configuration's URL: as the replayer, or an analyst. Give the "
                       "password by PGPASSWORD or .pgpass");
}

void add_filters(CLI::App& command, LetterArguments& arguments) {
    command.add_option("--pipeline", arguments.pipeline, "Only those of this pipeline");
    command.add_option("--reason", arguments.reason, "Only those with this reason, such as missing_field");
    command.add_option("--since", arguments.since, "Only what became a dead letter since: 2h, 7d, 2026-11-24T10:00Z");
    command.add_option("--until", arguments.until, "Only what became one before");
}

void add_ids(CLI::App& command, LetterArguments& arguments) {
    command.add_option("ID", arguments.ids, "Ids, or as many of their first digits as make them unique");
    command.add_flag("--all", arguments.all, "Every dead letter");
}

void add_why(CLI::App& command, LetterArguments& arguments, const char* names, const char* text) {
    command.add_option(names, arguments.because, text);
    command.add_option("--ticket", arguments.ticket, "Number of a ticket, for the audit");
}

void add_format(CLI::App& command, LetterArguments& arguments) {
    command.add_option("--format", arguments.format, "For people, or for programs")
        ->check(CLI::IsMember({"text", "json"}))
        ->capture_default_str();
}

}  // namespace

void add_dead_letters(CLI::App& app, int& exit_code) {
    auto* family = app.add_subcommand("dead-letters", "Look at, replay or drop messages that could not become a row");
    family->require_subcommand(1);
    auto add = [&](const char* name, const char* text, int (*run)(const LetterArguments&)) {
        auto arguments = std::make_shared<LetterArguments>();
        auto* command = family->add_subcommand(name, text);
        add_database(*command, *arguments);
        command->callback([&exit_code, arguments, run] { exit_code = run(*arguments); });
        return std::pair{command, arguments};
    };

    auto [list, listed] = add("list", "List dead letters, newest first, without their messages", list_dead_letters);
    add_filters(*list, *listed);
    add_format(*list, *listed);
    list->add_option("--limit", listed->limit, "How many")->check(CLI::Range(1, 100000))->capture_default_str();
    list->add_flag("--counts", listed->counts, "Only how many, by pipeline and reason");

    auto [show, shown] = add("show", "Show one dead letter, and its message when you say why", show_dead_letter);
    show->add_option("ID", shown->ids, "Its id, or as many of the first digits as make it unique")
        ->required()
        ->expected(1);
    show->add_flag("--reveal-body", shown->reveal, "Open the sealed message and print it; the audit names you");
    add_why(*show, *shown, "--because,--reason", "Why the message is looked into, for the audit");
    add_format(*show, *shown);

    auto [replay, replayed] =
        add("replay", "Send dead letters through the present configuration once more", replay_dead_letters);
    add_ids(*replay, *replayed);
    add_filters(*replay, *replayed);
    replay->add_flag("--dry-run", replayed->dry_run, "Only say what would become a row, and change nothing");
    add_why(*replay, *replayed, "--because", "Why, for the audit");
    add_format(*replay, *replayed);

    auto [drop, dropped] = add("drop", "Throw dead letters away", drop_dead_letters);
    add_ids(*drop, *dropped);
    add_filters(*drop, *dropped);
    drop->add_flag("--yes", dropped->yes, "Do not ask");
    add_why(*drop, *dropped, "--because", "Why they are thrown away, for the audit");
    add_format(*drop, *dropped);
}

}  // namespace sqs2pg::cli
