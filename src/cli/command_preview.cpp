// `sqs2pg preview`: what messages of the queue, or of a file, would become in the live table. Nothing is written, and
// nothing is deleted.
#include <algorithm>
#include <memory>
#include <string>
#include <vector>

#include <fmt/format.h>

#include <sys/ioctl.h>
#include <unistd.h>

#include "cases/preview.h"
#include "cases/run_cases.h"
#include "cli/commands.h"
#include "cli/configuration.h"
#include "cli/database_access.h"
#include "cli/live_tables.h"
#include "cli/message_source.h"
#include "cli/operator_access.h"
#include "cli/peek.h"
#include "cli/preview_report.h"
#include "cli/preview_try.h"

namespace sqs2pg::cli {

namespace {

struct PreviewOptions {
    std::string configuration;
    std::string pipeline;
    std::size_t messages = 20;
    std::string from;
    std::string format = "text";
    bool yes = false;
    bool no_values = false;
    bool test_keys = false;
    bool try_database = false;
};

// Messages, and how each is named in problems.
struct Messages {
    std::vector<pipeline::Received> all;
    std::vector<std::string> names;
    std::string source;
    std::string note;
};

Result<Messages> from_file(const PreviewOptions& options) {
    auto lines = open_lines(options.from);
    if (!lines) return fail(lines.error());
    Messages messages;
    messages.source = options.from == "-" ? "standard input" : options.from;
    const SystemClock clock;
    const auto now = clock.wall_ms();
    while (messages.all.size() < options.messages) {
        auto line = (*lines)->next();
        if (!line) break;
        auto& message = messages.all.emplace_back();
        message.message_id = fmt::format("00000000-0000-4000-8000-{:012}", line->line);
        message.body = std::move(line->body);
        message.sent_ms = message.received_ms = now;
        message.receive_count = 1;
        messages.names.push_back(fmt::format("line {}", line->line));
    }
    if (!(*lines)->complete()) {
        return fail(ErrorKind::Configuration, Stage::Receive, "file", options.from + " could not be read to its end");
    }
    return messages;
}

Result<Messages> from_queue(const config::PipelineSettings& pipeline, const PreviewOptions& options) {
    PeekRequest request;
    request.aws = pipeline.aws;
    request.queue = pipeline.queue;
    request.messages = options.messages;
    request.yes = options.yes;
    auto peeked = peek_now(std::move(request));
    if (!peeked) return fail(peeked.error());
    Messages messages;
    messages.source = "the queue " + pipeline.queue;
    messages.note = peek_sentence(*peeked, pipeline.queue);
    messages.all = std::move(peeked->messages);
    for (const auto& message : messages.all) messages.names.emplace_back(message.message_id);
    return messages;
}

Result<privacy::Keyring> keys_of(const config::PipelineSettings& pipeline, const PreviewOptions& options) {
    if (options.test_keys) return cases::test_keyring();
    std::vector<std::string> warnings;
    auto keyring = open_keyring(pipeline.keys, warnings);
    for (const auto& warning : warnings) fmt::print(stderr, "warning: {}\n", warning);
    if (keyring) return keyring;
    auto error = keyring.error();
    error.detail +=
        " (or leave the keys out of it with --test-keys: tokens are then those of a key that everybody has)";
    return fail(std::move(error));
}

// Columns of the terminal, 0 for a file or a pipe.
std::size_t terminal_width() {
    winsize size{};
    if (isatty(STDOUT_FILENO) != 1 || ioctl(STDOUT_FILENO, TIOCGWINSZ, &size) != 0) return 0;
    return size.ws_col;
}

// Every error of the rules against the tables; false when there was one.
bool rules_hold(const config::PipelineSettings& pipeline, const std::vector<pg::TableShape>& tables,
                const privacy::Keyring& keyring) {
    bool hold = true;
    for (std::size_t i = 0; i < tables.size(); ++i) {
        for (const auto& finding : pipeline::check_rules(pipeline.routes[i], tables[i], &keyring)) {
            fmt::print(stderr, "{}: {}{}\n", finding.place, finding.error ? "" : "warning: ", finding.sentence);
            hold = hold && !finding.error;
        }
    }
    return hold;
}

int preview(const PreviewOptions& options) {
    const auto settings = load_or_tell(options.configuration);
    if (!settings) return kUsage;
    const auto found = find_pipeline(*settings, options.pipeline);
    if (!found) return tell_operator("preview", found.error());
    const auto& pipeline = **found;
    const auto keyring = keys_of(pipeline, options);
    if (!keyring) return tell_operator("preview", keyring.error());
    // The tables before the queue: a mistake in the mapping costs no receive.
    const auto tables = live_tables(pipeline, options.configuration);
    if (!tables) return tell_operator("preview", tables.error());
    if (!rules_hold(pipeline, *tables, *keyring)) return kUsage;
    auto messages = options.from.empty() ? from_queue(pipeline, options) : from_file(options);
    if (!messages) return tell_operator("preview", messages.error());

    const cases::Subject subject{pipeline, *tables};
    auto look = cases::Preview::make(subject, *keyring);
    if (!look) return tell_operator("preview", look.error());
    std::vector<Refused> refused;
    if (options.try_database) {
        auto tried = try_rows(pipeline, *tables, *keyring, messages->all, options.configuration);
        if (!tried) return tell_operator("preview", tried.error());
        refused = std::move(*tried);
    }
    for (std::size_t i = 0; i < messages->all.size(); ++i) {
        const auto by_server = std::ranges::find(refused, i, &Refused::position);
        look->take(messages->all[i], messages->names[i], by_server == refused.end() ? nullptr : &by_server->why);
    }
    const PreviewView view{pipeline.name, messages->source, messages->note, !options.no_values, options.try_database};
    const auto& seen = look->seen();
    fmt::print("{}", options.format == "json" ? preview_json(seen, view) : preview_text(seen, view, terminal_width()));
    return seen.dead_letters > 0 ? kFailed : kDone;
}

}  // namespace

void add_preview(CLI::App& app, int& exit_code) {
    auto options = std::make_shared<PreviewOptions>();
    auto* command = app.add_subcommand(
        "preview", "Show what real messages would become in the live table; nothing is written, nothing deleted");
    command->add_option("-c,--config", options->configuration, "Configuration file, or a folder of them")->required();
    command->add_option("PIPELINE", options->pipeline, "Which pipeline, where there are several");
    command->add_option("--messages", options->messages, "How many messages to look at, 1 to 1000")
        ->check(CLI::Range(std::size_t{1}, kMostPeeked));
    command->add_option("--from", options->from, "JSON lines of a file (-: standard input) instead of the queue");
    command->add_option("--format", options->format, "text, or json: one object (docs/preview.md)")
        ->check(CLI::IsMember({"text", "json"}));
    command->add_flag("--yes", options->yes,
                      "Look even where the queue's redrive policy is near: each look is a receive");
    command->add_flag("--no-values", options->no_values, "Show no value of any message");
    command->add_flag("--test-keys", options->test_keys, "Do without the keys: mask with the key that `test` uses");
    command->add_flag("--try", options->try_database,
                      "Let the database judge too: write in a transaction that is rolled back (sequences and what "
                      "triggers do elsewhere are not)");
    command->callback([&exit_code, options] { exit_code = preview(*options); });
}

}  // namespace sqs2pg::cli
