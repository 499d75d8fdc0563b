// `sqs2pg pause PIPELINE` and `sqs2pg resume PIPELINE`: written to the database, obeyed by every process within five
// seconds and remembered when none runs.
#include <algorithm>
#include <memory>
#include <set>

#include <fmt/format.h>

#include "base/nearest.h"
#include "cli/commands.h"
#include "cli/configuration.h"
#include "cli/database_access.h"
#include "cli/json_object.h"
#include "cli/operator_access.h"
#include "schema/control.h"

namespace sqs2pg::cli {

namespace {

constexpr std::size_t kMostReason = 300;

struct Arguments {
    std::string pipeline;
    std::string configuration;
    std::string reason;
    std::string url;
    std::string format = "text";
};

enum class Verb { Pause, Resume };

const char* name_of(Verb verb) { return verb == Verb::Pause ? "pause" : "resume"; }

// nullptr after a sentence on stderr: there is no such pipeline.
const config::PipelineSettings* find(const config::Settings& settings, const Arguments& arguments, Verb verb) {
    std::vector<std::string> names;
    for (const auto& pipeline : settings.pipelines) {
        if (pipeline.name == arguments.pipeline) return &pipeline;
        names.push_back(pipeline.name);
    }
    const auto nearest = nearest_name(arguments.pipeline, names);
    const auto hint =
        nearest.empty() ? fmt::format("it has {}", fmt::join(names, ", ")) : fmt::format("did you mean {}?", nearest);
    fmt::print(stderr, "sqs2pg {}: {} has no pipeline {}; {}\n", name_of(verb), arguments.configuration,
               arguments.pipeline, hint);
    return nullptr;
}

// One line for logs and status pages.
bool is_line(const std::string& reason) {
    return reason.size() <= kMostReason &&
           std::ranges::none_of(reason, [](char c) { return static_cast<unsigned char>(c) < 32 || c == 127; });
}

// Writes the decision, then looks who will hear of it. Borrowed until it returns.
awaitable<Result<schema::Overview>> decide(pg::Connection& connection, const Arguments& arguments, Verb verb) {
    auto before = co_await schema::look_over(connection);
    if (!before) co_return fail(before.error());
    Status written;
    if (verb == Verb::Pause) {
        written = co_await schema::pause_pipeline(connection, arguments.pipeline, arguments.reason);
    } else {
        written = co_await schema::resume_pipeline(connection, arguments.pipeline);
    }
    if (!written) co_return fail(written.error());
    co_return before;
}

struct Obeying {
    std::size_t processes = 0;
    std::set<std::string> hosts;
};

Obeying obeying(const schema::Overview& seen, const std::string& pipeline) {
    Obeying who;
    for (const auto& line : seen.processes) {
        if (line.pipeline != pipeline || line.silent()) continue;
        ++who.processes;
        who.hosts.insert(line.host);
    }
    return who;
}

std::string who_obeys(const Obeying& who) {
    const auto& [processes, hosts] = who;
    if (processes == 0) return "no process runs it at present; those that start will obey";
    return fmt::format("{} process{} on {} machine{} obey{} within 5 seconds", processes, processes == 1 ? "" : "es",
                       hosts.size(), hosts.size() == 1 ? "" : "s", processes == 1 ? "s" : "");
}

void tell_json(const Arguments& arguments, Verb verb, bool was_paused, const Obeying& who) {
    JsonObject object;
    object.text("pipeline", arguments.pipeline).flag("paused", verb == Verb::Pause).flag("was_paused", was_paused);
    object.number("processes", who.processes).number("hosts", who.hosts.size());
    object.text_or_null("how_to_end", verb == Verb::Resume ? std::string()
                                                           : fmt::format("sqs2pg resume {} -c {}", arguments.pipeline,
                                                                         arguments.configuration));
    fmt::print("{}\n", object.done());
}

int decide_and_tell(const Arguments& arguments, Verb verb) {
    if (!is_line(arguments.reason)) {
        fmt::print(stderr, "sqs2pg {}: --reason is one line of at most {} characters\n", name_of(verb), kMostReason);
        return kUsage;
    }
    const auto settings = load_or_tell(arguments.configuration);
    if (!settings) return kUsage;
    const auto* pipeline = find(*settings, arguments, verb);
    if (pipeline == nullptr) return kUsage;
    auto options = connect_options(pipeline->postgres);
    if (!arguments.url.empty()) connect_elsewhere(options, arguments.url);
    auto work = [&](pg::Connection& connection) { return decide(connection, arguments, verb); };
    const auto before = on_database<schema::Overview>(std::move(options), arguments.configuration, work);
    if (!before) return tell_operator(name_of(verb), before.error());

    bool was_paused = false;
    for (const auto& control : before->pipelines) {
        was_paused = was_paused || (control.pipeline == arguments.pipeline && control.paused);
    }
    const auto who = obeying(*before, arguments.pipeline);
    const auto obey = who_obeys(who);
    if (arguments.format == "json") {
        tell_json(arguments, verb, was_paused, who);
    } else if (verb == Verb::Pause) {
        fmt::print("{} is paused; {}; `sqs2pg resume {} -c {}` ends it\n", arguments.pipeline, obey, arguments.pipeline,
                   arguments.configuration);
    } else if (was_paused) {
        fmt::print("{} goes on; {}\n", arguments.pipeline, obey);
    } else {
        fmt::print("{} was not paused here; what a process has paused for by itself it looks at again; {}\n",
                   arguments.pipeline, obey);
    }
    return kDone;
}

void add(CLI::App& app, int& exit_code, Verb verb, const char* description) {
    auto arguments = std::make_shared<Arguments>();
    auto* command = app.add_subcommand(name_of(verb), description);
    command->add_option("PIPELINE", arguments->pipeline, "The pipeline's name")->required();
    command->add_option("-c,--config", arguments->configuration, "Configuration file, or a folder of them")->required();
    if (verb == Verb::Pause) {
        command->add_option("--reason", arguments->reason, "A sentence for the log, /status and `sqs2pg status`");
    }
    command->add_option("--url", arguments->url, "Connect as another role than the configuration's");
    command->add_option("--format", arguments->format, "text, or json: one object (docs/json.md)")
        ->check(CLI::IsMember({"text", "json"}))
        ->capture_default_str();
    command->callback([&exit_code, arguments, verb] { exit_code = decide_and_tell(*arguments, verb); });
}

}  // namespace

void add_pause(CLI::App& app, int& exit_code) {
    add(app, exit_code, Verb::Pause, "Pause a pipeline in every process, until it is resumed");
}

void add_resume(CLI::App& app, int& exit_code) {
    add(app, exit_code, Verb::Resume, "End a pipeline's pause, or the brake's, in every process");
}

}  // namespace sqs2pg::cli
