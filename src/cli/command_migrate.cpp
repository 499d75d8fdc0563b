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
#include "cli/open_keys.h"
#include "schema/migrations.h"

namespace sqs2pg::cli {

namespace {

struct Arguments {
    std::string configuration;
    bool print = false;
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

int migrate_one(const DatabaseGroup& database, schema::MigrationOptions options) {
    std::optional<Result<schema::MigrationReport>> report;
    boost::asio::io_context loop{1};
    boost::asio::co_spawn(loop, connect_and_migrate(connect_options(database.postgres), std::move(options)),
                          [&](std::exception_ptr thrown, Result<schema::MigrationReport> result) {
                              if (!thrown) report = std::move(result);
                          });
    loop.run();
    if (!report) {
        return tell(Error{ErrorKind::Retry, Stage::Start, "exception",
                          "an exception that nobody expected ended the migration"});
    }
    return *report ? tell(**report) : tell(report->error());
}

// Every distinct database, even where one of them fails.
int migrate(const Arguments& arguments) {
    const auto settings = load_or_tell(arguments.configuration);
    if (!settings) return kUsage;
    KeySources sources;
    int exit_code = kDone;
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
        if (databases.size() > 1) {
            std::vector<std::string_view> names;
            for (const auto* pipeline : database.pipelines) names.emplace_back(pipeline->name);
            fmt::print("{}the database of {}:\n", arguments.print ? "-- " : "", fmt::join(names, ", "));
            std::fflush(stdout);
        }
        const int ended = arguments.print ? print_sql(options) : migrate_one(database, std::move(options));
        exit_code = std::max(exit_code, ended);
    }
    return exit_code;
}

}  // namespace

void add_migrate(CLI::App& app, int& exit_code) {
    auto arguments = std::make_shared<Arguments>();
    auto* command = app.add_subcommand("migrate", "Make or upgrade schema sqs2pg and the rights of each role");
    command->add_option("-c,--config", arguments->configuration, "Configuration file, or a folder of them")->required();
    command->add_flag("--print", arguments->print, "Print the SQL instead of running it");
    command->callback([&exit_code, arguments] { exit_code = migrate(*arguments); });
}

}  // namespace sqs2pg::cli
