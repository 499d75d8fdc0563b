// `sqs2pg test`: cases in YAML, each a message and what is expected to become of it, through the map stage of a worker.
// No queue is asked, and a database with --database only.
#include <filesystem>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include <fmt/format.h>

#include "cases/case_report.h"
#include "cases/run_cases.h"
#include "cli/commands.h"
#include "cli/live_tables.h"
#include "config/files.h"
#include "config/load.h"
#include "config/yaml_reader.h"

namespace sqs2pg::cli {

namespace {

struct TestOptions {
    std::vector<std::string> files;
    std::string configuration;
    std::string pipeline;
    std::string format = "text";
    bool database = false;
};

int tell(const std::vector<config::Mistake>& mistakes) {
    for (const auto& mistake : mistakes) fmt::print(stderr, "{}: {}\n", mistake.place, mistake.sentence);
    return kUsage;
}

// The configuration that -c or the file names; empty after saying that neither does.
std::string configuration_of(const cases::CaseFile& file, const TestOptions& options, config::Report& report) {
    if (!options.configuration.empty()) return options.configuration;
    if (file.configuration.empty()) {
        report.mistake(file.configuration_place,
                       "no configuration is named: write `configuration: FILE`, or name one with -c");
        return {};
    }
    const std::filesystem::path named(file.configuration);
    if (named.is_absolute()) return file.configuration;
    return (std::filesystem::path(file.name).parent_path() / named).lexically_normal().string();
}

// nullopt after every mistake was told.
std::optional<cases::FileResult> run_file(const std::string& path, const TestOptions& options) {
    config::Report report;
    const auto text = config::read_small_file(path, config::kMostYamlBytes);
    if (!text) {
        fmt::print(stderr, "sqs2pg test: {} {}\n", path, text.error().detail);
        return std::nullopt;
    }
    auto file = cases::read_cases(text->text, path, report);
    const auto configuration = report.good() ? configuration_of(file, options, report) : std::string();
    if (!report.good()) {
        tell(report.mistakes());
        return std::nullopt;
    }
    const auto environment = config::process_environment();
    const auto loaded =
        options.database ? config::load(configuration, environment) : config::load_mapping(configuration, environment);
    if (!loaded.mistakes.empty()) {
        tell(loaded.mistakes);
        return std::nullopt;
    }
    const auto& wanted = options.pipeline.empty() ? file.pipeline : options.pipeline;
    const auto pipeline = find_pipeline(loaded.settings, wanted);
    if (!pipeline) {
        report.mistake(file.pipeline_place, pipeline.error().detail);
        tell(report.mistakes());
        return std::nullopt;
    }
    std::vector<pg::TableShape> tables;
    if (options.database) {
        auto live = live_tables(**pipeline, configuration);
        if (!live) {
            fmt::print(stderr, "sqs2pg test: {}\n", describe(live.error()));
            return std::nullopt;
        }
        tables = std::move(*live);
    } else {
        tables = cases::written_tables(file, **pipeline, report);
    }
    cases::FileResult result;
    if (report.good()) result = cases::run_cases(file, {**pipeline, tables}, report);
    if (report.good()) return result;
    tell(report.mistakes());
    return std::nullopt;
}

int test(const TestOptions& options) {
    std::vector<cases::FileResult> results;
    bool readable = true;
    for (const auto& path : options.files) {
        auto result = run_file(path, options);
        readable = readable && result.has_value();
        if (result) results.push_back(std::move(*result));
    }
    if (!readable) return kUsage;
    fmt::print("{}", options.format == "json"    ? cases::case_json(results)
                     : options.format == "junit" ? cases::case_junit(results)
                                                 : cases::case_text(results));
    for (const auto& file : results) {
        for (const auto& one : file.cases) {
            if (!one.differences.empty()) return kFailed;
        }
    }
    return kDone;
}

}  // namespace

void add_test(CLI::App& app, int& exit_code) {
    auto options = std::make_shared<TestOptions>();
    auto* command =
        app.add_subcommand("test", "Run cases: messages in YAML, and the rows or dead letters expected of them");
    command->add_option("FILE", options->files, "Files of cases (docs/testing.md)")->required();
    command->add_option("-c,--config", options->configuration,
                        "Configuration file, or a folder of them; else the one that each file names");
    command->add_option("--pipeline", options->pipeline, "Which pipeline; else the one that each file names");
    command->add_flag("--database", options->database,
                      "Take the columns from the live tables instead of those written in the files");
    command->add_option("--format", options->format, "text, json, or junit: XML for a CI server")
        ->check(CLI::IsMember({"text", "json", "junit"}));
    command->callback([&exit_code, options] { exit_code = test(*options); });
}

}  // namespace sqs2pg::cli
