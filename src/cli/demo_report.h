// What the demo says: tables and sentences from values. Pure.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "cli/screen.h"
#include "telemetry/events.h"

namespace sqs2pg::cli {

using TextRow = std::vector<std::optional<std::string>>;  // nullopt is NULL

struct DemoFindings {
    std::vector<std::string> columns;
    std::vector<TextRow> first_rows;    // in the order of columns
    std::vector<TextRow> repeated_ips;  // token, rows
    std::vector<TextRow> repeated_devices;
    std::vector<TextRow> dead_letters;  // reason, column or path, count
    std::uint64_t rows = 0;
    std::uint64_t ledger_entries = 0;
    telemetry::PipelineFigures figures;
    double seconds = 0;
};

// Columns as wide as their longest cell, cells longer than `widest` cut with "…"; NULL is shown as "null". Each line
// ends in a newline and is indented by two. `width`: of the terminal, which the table fits; 0: of none.
std::string text_table(const std::vector<std::string>& columns, const std::vector<TextRow>& rows,
                       std::size_t widest = 32, std::size_t width = 0);

// The whole report.
std::string demo_report(const DemoFindings& findings, const Screen& screen = {});

// The same as one JSON object. `configuration`: the lines that were run.
std::string demo_json(const DemoFindings& findings, const std::string& configuration);

}  // namespace sqs2pg::cli
