// See preview_report.h.
#include "cli/preview_report.h"

#include <algorithm>
#include <numeric>

#include <fmt/format.h>

#include "cli/json_object.h"
#include "config/columns.h"
#include "privacy/mask.h"

namespace sqs2pg::cli {

namespace {

constexpr std::size_t kIndent = 2;
constexpr std::size_t kGap = 2;
constexpr std::size_t kNarrowest = 6;  // no cell is cut below it

std::size_t characters(std::string_view text) {
    return static_cast<std::size_t>(std::ranges::count_if(text, [](char c) { return (c & 0xc0) != 0x80; }));
}

// Control characters would break the table, or the terminal.
std::string printable(std::string_view text) {
    std::string out;
    for (char c : text) out += static_cast<unsigned char>(c) < 0x20 || c == 0x7f ? ' ' : c;
    return out;
}

std::string cut(std::string_view text, std::size_t most) {
    if (characters(text) <= most) return std::string(text);
    std::string out;
    std::size_t count = 0;
    for (char c : text) {
        if ((c & 0xc0) != 0x80 && ++count >= most) break;
        out.push_back(c);
    }
    return out + "…";
}

std::string counted(std::uint64_t count, std::string_view what) {
    return fmt::format("{} {}{}", count, what, count == 1 ? "" : "s");
}

std::string treatment(const pipeline::ColumnRule& rule) {
    if (rule.mask) return "mask " + std::string(privacy::name_of(rule.mask->method));
    if (rule.convert != pipeline::Convert::None) return std::string(config::name_of(rule.convert));
    return "";
}

std::string from_text(const pipeline::ColumnRule& rule) { return rule.constant ? "(value)" : rule.from.text; }

// What stands in the column "would be written".
std::string written(const cases::ColumnSeen& column, const PreviewView& view) {
    using cases::Reveal;
    const bool token = column.reveal == Reveal::Token;
    if (column.reveal == Reveal::Shape || column.reveal == Reveal::Hidden) return cases::shape_of(*column.rule);
    if (!view.values && !token) return "";
    return column.example ? printable(*column.example) : "";
}

std::string absent_text(const cases::ColumnSeen& column) {
    if (column.absent == 0) return "";
    return fmt::format("{}{}", column.absent, column.rule->default_value ? " (default)" : "");
}

std::string route_text(const cases::RouteSeen& route, const PreviewView& view, std::size_t width) {
    auto out = fmt::format("\ntable {}: {} of {}\n", pg::shown(route.route->table), counted(route.rows, "row"),
                           counted(route.messages, "message"));
    std::vector<std::vector<std::string>> rows;
    rows.push_back({"COLUMN", "FROM", "TYPE", "DONE", "WOULD BE WRITTEN", "NULL", "ABSENT"});
    for (const auto& column : route.columns) {
        rows.push_back({column.rule->column, from_text(*column.rule), column.type, treatment(*column.rule),
                        written(column, view), column.nulls == 0 ? "" : fmt::to_string(column.nulls),
                        absent_text(column)});
    }
    out += fitted_table(std::move(rows), width);
    if (!route.unmapped.empty()) {
        const auto line =
            fmt::format("  not mapped, so that each gets its DEFAULT: {}", fmt::join(route.unmapped, ", "));
        out += (width == 0 ? line : cut(line, std::max<std::size_t>(width, 60))) + "\n";
    }
    return out;
}

std::string problem_json(const cases::ProblemSeen& problem) {
    return JsonObject()
        .text("reason", problem.reason)
        .text("at", problem.at)
        .text_or_null("sqlstate", problem.sqlstate)
        .number("messages", problem.messages)
        .texts("which", problem.which)
        .done();
}

std::string column_json(const cases::ColumnSeen& column, const PreviewView& view) {
    const auto& rule = *column.rule;
    JsonObject object;
    object.text("column", rule.column);
    if (rule.constant) {
        object.raw("from", "null");
    } else {
        object.text("from", rule.from.text);
    }
    object.text("type", column.type);
    object.text_or_null("mask", rule.mask ? privacy::name_of(rule.mask->method) : "");
    object.text_or_null("convert", rule.convert == pipeline::Convert::None ? "" : config::name_of(rule.convert));
    const bool value = column.reveal == cases::Reveal::Value;
    object.text("shown", value && !view.values ? "hidden" : cases::name_of(column.reveal));
    if (column.example && (view.values || !value)) {
        object.text("written", *column.example);
    } else {
        object.raw("written", "null");
    }
    return object.number("nulls", column.nulls)
        .number("absent", column.absent)
        .flag("optional", rule.optional)
        .flag("default", rule.default_value.has_value() && !rule.constant)
        .done();
}

}  // namespace

std::string fitted_table(std::vector<std::vector<std::string>> rows, std::size_t width) {
    std::vector<std::size_t> widths(rows.front().size(), 0);
    for (const auto& row : rows) {
        for (std::size_t i = 0; i < row.size(); ++i) widths[i] = std::max(widths[i], characters(row[i]));
    }
    // Columns with nothing in them but their heading are left out.
    for (std::size_t i = widths.size(); i-- > 0;) {
        const bool empty =
            std::ranges::all_of(rows.begin() + 1, rows.end(), [i](const auto& row) { return row[i].empty(); });
        if (!empty || rows.size() == 1) continue;
        for (auto& row : rows) row.erase(row.begin() + static_cast<std::ptrdiff_t>(i));
        widths.erase(widths.begin() + static_cast<std::ptrdiff_t>(i));
    }
    const auto total = [&] {
        return std::accumulate(widths.begin(), widths.end(), kIndent) + kGap * (widths.size() - 1);
    };
    const auto most = std::max<std::size_t>(width, 60);
    while (width != 0 && total() > most) {
        const auto widest = std::ranges::max_element(widths);
        if (*widest <= kNarrowest) break;
        --*widest;
    }
    std::string out;
    for (const auto& row : rows) {
        std::string line(kIndent, ' ');
        for (std::size_t i = 0; i < row.size(); ++i) {
            const auto cell = cut(row[i], widths[i]);
            line += cell;
            if (i + 1 < row.size()) line.append(widths[i] - characters(cell) + kGap, ' ');
        }
        while (line.ends_with(' ')) line.pop_back();
        out += line + "\n";
    }
    return out;
}

std::string preview_text(const cases::Seen& seen, const PreviewView& view, std::size_t width) {
    auto out =
        fmt::format("pipeline {}, {} of {}: {}, {}, {} ignored\n", view.pipeline, counted(seen.messages, "message"),
                    view.source, counted(seen.rows, "row"), counted(seen.dead_letters, "dead letter"), seen.ignored);
    if (!view.note.empty()) out += view.note + "\n";
    if (seen.not_fetched > 0) {
        out += fmt::format(
            "{} to objects in S3, which preview does not fetch\n",
            seen.not_fetched == 1 ? "1 message points" : fmt::format("{} messages point", seen.not_fetched));
    }
    for (const auto& route : seen.routes) out += route_text(route, view, width);
    if (seen.problems.empty()) {
        if (seen.messages > 0)
            out += fmt::format("\nno problems{}\n", view.tried ? ", and the database took every row" : "");
        return out;
    }
    out += "\nproblems (`sqs2pg explain REASON` tells more)\n";
    std::vector<std::vector<std::string>> rows;
    rows.push_back({"REASON", "AT", "SQLSTATE", "MESSAGES", "WHICH"});
    for (const auto& problem : seen.problems) {
        auto which = fmt::format("{}", fmt::join(problem.which, ", "));
        if (problem.messages > problem.which.size()) which += " …";
        rows.push_back({problem.reason, problem.at, problem.sqlstate, fmt::to_string(problem.messages), which});
    }
    return out + fitted_table(std::move(rows), width);
}

std::string preview_json(const cases::Seen& seen, const PreviewView& view) {
    std::vector<std::string> routes;
    for (const auto& route : seen.routes) {
        std::vector<std::string> columns;
        for (const auto& column : route.columns) columns.push_back(column_json(column, view));
        routes.push_back(JsonObject()
                             .text("table", pg::shown(route.route->table))
                             .number("messages", route.messages)
                             .number("rows", route.rows)
                             .array("columns", columns)
                             .texts("unmapped", route.unmapped)
                             .done());
    }
    std::vector<std::string> problems;
    for (const auto& problem : seen.problems) problems.push_back(problem_json(problem));
    return JsonObject()
               .text("pipeline", view.pipeline)
               .text("source", view.source)
               .text_or_null("note", view.note)
               .flag("tried", view.tried)
               .number("messages", seen.messages)
               .number("rows", seen.rows)
               .number("dead_letters", seen.dead_letters)
               .number("ignored", seen.ignored)
               .number("not_fetched", seen.not_fetched)
               .array("routes", routes)
               .array("problems", problems)
               .done() +
           "\n";
}

}  // namespace sqs2pg::cli
