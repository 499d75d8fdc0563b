// JSON arrays for array columns, see array_text.h.
#include "pipeline/array_text.h"

#include <simdjson.h>

#include <optional>

#include "pipeline/json_grammar.h"

namespace sqs2pg::pipeline {

namespace {

namespace ondemand = simdjson::ondemand;
using pg::Refusal;

constexpr int kMostDimensions = 6;

// Every element but NULL is quoted, so that none is taken for the word or for structure.
void append_element(std::string& out, std::string_view text) {
    out.push_back('"');
    for (char c : text) {
        if (c == '"' || c == '\\') out.push_back('\\');
        out.push_back(c);
    }
    out.push_back('"');
}

bool holds_json(const pg::Column& column) {
    return column.element &&
           (column.element->type == pg::TypeClass::Json || column.element->type == pg::TypeClass::Jsonb);
}

class Writer {
   public:
    explicit Writer(const pg::Column& column) : delimiter_(column.delimiter), json_(holds_json(column)) {}

    std::optional<Refusal> write(ondemand::array array, int level) {
        if (level > kMostDimensions) return Refusal::WrongType;
        out.push_back('{');
        bool first = true;
        for (auto next : array) {
            ondemand::value value;
            if (std::move(next).get(value) != simdjson::SUCCESS) return Refusal::WrongType;
            if (!first) out.push_back(delimiter_);
            first = false;
            if (auto refusal = write_element(value, level)) return refusal;
        }
        out.push_back('}');
        return std::nullopt;
    }

    std::string out;

   private:
    std::optional<Refusal> write_element(ondemand::value& value, int level) {
        ondemand::json_type type{};
        if (value.type().get(type) != simdjson::SUCCESS) return Refusal::WrongType;
        std::string_view text;
        switch (type) {
            case ondemand::json_type::null:
                out += "NULL";
                return std::nullopt;
            case ondemand::json_type::string:
                if (value.get_string().get(text) != simdjson::SUCCESS) return Refusal::InvalidText;
                append_element(out, text);
                return std::nullopt;
            case ondemand::json_type::array:
            case ondemand::json_type::object: {
                ondemand::object object;
                ondemand::array inner;
                bool is_array = type == ondemand::json_type::array;
                if (!is_array && (!json_ || value.get_object().get(object) != simdjson::SUCCESS))
                    return Refusal::WrongType;
                if (is_array && value.get_array().get(inner) != simdjson::SUCCESS) return Refusal::WrongType;
                if (!json_) return write(inner, level + 1);
                auto raw = is_array ? inner.raw_json() : object.raw_json();
                if (std::move(raw).get(text) != simdjson::SUCCESS) return Refusal::WrongType;
                append_element(out, trim_json_blanks(text));
                return std::nullopt;
            }
            default:
                append_element(out, trim_json_blanks(value.raw_json_token()));
                return std::nullopt;
        }
    }

    char delimiter_;
    bool json_;
};

}  // namespace

tl::expected<std::string, Refusal> array_text(std::string_view json, const pg::Column& column) {
    ondemand::parser parser;
    simdjson::padded_string padded(json);
    ondemand::document document;
    ondemand::array array;
    if (parser.iterate(padded).get(document) != simdjson::SUCCESS) return tl::unexpected(Refusal::WrongType);
    if (document.get_array().get(array) != simdjson::SUCCESS) return tl::unexpected(Refusal::WrongType);
    Writer writer(column);
    if (auto refusal = writer.write(array, 1)) return tl::unexpected(*refusal);
    return std::move(writer.out);
}

}  // namespace sqs2pg::pipeline
