// Reading of type texts, see type_text.h.
#include "pg/type_text.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <optional>
#include <span>
#include <utility>
#include <vector>

#include "pg/catalog_types.h"

namespace sqs2pg::pg {
namespace {

// A type's name in SQL, in pg_type, and as format_type() prints it.
struct Named {
    std::string_view sql;
    std::string_view catalog;
    std::string_view shown;
};

// Longer names before those that they begin with.
constexpr Named kTypes[] = {
    {"double precision", "float8", "double precision"},
    {"character varying", "varchar", "character varying"},
    {"char varying", "varchar", "character varying"},
    {"bit varying", "varbit", "bit varying"},
    {"timestamp with time zone", "timestamptz", "timestamp with time zone"},
    {"timestamp without time zone", "timestamp", "timestamp without time zone"},
    {"time with time zone", "timetz", "time with time zone"},
    {"time without time zone", "time", "time without time zone"},
    {"smallint", "int2", "smallint"},
    {"int2", "int2", "smallint"},
    {"smallserial", "int2", "smallint"},
    {"integer", "int4", "integer"},
    {"int", "int4", "integer"},
    {"int4", "int4", "integer"},
    {"serial", "int4", "integer"},
    {"bigint", "int8", "bigint"},
    {"int8", "int8", "bigint"},
    {"bigserial", "int8", "bigint"},
    {"numeric", "numeric", "numeric"},
    {"decimal", "numeric", "numeric"},
    {"real", "float4", "real"},
    {"float4", "float4", "real"},
    {"float8", "float8", "double precision"},
    {"float", "float8", "double precision"},
    {"boolean", "bool", "boolean"},
    {"bool", "bool", "boolean"},
    {"text", "text", "text"},
    {"varchar", "varchar", "character varying"},
    {"character", "bpchar", "character"},
    {"char", "bpchar", "character"},
    {"bpchar", "bpchar", "bpchar"},
    {"\"char\"", "char", "\"char\""},
    {"uuid", "uuid", "uuid"},
    {"date", "date", "date"},
    {"time", "time", "time without time zone"},
    {"timetz", "timetz", "time with time zone"},
    {"timestamp", "timestamp", "timestamp without time zone"},
    {"timestamptz", "timestamptz", "timestamp with time zone"},
    {"interval", "interval", "interval"},
    {"json", "json", "json"},
    {"jsonb", "jsonb", "jsonb"},
    {"inet", "inet", "inet"},
    {"cidr", "cidr", "cidr"},
    {"macaddr", "macaddr", "macaddr"},
    {"macaddr8", "macaddr8", "macaddr8"},
    {"bytea", "bytea", "bytea"},
    {"bit", "bit", "bit"},
    {"varbit", "varbit", "bit varying"},
    {"name", "name", "name"},
    {"oid", "oid", "oid"},
    {"pg_lsn", "pg_lsn", "pg_lsn"},
    {"point", "point", "point"},
    {"lseg", "lseg", "lseg"},
    {"box", "box", "box"},
    {"line", "line", "line"},
    {"path", "path", "path"},
    {"polygon", "polygon", "polygon"},
    {"circle", "circle", "circle"},
    {"other", "", "other"},
};

constexpr std::pair<std::string_view, std::string_view> kRanges[] = {
    {"int4range", "integer"},      {"int8range", "bigint"},           {"numrange", "numeric"},
    {"tsrange", "timestamp"},      {"tstzrange", "timestamptz"},      {"daterange", "date"},
    {"int4multirange", "integer"}, {"int8multirange", "bigint"},      {"nummultirange", "numeric"},
    {"tsmultirange", "timestamp"}, {"tstzmultirange", "timestamptz"}, {"datemultirange", "date"},
};

using Problem = tl::unexpected<std::string>;
Problem problem(std::string sentence) { return Problem(std::move(sentence)); }

// Words in lower case, texts in their quotes, and every other character by itself.
std::vector<std::string> tokens_of(std::string_view text) {
    std::vector<std::string> tokens;
    auto is_word = [](char c) {
        return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_' || c == '.';
    };
    for (std::size_t i = 0; i < text.size();) {
        const char c = text[i];
        if (c == ' ' || c == '\t' || c == '\n' || c == '\r') {
            ++i;
        } else if (c == '\'' || c == '"') {
            auto end = i + 1;
            while (end < text.size() && (text[end] != c || (end + 1 < text.size() && text[end + 1] == c))) {
                end += text[end] == c ? 2 : 1;
            }
            tokens.emplace_back(text.substr(i, end + 1 - i));
            i = end + 1;
        } else if (is_word(c)) {
            std::string word;
            for (; i < text.size() && is_word(text[i]); ++i) {
                word.push_back(text[i] >= 'A' && text[i] <= 'Z' ? static_cast<char>(text[i] + 32) : text[i]);
            }
            tokens.push_back(std::move(word));
        } else {
            tokens.emplace_back(1, c);
            ++i;
        }
    }
    return tokens;
}

std::optional<int> number_of(std::string_view token) {
    int value = 0;
    auto [end, error] = std::from_chars(token.data(), token.data() + token.size(), value);
    if (error != std::errc{} || end != token.data() + token.size()) return std::nullopt;
    return value;
}

class Parser {
   public:
    explicit Parser(std::string_view text) : tokens_(tokens_of(text)) {}

    tl::expected<TypeText, std::string> parse() {
        if (tokens_.empty()) return problem("is empty; write a type, such as `text not null`");
        auto type = parse_type();
        if (!type) return problem(type.error());
        out_.column = std::move(*type);
        while (at_ < tokens_.size()) {
            if (auto wrong = parse_constraint(); !wrong.empty()) return problem(wrong);
        }
        return std::move(out_);
    }

   private:
    bool next_is(std::string_view token) const { return at_ < tokens_.size() && tokens_[at_] == token; }
    bool take(std::string_view token) {
        if (!next_is(token)) return false;
        ++at_;
        return true;
    }
    bool take_words(std::string_view words) {
        const auto start = at_;
        while (!words.empty()) {
            const auto blank = words.find(' ');
            if (!take(words.substr(0, blank))) {
                at_ = start;
                return false;
            }
            words = blank == words.npos ? std::string_view{} : words.substr(blank + 1);
        }
        return true;
    }

    // "(10, 2)": empty without brackets.
    tl::expected<std::vector<std::string>, std::string> parse_brackets() {
        std::vector<std::string> inside;
        if (!take("(")) return inside;
        while (at_ < tokens_.size() && !next_is(")")) {
            if (tokens_[at_] == "-" && at_ + 1 < tokens_.size()) tokens_[++at_].insert(0, "-");
            inside.push_back(tokens_[at_++]);
            if (!next_is(")") && !take(",")) return problem("has brackets that are not closed");
        }
        if (!take(")")) return problem("has brackets that are not closed");
        return inside;
    }

    tl::expected<Column, std::string> parse_type() {
        take_words("pg_catalog .");
        auto column = parse_scalar();
        if (!column) return column;
        bool array = false;
        while (take("[")) {
            if (at_ < tokens_.size() && number_of(tokens_[at_])) ++at_;
            if (!take("]")) return problem("has a `[` without its `]`");
            array = true;
        }
        array = take("array") || array;
        return array ? array_of(std::move(*column)) : std::move(*column);
    }

    static Column array_of(Column element) {
        Column array;
        array.type = TypeClass::Array;
        array.type_name = array.sql_type = element.type_name + "[]";
        array.not_null = std::exchange(element.not_null, false);
        array.has_default = std::exchange(element.has_default, false);
        array.delimiter = element.type == TypeClass::Box ? ';' : ',';
        element.type_name = std::exchange(element.sql_type, {});
        element.type_name = element.type_name.substr(0, element.type_name.find('('));
        array.element = std::make_shared<const Column>(std::move(element));
        return array;
    }

    tl::expected<Column, std::string> parse_scalar() {
        if (take("enum")) return parse_enum();
        for (const auto& [name, bounds] : kRanges) {
            if (take(name)) return range_of(name, bounds);
        }
        // Between the words of a time stands its precision.
        for (std::string_view word : {"timestamp", "time"}) {
            if (next_is(word) && at_ + 1 < tokens_.size() && tokens_[at_ + 1] == "(") return parse_time(word);
        }
        for (const auto& named : kTypes) {
            if (take_words(named.sql)) return parse_modified(named);
        }
        return problem(
            "names no type that is known without a database; write a built-in type, `enum('a', 'b')`, the base "
            "type of a domain, or `other` for what only a server can judge");
    }

    tl::expected<Column, std::string> parse_time(std::string_view word) {
        ++at_;
        auto precision = parse_brackets();
        if (!precision) return problem(precision.error());
        const bool zone = take_words("with time zone");
        if (!zone) take_words("without time zone");
        const auto digits = precision->empty() ? "" : "(" + precision->front() + ")";
        Column column;
        column.type = type_class_of(std::string(word) + (zone ? "tz" : ""));
        column.type_name = std::string(word) + digits + (zone ? " with time zone" : " without time zone");
        column.sql_type = column.type_name;
        return column;
    }

    tl::expected<Column, std::string> parse_enum() {
        auto labels = parse_brackets();
        if (!labels) return problem(labels.error());
        if (labels->empty()) return problem("is an enum without labels; write `enum('a', 'b')`");
        for (auto& label : *labels) {
            if (!label.starts_with('\'')) continue;
            label = label.substr(1, label.size() - 2);
            for (auto quote = label.find("''"); quote != label.npos; quote = label.find("''", quote + 1)) {
                label.erase(quote, 1);
            }
        }
        std::ranges::sort(*labels);
        Column column;
        column.type = TypeClass::Enum;
        column.type_name = column.sql_type = "enum";
        column.labels = std::make_shared<const std::vector<std::string>>(std::move(*labels));
        return column;
    }

    static Column range_of(std::string_view name, std::string_view bounds) {
        auto part = Parser(bounds).parse_type();
        part->sql_type.clear();
        Column column;
        column.type = name.find("multi") == name.npos ? TypeClass::Range : TypeClass::Multirange;
        column.type_name = column.sql_type = name;
        column.element = std::make_shared<const Column>(std::move(*part));
        return column;
    }

    tl::expected<Column, std::string> parse_modified(const Named& named) {
        Column column;
        column.type = type_class_of(named.catalog);
        column.type_name = named.shown;
        if (named.sql.ends_with("serial")) column.not_null = column.has_default = true;
        auto modifier = parse_brackets();
        if (!modifier) return problem(modifier.error());
        if (named.sql == "float" && !modifier->empty()) return parse_float(*modifier);
        const bool one = column.type == TypeClass::Bit || (column.type == TypeClass::Char && named.sql != "bpchar");
        if (modifier->empty() && one) modifier->emplace_back("1");
        if (modifier->empty()) {
            column.sql_type = column.type_name;
            return column;
        }
        std::vector<int> numbers;
        for (const auto& token : *modifier) {
            auto number = number_of(token);
            if (!number) return problem("has something in its brackets that is no number");
            numbers.push_back(*number);
        }
        if (auto wrong = apply(column, numbers); !wrong.empty()) return problem(wrong);
        column.type_name += "(" + std::to_string(numbers[0]);
        if (column.type == TypeClass::Numeric) column.type_name += "," + std::to_string(column.scale);
        column.type_name += ")";
        column.sql_type = column.type_name;
        return column;
    }

    static tl::expected<Column, std::string> parse_float(const std::vector<std::string>& modifier) {
        const auto bits = number_of(modifier[0]);
        if (!bits || *bits < 1 || *bits > 53) return problem("is a float of more or fewer bits than 1 to 53");
        return Parser(*bits <= 24 ? "real" : "double precision").parse_type();
    }

    // Empty, or what is wrong.
    static std::string apply(Column& column, const std::vector<int>& numbers) {
        switch (column.type) {
            case TypeClass::Varchar:
            case TypeClass::Char:
            case TypeClass::Bit:
            case TypeClass::Varbit:
                if (numbers.size() != 1 || numbers[0] < 1) return "has a length that is no whole number from 1";
                column.max_length = numbers[0];
                return {};
            case TypeClass::Numeric:
                if (numbers.size() > 2 || numbers[0] < 1 || numbers[0] > 1000)
                    return "has a precision beyond 1 to 1000";
                column.precision = numbers[0];
                column.scale = numbers.size() == 2 ? numbers[1] : 0;
                return {};
            case TypeClass::Interval:
                return {};
            default:
                return "has brackets that its type does not take";
        }
    }

    // One of them; empty, or what is wrong.
    std::string parse_constraint() {
        auto& column = out_.column;
        if (take_words("not null")) {
            column.not_null = true;
        } else if (take("default")) {
            column.has_default = true;
            skip_expression();
        } else if (take_words("primary key")) {
            column.not_null = out_.unique = true;
        } else if (take("unique")) {
            out_.unique = true;
        } else if (take_words("generated by default as identity")) {
            column.not_null = column.has_default = true;
            parse_brackets();
        } else if (take_words("generated always")) {
            column.generated = column.has_default = true;
            if (take_words("as identity")) column.not_null = true;
            at_ = tokens_.size();
        } else if (!take("null")) {
            return "has words behind its type that are not known here; it takes NOT NULL, DEFAULT, PRIMARY KEY, UNIQUE "
                   "and "
                   "GENERATED (what CHECK and REFERENCES forbid, only a server can judge: leave them out)";
        }
        return {};
    }

    void skip_expression() {
        static constexpr std::array<std::string_view, 4> kBehind = {"not", "primary", "unique", "generated"};
        for (bool first = true; at_ < tokens_.size(); first = false, ++at_) {
            if (!first && std::ranges::find(kBehind, tokens_[at_]) != kBehind.end()) return;
        }
    }

    std::vector<std::string> tokens_;
    std::size_t at_ = 0;
    TypeText out_;
};

}  // namespace

tl::expected<TypeText, std::string> parse_column_type(std::string_view text) { return Parser(text).parse(); }

}  // namespace sqs2pg::pg
