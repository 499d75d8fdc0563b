// What `init` tells on the terminal, and as JSON: names, places and counts. See init_proposal.h.
#include <algorithm>
#include <filesystem>

#include <fmt/format.h>
#include <fmt/ranges.h>

#include "cli/init_proposal.h"
#include "cli/json_object.h"
#include "cli/text_layout.h"

namespace sqs2pg::cli {

namespace {

using infer::printable;

std::string rule_words(const pipeline::ColumnRule& rule) {
    std::vector<std::string> words;
    if (rule.convert != pipeline::Convert::None)
        words.push_back(fmt::format("convert {}", infer::name_of(rule.convert)));
    if (rule.mask) words.push_back(fmt::format("mask {}", privacy::name_of(rule.mask->method)));
    if (rule.optional) words.emplace_back("optional");
    return fmt::format("{}", fmt::join(words, ", "));
}

void append_table(std::string& out, const infer::ProposedRoute& route, const Screen& screen) {
    std::vector<Cells> rows{{"column", "type", "from", ""}};
    for (const auto& column : route.columns) {
        auto words = rule_words(column.rule);
        if (!column.active) words = "a comment: decide";
        rows.push_back({printable(column.rule.column), column.column.type_name, printable(column.rule.from.text),
                        std::move(words)});
    }
    const auto table = table_of(rows, screen.width < 3 ? 0 : screen.width - 2, {true, true, true, true});
    for (std::size_t at = 0, end; (end = table.find('\n', at)) != table.npos; at = end + 1) {
        out += "  " + table.substr(at, end + 1 - at);
    }
}

std::string head_of(const infer::ProposedRoute& route, bool several) {
    auto text = fmt::format("{} {}{}", route.table_exists ? "table" : "new table", printable(pg::shown(route.table)),
                            several ? fmt::format(", {} messages", route.messages) : "");
    if (!route.unmapped_columns.empty()) {
        std::vector<std::string> names;
        for (const auto& [name, why] : route.unmapped_columns) names.push_back(printable(name));
        text += fmt::format("; without a source: {}", fmt::join(names, ", "));
    }
    return text + ":";
}

void append_notes(std::string& out, const std::vector<infer::Note>& notes, const Screen& screen) {
    for (const auto weight : {infer::Weight::Error, infer::Weight::Warning, infer::Weight::Info}) {
        for (const auto& note : notes) {
            if (note.weight != weight) continue;
            const auto line = fmt::format("{}: {} [{}]", printable(note.place), printable(note.sentence), note.code);
            out += inked_word(screen, padded(infer::name_of(weight), 7)) + "  ";
            out += screen.width == 0 ? line + "\n" : wrapped(line, screen.width, 9).substr(9);
        }
    }
}

std::string shell_word(const std::string& text) {
    if (!text.empty() &&
        text.find_first_not_of("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_-./+:@,") ==
            std::string::npos) {
        return text;
    }
    std::string out = "'";
    for (const char c : text) out += c == '\'' ? std::string("'\\''") : std::string(1, c);
    return out + "'";
}

void append_next_steps(std::string& out, const InitResult& result) {
    if (result.arguments.output == "-") return;
    const auto file = shell_word(result.arguments.output);
    const auto keys = std::filesystem::path(result.arguments.output).parent_path() / "sqs2pg.keys";
    out += "next:\n";
    if (!result.database_named) out += "  export DATABASE_URL=postgresql://…    # the database\n";
    if (!result.sql_file.empty() && !result.created) {
        out += fmt::format("  psql \"$DATABASE_URL\" -f {}\n", shell_word(result.sql_file));
    }
    if (std::error_code ignored; !std::filesystem::exists(keys, ignored)) {
        out += fmt::format("  sqs2pg key new -o {}\n", shell_word(keys.string()));
    }
    out += fmt::format("  sqs2pg check -c {}\n", file);
    out += fmt::format("  sqs2pg preview -c {}\n", file);
    out += fmt::format("  sqs2pg migrate -c {}\n", file);
    out += fmt::format("  sqs2pg run -c {}\n", file);
}

std::string column_json(const infer::ProposedColumn& column) {
    JsonObject object;
    object.text("column", column.rule.column).text("type", column.column.type_name).text("from", column.rule.from.text);
    if (column.rule.convert != pipeline::Convert::None) object.text("convert", infer::name_of(column.rule.convert));
    if (column.rule.mask) {
        object.text("mask", privacy::name_of(column.rule.mask->method));
        if (!column.rule.mask->domain.empty()) object.text("domain", column.rule.mask->domain);
        if (column.rule.mask->canonical == privacy::Canonical::Ip) object.text("as", "ip");
    }
    object.flag("optional", column.rule.optional).flag("not_null", column.column.not_null);
    object.flag("commented", !column.active).texts("remarks", column.remarks);
    if (column.spotted) {
        object.text("looks_like", infer::words_for(column.spotted->kind)).flag("sure", column.spotted->sure);
    }
    return object.done();
}

std::string pairs_json(const std::vector<std::pair<std::string, std::string>>& pairs, std::string_view name) {
    std::vector<std::string> list;
    for (const auto& [what, why] : pairs) list.push_back(JsonObject().text(name, what).text("why", why).done());
    return fmt::format("[{}]", fmt::join(list, ","));
}

std::string route_json(const infer::ProposedRoute& route) {
    std::vector<std::string> columns;
    for (const auto& column : route.columns) columns.push_back(column_json(column));
    JsonObject object;
    object.text("table", pg::shown(route.table)).flag("exists", route.table_exists).flag("commented", !route.active);
    if (!route.when.empty()) {
        object.text("by", route.when.front().from.text).number("values", route.when.front().values.size());
    }
    object.number("messages", route.messages).number("dead_letters", route.dead).array("columns", columns);
    object.raw("unmapped_columns", pairs_json(route.unmapped_columns, "column"));
    object.raw("unmapped_paths", pairs_json(route.unmapped_paths, "path"));
    object.text_or_null("each", route.each ? route.each->path : "");
    return object.done();
}

}  // namespace

std::string report_text(const InitResult& result, const Screen& screen) {
    std::string out = printable(result.told) + "\n";
    for (const auto& route : result.proposal.routes) {
        out += wrapped(head_of(route, result.proposal.several), screen.width, 0);
        append_table(out, route, screen);
    }
    append_notes(out, result.proposal.notes, screen);
    if (result.created) out += "the tables were made\n";
    if (result.arguments.output != "-") {
        out += fmt::format("{} was written{}: look it over, every mask above all\n", result.arguments.output,
                           result.sql_file.empty() ? "" : ", and the new tables as " + result.sql_file);
    }
    append_next_steps(out, result);
    return out;
}

std::string report_json(const InitResult& result) {
    std::vector<std::string> routes;
    for (const auto& route : result.proposal.routes) routes.push_back(route_json(route));
    std::vector<std::string> notes;
    for (const auto& note : result.proposal.notes) {
        notes.push_back(JsonObject()
                            .text("weight", infer::name_of(note.weight))
                            .text("code", note.code)
                            .text("place", note.place)
                            .text("sentence", note.sentence)
                            .done());
    }
    JsonObject object;
    object.text("sample", result.told).text("pipeline", result.proposal.pipeline).text("queue", result.proposal.queue);
    object.array("routes", routes).array("notes", notes);
    object.text_or_null("file", result.arguments.output == "-" ? "" : result.arguments.output);
    object.text("configuration", result.configuration);
    object.text_or_null("sql_file", result.sql_file).text_or_null("sql", result.sql).flag("created", result.created);
    return object.done() + "\n";
}

}  // namespace sqs2pg::cli
