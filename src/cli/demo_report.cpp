// Tables and sentences of the demo, see demo_report.h.
#include "cli/demo_report.h"

#include <algorithm>

#include <fmt/format.h>

#include "cli/json_object.h"
#include "cli/progress.h"
#include "cli/text_layout.h"

namespace sqs2pg::cli {

namespace {

std::size_t characters(std::string_view text) {
    return static_cast<std::size_t>(std::ranges::count_if(text, [](char c) { return (c & 0xc0) != 0x80; }));
}

// At most `widest` characters; never half of one. Control characters would break the table.
std::string cell_text(const std::optional<std::string>& cell, std::size_t widest) {
    if (!cell) return "null";
    std::string out;
    std::size_t count = 0;
    bool cut = characters(*cell) > widest;
    for (char c : *cell) {
        if ((c & 0xc0) != 0x80 && ++count > (cut ? widest - 1 : widest)) break;
        out += static_cast<unsigned char>(c) < 0x20 || c == 0x7f ? ' ' : c;
    }
    return cut ? out + "…" : out;
}

std::string row_text(const std::vector<std::string>& cells, const std::vector<std::size_t>& widths) {
    std::string line = "  ";
    for (std::size_t i = 0; i < cells.size(); ++i) {
        line += cells[i];
        if (i + 1 < cells.size()) line.append(widths[i] - characters(cells[i]) + 2, ' ');
    }
    return line + "\n";
}

std::string repeats(const std::vector<TextRow>& rows, std::string_view what) {
    std::string out;
    for (const auto& row : rows) {
        out += fmt::format("  {:<34} {:>6} rows\n", row[0].value_or("null"), row[1].value_or("0"));
    }
    if (rows.empty()) out = fmt::format("  no {} came twice\n", what);
    return out;
}

}  // namespace

std::string text_table(const std::vector<std::string>& columns, const std::vector<TextRow>& rows, std::size_t widest,
                       std::size_t width) {
    std::vector<std::vector<std::string>> cells{columns};
    for (const auto& row : rows) {
        auto& line = cells.emplace_back();
        for (const auto& cell : row) line.push_back(cell_text(cell, widest));
    }
    std::vector<std::size_t> widths(columns.size(), 0);
    for (const auto& line : cells) {
        for (std::size_t i = 0; i < widths.size(); ++i) widths[i] = std::max(widths[i], characters(line[i]));
    }
    const auto most = std::max<std::size_t>(1, width / 10);  // of eight, with the gaps
    const auto left_out = width != 0 && widths.size() > most ? widths.size() - most : 0;
    widths.resize(widths.size() - left_out);
    if (width > 2) {
        for (auto& line : cells) line.resize(widths.size());
        widths = fitted(widths, width - 2);
        for (auto& line : cells) {
            for (std::size_t i = 0; i < widths.size(); ++i) line[i] = cut_to(line[i], widths[i]);
        }
    }
    auto out = row_text(cells.front(), widths);
    std::vector<std::string> rule;
    for (auto wide : widths) rule.emplace_back(wide, '-');
    out += row_text(rule, widths);
    for (std::size_t i = 1; i < cells.size(); ++i) out += row_text(cells[i], widths);
    if (left_out > 0)
        out += fmt::format("  and {} column{} more, on a wider terminal\n", left_out, left_out == 1 ? "" : "s");
    return out;
}

std::string demo_report(const DemoFindings& findings, const Screen& screen) {
    const auto& f = findings.figures;
    auto out = fmt::format("\nThe first rows of user_logins ({} in all):\n", grouped(findings.rows));
    out += text_table(findings.columns, findings.first_rows, 18, screen.width);
    out += "\n" + wrapped("Equal values have equal tokens, so analysts still see who is who. Addresses seen most:",
                          screen.width);
    out += repeats(findings.repeated_ips, "address");
    out += "Devices seen most:\n";
    out += repeats(findings.repeated_devices, "device");
    if (!findings.dead_letters.empty()) {
        out += "\nMessages that could not become a row, each stored sealed as a dead letter:\n";
        out += text_table({"reason", "column or path", "messages"}, findings.dead_letters, 32, screen.width);
    }
    out += "\nFigures:\n";
    auto line = [&](std::string_view name, std::uint64_t value) {
        out += fmt::format("  {:<14}{:>12}\n", name, grouped(value));
    };
    line("received", f.received);
    line("inserted", f.inserted);
    line("duplicates", f.duplicate);
    line("dead letters", f.dead_lettered);
    line("ledger entries", findings.ledger_entries);
    const double rate = findings.seconds > 0 ? static_cast<double>(f.settled()) / findings.seconds : 0;
    out += fmt::format("  {:<14}{:>12}   in {:.2f} s\n", "messages/s", grouped(static_cast<std::uint64_t>(rate)),
                       findings.seconds);
    out +=
        "\nThe same with a queue and a database of your own:\n"
        "  sqs2pg key new -o sqs2pg.keys       # keep it: equal values have equal tokens only under one key\n"
        "  $EDITOR sqs2pg.yaml                 # the lines shown above, with your database and queue\n"
        "  sqs2pg check -c sqs2pg.yaml         # every finding at once\n"
        "  sqs2pg migrate -c sqs2pg.yaml       # the ledger and the dead letters, in schema sqs2pg\n"
        "  sqs2pg run -c sqs2pg.yaml           # and from then on each message is one row\n";
    return out;
}

std::string demo_json(const DemoFindings& findings, const std::string& configuration) {
    const auto objects = [](const std::vector<std::string>& names, const std::vector<TextRow>& rows) {
        std::vector<std::string> list;
        for (const auto& row : rows) {
            JsonObject object;
            for (std::size_t i = 0; i < names.size() && i < row.size(); ++i) {
                row[i] ? object.text(names[i], *row[i]) : object.raw(names[i], "null");
            }
            list.push_back(object.done());
        }
        return list;
    };
    const auto& f = findings.figures;
    const double rate = findings.seconds > 0 ? static_cast<double>(f.settled()) / findings.seconds : 0;
    return JsonObject()
               .number("rows", findings.rows)
               .array("first_rows", objects(findings.columns, findings.first_rows))
               .array("repeated_ips", objects({"token", "rows"}, findings.repeated_ips))
               .array("repeated_devices", objects({"token", "rows"}, findings.repeated_devices))
               .array("dead_letters", objects({"reason", "place", "messages"}, findings.dead_letters))
               .number("received", f.received)
               .number("inserted", f.inserted)
               .number("duplicates", f.duplicate)
               .number("dead_lettered", f.dead_lettered)
               .number("ledger_entries", findings.ledger_entries)
               .number("seconds", findings.seconds, 3)
               .number("messages_per_second", rate, 1)
               .text("configuration", configuration)
               .done() +
           "\n";
}

}  // namespace sqs2pg::cli
