// `sqs2pg migrate`: makes or upgrades schema sqs2pg and grants the worker its rights, or prints the SQL that would.
#include <algorithm>
#include <cstdio>
#include <exception>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include <fmt/format.h>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/this_coro.hpp>

#include "cli/commands.h"
#include "cli/configuration.h"
#include "cli/database_access.h"
#include "cli/json_object.h"
#include "cli/open_keys.h"
#include "schema/migrations.h"

namespace sqs2pg::cli {

namespace {

struct Arguments {
    std::string configuration;
    bool print = false;
    std::string format = "text";
};

int exit_code_of(const Error& error) { return error.kind == ErrorKind::Retry ? kFailed : kUsage; }

int tell(const Error& error) {
    fmt::print(stderr, "sqs2pg migrate: {}\n", error.detail.empty() ? describe(error) : error.detail);
    return exit_code_of(error);
}

int print_sql(const schema::MigrationOptions& options) {
    fmt::print("{}", schema::migration_sql(options));
    const auto grants = schema::target_grants_sql(options);
    if (!grants.empty()) fmt::print("-- As the owner of the tables:\n{}", grants);
    return kDone;
}

awaitable<Result<schema::MigrationReport>> connect_and_migrate(pg::ConnectOptions connect,
                                                               schema::MigrationOptions options) {
    auto executor = co_await boost::asio::this_coro::executor;
    auto connection = co_await pg::Connection::connect(executor, std::move(connect));
    if (!connection) co_return fail(connection.error());
    auto report = co_await schema::migrate(**connection, std::move(options));
    co_return report;
}

int tell(const schema::MigrationReport& report) {
    for (const auto& warning : report.warnings) fmt::print(stderr, "sqs2pg migrate: warning: {}\n", warning);
    if (report.version_before == 0) {
        fmt::print("schema sqs2pg was made, version {}, {} ledger partitions\n", report.version,
                   report.partitions_made);
    } else if (report.version_before < report.version) {
        fmt::print("schema sqs2pg went from version {} to {}\n", report.version_before, report.version);
    } else {
        fmt::print("schema sqs2pg is up to date, version {}\n", report.version);
    }
    return kDone;
}

std::vector<std::string> names_of(const DatabaseGroup& database) {
    std::vector<std::string> names;
    for (const auto* pipeline : database.pipelines) names.push_back(pipeline->name);
    return names;
}

std::string report_json(const DatabaseGroup& database, const schema::MigrationReport& report) {
    return JsonObject()
        .texts("pipelines", names_of(database))
        .number("version_before", report.version_before)
        .number("version", report.version)
        .number("partitions_made", report.partitions_made)
        .texts("warnings", report.warnings)
        .raw("error", "null")
        .done();
}

std::string error_json(const DatabaseGroup& database, const Error& error) {
    return JsonObject()
        .texts("pipelines", names_of(database))
        .raw("version_before", "null")
        .raw("version", "null")
        .number("partitions_made", 0)
        .raw("warnings", "[]")
        .text("error", error.detail.empty() ? describe(error) : error.detail)
        .done();
}

// `json`: where an object of this database is added; nullptr: text is printed.
int migrate_one(const DatabaseGroup& database, schema::MigrationOptions options, std::vector<std::string>* json) {
    std::optional<Result<schema::MigrationReport>> report;
    boost::asio::io_context loop{1};
    boost::asio::co_spawn(loop, connect_and_migrate(connect_options(database.postgres), std::move(options)),
                          [&](std::exception_ptr thrown, Result<schema::MigrationReport> result) {
                              if (!thrown) report = std::move(result);
                          });
    loop.run();
    if (!report) {
        report =
            fail(ErrorKind::Retry, Stage::Start, "exception", "an exception that nobody expected ended the migration");
    }
    if (json != nullptr) {
        json->push_back(*report ? report_json(database, **report) : error_json(database, report->error()));
        return *report ? kDone : tell(report->error());
    }
    return *report ? tell(**report) : tell(report->error());
}

// Every distinct database, even where one of them fails.
int migrate(const Arguments& arguments) {
    const auto settings = load_or_tell(arguments.configuration);
    if (!settings) return kUsage;
    KeySources sources;
    int exit_code = kDone;
    const bool json = arguments.format == "json";
    std::vector<std::string> objects;
    const auto databases = databases_of(settings->pipelines);
    for (const auto& database : databases) {
        auto options = migration_options(database, settings->dead_letter_retention_days);
        std::vector<std::string> warnings;
        for (const auto* pipeline : database.pipelines) {
            const auto keys = sources.open(pipeline->keys, warnings);
            if (!keys) return tell(keys.error());
            add_key_checks(options, (*keys)->keyring);
        }
        for (const auto& warning : warnings) fmt::print(stderr, "sqs2pg migrate: warning: {}\n", warning);
        if (databases.size() > 1 && !json) {
            fmt::print("{}the database of {}:\n", arguments.print ? "-- " : "", fmt::join(names_of(database), ", "));
            std::fflush(stdout);
        }
        const int ended =
            arguments.print ? print_sql(options) : migrate_one(database, std::move(options), json ? &objects : nullptr);
        exit_code = std::max(exit_code, ended);
    }
    if (json) fmt::print("{}\n", JsonObject().array("databases", objects).done());
    return exit_code;
}

}  // namespace

void add_migrate(CLI::App& app, int& exit_code) {
    auto arguments = std::make_shared<Arguments>();
    auto* command = app.add_subcommand("migrate", "Make or upgrade schema sqs2pg and the rights of each role");
    command->add_option("-c,--config", arguments->configuration, "Configuration file, or a folder of them")->required();
    auto* print = command->add_flag("--print", arguments->print, "Print the SQL instead of running it");
    command->add_option("--format", arguments->format, "text, or json: one object (docs/json.md)")
        ->check(CLI::IsMember({"text", "json"}))
        ->excludes(print)
        ->capture_default_str();
    command->callback([&exit_code, arguments] { exit_code = migrate(*arguments); });
}

}  // namespace sqs2pg::cli
