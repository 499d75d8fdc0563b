// See outcome.h.
#include "cases/outcome.h"

#include "pg/copy.h"

namespace sqs2pg::cases {
namespace {

Cell cell_of(std::string_view field) {
    if (field == pg::kNullField) return std::nullopt;
    std::string text;
    for (std::size_t i = 0; i < field.size(); ++i) {
        if (field[i] != '\\' || i + 1 == field.size()) {
            text.push_back(field[i]);
            continue;
        }
        const char c = field[++i];
        text.push_back(c == 't' ? '\t' : c == 'n' ? '\n' : c == 'r' ? '\r' : c);
    }
    return text;
}

}  // namespace

std::vector<std::vector<Cell>> rows_of(std::string_view copy_text) {
    std::vector<std::vector<Cell>> rows;
    while (!copy_text.empty()) {
        const auto end = copy_text.find(pg::kEndOfRow);
        auto line = copy_text.substr(0, end);
        copy_text.remove_prefix(end == copy_text.npos ? copy_text.size() : end + 1);
        auto& row = rows.emplace_back();
        for (auto tab = line.find(pg::kDelimiter);; tab = line.find(pg::kDelimiter)) {
            row.push_back(cell_of(line.substr(0, tab)));
            if (tab == line.npos) break;
            line.remove_prefix(tab + 1);
        }
    }
    return rows;
}

Outcome outcome_of(pipeline::MapStage& map, pipeline::Received& message, std::string* object) {
    Outcome outcome;
    auto made = map.transform(message, object);
    if (!made) {
        outcome.kind = Outcome::Kind::DeadLetter;
        outcome.bad = std::move(made.error());
    } else if (*made) {
        outcome.kind = Outcome::Kind::Rows;
        outcome.route = (*made)->target();
        outcome.rows = rows_of((*made)->copy_text());
    }
    return outcome;
}

}  // namespace sqs2pg::cases
