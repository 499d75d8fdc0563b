// See run_cases.h.
#include "cases/run_cases.h"

#include <algorithm>
#include <set>
#include <stdexcept>

#include <fmt/format.h>

#include "pipeline/map.h"

namespace sqs2pg::cases {
namespace {

// The bytes 0 to 31.
constexpr const char* kTestKey = "active: k1\nkeys:\n  k1: AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8=\n";

bool is_of(const WrittenTable& written, const pg::TableName& table) {
    return written.name.empty() || written.name == table.table || written.name == pg::shown(table);
}

}  // namespace

privacy::Keyring test_keyring() {
    auto keyring = privacy::Keyring::parse(kTestKey, "the key of tests");
    if (!keyring) throw std::logic_error("the key of tests is no key");
    return std::move(*keyring);
}

std::vector<pg::TableShape> written_tables(const CaseFile& file, const pipeline::PipelineOptions& options,
                                           config::Report& report) {
    std::vector<pg::TableShape> tables;
    std::set<const WrittenTable*> used;
    for (const auto& route : options.routes) {
        const auto written =
            std::ranges::find_if(file.tables, [&](const auto& one) { return is_of(one, route.table); });
        if (written == file.tables.end()) {
            report.mistake(file.configuration_place,
                           fmt::format("the columns of the table {} are not known: write them under `{}`, or take the "
                                       "live table with --database",
                                       pg::shown(route.table), options.routes.size() == 1 ? "table" : "tables"));
            continue;
        }
        used.insert(&*written);
        auto shape = written->shape;
        shape.name = route.table;
        shape.may_stage = true;
        if (route.on_conflict) shape.unique_keys.push_back({route.on_conflict->key});
        tables.push_back(std::move(shape));
    }
    for (const auto& written : file.tables) {
        if (used.contains(&written)) continue;
        report.mistake(written.place, fmt::format("the pipeline {} writes to no table {}",
                                                  config::backquoted(options.name), config::backquoted(written.name)));
    }
    return tables;
}

FileResult run_cases(CaseFile& file, const Subject& subject, config::Report& report) {
    FileResult result{file.name, {}};
    const auto keyring = test_keyring();
    for (std::size_t i = 0; i < subject.options.routes.size(); ++i) {
        for (const auto& finding : pipeline::check_rules(subject.options.routes[i], subject.tables[i], &keyring)) {
            if (finding.error) report.mistake(file.configuration_place, finding.place + ": " + finding.sentence);
        }
    }
    if (!report.good()) return result;
    auto map = pipeline::MapStage::make(subject.options, subject.tables, keyring);
    if (!map) {
        report.mistake(file.configuration_place, describe(map.error()));
        return result;
    }
    Outcomes outcomes;
    for (auto& one : file.cases) {
        outcomes.position.emplace(one.name, outcomes.all.size());
        outcomes.all.push_back(outcome_of(*map, one.message, one.object ? &*one.object : nullptr));
    }
    for (const auto& one : file.cases) check_expectation(one, subject, outcomes, report);
    if (!report.good()) return result;
    for (std::size_t i = 0; i < file.cases.size(); ++i) {
        const auto& one = file.cases[i];
        result.cases.push_back({one.name, one.place.text(), compare(one, i, subject, outcomes)});
    }
    return result;
}

}  // namespace sqs2pg::cases
