// `sqs2pg init`: a commented configuration from the messages of a queue, which keeps them, or of a file, and from the
// table that they are for.
#include <cerrno>
#include <cstdlib>
#include <cstring>
#include <filesystem>
#include <fstream>
#include <memory>

#include <fmt/format.h>
#include <unistd.h>

#include "cli/commands.h"
#include "cli/init_proposal.h"
#include "cli/peek.h"
#include "config/values.h"
#include "infer/judge.h"
#include "pg/connection.h"

namespace sqs2pg::cli {

namespace {

int tell(const std::string& sentence, int exit_code) {
    fmt::print(stderr, "sqs2pg init: {}\n", sentence);
    return exit_code;
}

int tell(const Error& error) {
    const bool setting = error.kind == ErrorKind::Configuration || error.kind == ErrorKind::Credentials;
    return tell(error.detail.empty() ? describe(error) : error.detail, setting ? kUsage : kFailed);
}

bool is_set(const char* name) {
    const char* value = std::getenv(name);
    return value != nullptr && *value != '\0';
}

bool postgres_environment() {
    return is_set("PGHOST") || is_set("PGHOSTADDR") || is_set("PGDATABASE") || is_set("PGSERVICE") || is_set("PGUSER");
}

class Init {
   public:
    explicit Init(InitArguments arguments) { result_.arguments = std::move(arguments); }

    int run() {
        const auto& arguments = result_.arguments;
        if (const auto table = config::parse_table(arguments.table)) {
            table_ = *table;
        } else {
            return tell("--table takes TABLE or SCHEMA.TABLE; a name that holds a dot needs double quotes", kUsage);
        }
        // Before anything is received: a refusal afterwards would have cost the messages a receive.
        if (const auto why = in_the_way(arguments.output); !why.empty()) return tell(why, kUsage);
        url_ = arguments.url.empty() && is_set("DATABASE_URL") ? std::getenv("DATABASE_URL") : arguments.url;
        auto gathered = gather(arguments);
        if (!gathered) return tell(gathered.error());
        if (const auto why = nothing_to_infer(*gathered); !why.empty()) return tell(why, kFailed);
        result_.told = gathered->told;
        return propose(*gathered);
    }

   private:
    std::string in_the_way(const std::string& file) const {
        if (file == "-" || result_.arguments.force) return {};
        std::error_code ignored;
        for (const auto& name : {file, sql_file()}) {
            if (!std::filesystem::exists(name, ignored)) continue;
            return fmt::format("{} is there already, and is not overwritten: name another file with -o, or say --force",
                               name);
        }
        return {};
    }

    std::string sql_file() const {
        return std::filesystem::path(result_.arguments.output).replace_extension(".sql").string();
    }

    int propose(Gathered& gathered) {
        auto& sample = gathered.sample;
        auto analysis = infer::analyse(sample, result_.arguments.routes);
        std::vector<pg::TableName> names{table_};
        for (const auto& part : analysis.parts) {
            if (part.kind.values.empty()) continue;
            for (auto& name : infer::tables_of_kind(table_, part.kind)) names.push_back(std::move(name));
        }
        auto tables = look_at_tables(url_, names, result_.arguments.create_table);
        if (!tables) return tell(tables.error());
        infer::ProposeOptions options;
        options.queue = result_.arguments.queue;
        options.table = table_;
        options.live = std::move(tables->live);
        result_.proposal = infer::propose(sample, analysis, options);
        result_.proposal.unwrap = gathered.unwrap;
        infer::judge_proposal(sample, analysis, result_.proposal);
        auto more = notes_of(gathered);
        note_tables(*tables, more);
        note_queue(more);
        auto& notes = result_.proposal.notes;
        notes.insert(notes.begin(), more.begin(), more.end());
        return finish(gathered);
    }

    void note_tables(const Tables& tables, std::vector<infer::Note>& notes) const {
        const auto place = "table " + pg::shown(table_);
        if (!tables.unreachable.empty()) {
            notes.push_back({infer::Weight::Warning, "no_database", place,
                             fmt::format("was not looked at, so that a new one is proposed: {}; name the database with "
                                         "--url, DATABASE_URL or the PG… variables",
                                         tables.unreachable)});
        } else if (!tables.absent.empty() && !result_.arguments.create_table && !result_.proposal.several) {
            notes.push_back({infer::Weight::Warning, "no_table", place, "a new one is proposed: " + tables.absent});
        }
    }

    void note_queue(std::vector<infer::Note>& notes) {
        if (!result_.proposal.queue.empty()) return;
        result_.proposal.queue = table_.table + "-queue";
        if (!config::valid_queue_name(result_.proposal.queue)) result_.proposal.queue = "my-queue";
        notes.push_back(
            {infer::Weight::Warning, "no_queue", "queue",
             fmt::format("no --queue was named: the file says {}, which is to be corrected", result_.proposal.queue)});
    }

    int finish(const Gathered& gathered) {
        result_.sql = infer::sql_of(result_.proposal);
        result_.configuration = infer::yaml_of(result_.proposal, connections(), head(gathered));
        const auto& arguments = result_.arguments;
        if (arguments.create_table && !result_.sql.empty()) {
            if (arguments.format == "text") fmt::print(stderr, "{}", result_.sql);
            const auto made = create_tables(url_, result_.sql);
            if (!made) return tell(made.error());
            result_.created = true;
        }
        if (const auto why = write_files(); !why.empty()) return tell(why, kFailed);
        if (arguments.format == "json") {
            fmt::print("{}", report_json(result_));
        } else if (arguments.output == "-") {
            fmt::print("{}", result_.configuration);
            fmt::print(stderr, "{}", report_text(result_, screen_of(STDERR_FILENO)));
        } else {
            fmt::print("{}", report_text(result_, screen_of(STDOUT_FILENO)));
        }
        for (const auto& note : result_.proposal.notes) {
            if (note.weight == infer::Weight::Error) return kFailed;
        }
        return kDone;
    }

    infer::Connections connections() {
        const auto& arguments = result_.arguments;
        infer::Connections connections;
        connections.region = arguments.aws.region;
        connections.endpoint_url = arguments.aws.endpoint_url;
        connections.profile = arguments.aws.profile;
        result_.database_named = true;
        if (is_set("DATABASE_URL") && (arguments.url.empty() || arguments.url == std::getenv("DATABASE_URL"))) {
            connections.postgres_url = "${DATABASE_URL}";
        } else if (!arguments.url.empty() && pg::redacted(arguments.url) == arguments.url) {
            connections.postgres_url = arguments.url;
        } else if (!arguments.url.empty() || !postgres_environment()) {
            connections.postgres_url = "${DATABASE_URL}";  // a password does not go into the file
            result_.database_named = false;
        }
        return connections;
    }

    std::vector<std::string> head(const Gathered& gathered) const {
        std::vector<std::string> lines{
            "Proposed by `sqs2pg init`: " + gathered.told + ".",
            "Look over every line, the masks above all: what looks personal is a guess, by names and by what values "
            "look like.",
            "Names stand here and no value of a message, but for those that tell kinds apart (`when`)."};
        if (result_.arguments.output == "-" && !result_.sql.empty() && !result_.arguments.create_table) {
            lines.emplace_back("The tables that it needs:");
            std::size_t start = 0;
            while (start < result_.sql.size()) {
                const auto end = result_.sql.find('\n', start);
                lines.push_back(result_.sql.substr(start, end - start));
                start = end + 1;
            }
        }
        return lines;
    }

    static std::string write(const std::string& file, const std::string& text) {
        std::ofstream out(file, std::ios::binary | std::ios::trunc);
        out << text;
        out.close();
        return out ? std::string() : fmt::format("cannot write {}: {}", file, std::strerror(errno));
    }

    std::string write_files() {
        if (result_.arguments.output == "-") return {};
        if (!result_.sql.empty()) {
            result_.sql_file = sql_file();
            if (auto why = write(result_.sql_file, result_.sql); !why.empty()) return why;
        }
        return write(result_.arguments.output, result_.configuration);
    }

    InitResult result_;
    pg::TableName table_;
    std::string url_;
};

}  // namespace

void add_init(CLI::App& app, int& exit_code) {
    auto arguments = std::make_shared<InitArguments>();
    auto* command = app.add_subcommand("init", "Propose a configuration from messages and a table");
    auto* queue = command->add_option("--queue", arguments->queue, "Name or URL of the queue; its messages stay in it");
    command->add_option("--from", arguments->from, "JSON lines instead of the queue's messages; - is standard input");
    command->add_option("--table", arguments->table, "The table, there or to be made: TABLE or SCHEMA.TABLE")
        ->required();
    command->add_flag("--create-table", arguments->create_table, "Make the proposed tables, after showing them");
    command->add_option("--messages", arguments->messages, "How many messages to look at, at most")
        ->check(CLI::Range(std::size_t{1}, infer::kMostSampled))
        ->capture_default_str();
    command->add_option("--routes", arguments->routes, "Kinds of message that get a route, at most")
        ->check(CLI::Range(1, 100))
        ->capture_default_str();
    command->add_option("-o,--output", arguments->output, "Where the configuration goes; - is standard output")
        ->capture_default_str();
    command->add_flag("--force", arguments->force, "Overwrite files that are there");
    command->add_flag("--yes", arguments->yes, "Look even where the queue's redrive policy is near");
    command->add_option("--url", arguments->url, "The database; without it DATABASE_URL, then PG… as for psql");
    command->add_option("--endpoint-url", arguments->aws.endpoint_url, "Where SQS is, instead of AWS");
    command->add_option("--region", arguments->aws.region, "AWS region");
    command->add_option("--profile", arguments->aws.profile, "Profile of the shared AWS configuration");
    command->add_option("--format", arguments->format, "text, or json: one object")
        ->check(CLI::IsMember({"text", "json"}));
    command->callback([&exit_code, arguments, queue] {
        if (queue->count() == 0 && arguments->from.empty()) {
            exit_code = tell("name the messages with --queue NAME, or with --from FILE (JSON lines)", kUsage);
        } else if (arguments->from.empty() && arguments->messages > kMostPeeked) {
            exit_code = tell(
                fmt::format("--messages {} is more than {}, the most of a queue", arguments->messages, kMostPeeked),
                kUsage);
        } else {
            exit_code = Init(*arguments).run();
        }
    });
}

}  // namespace sqs2pg::cli
