// JSON arrays for array columns, see array_text.h.
#include "pipeline/array_text.h"

#include <simdjson.h>

#include "pipeline/json_grammar.h"

namespace sqs2pg::pipeline {

namespace {

namespace ondemand = simdjson::ondemand;

// Every element but NULL is quoted, so that none is taken for the word or for structure.
void append_element(std::string& out, std::string_view text) {
    out.push_back('"');
    for (char c : text) {
        if (c == '"' || c == '\\') out.push_back('\\');
        out.push_back(c);
    }
    out.push_back('"');
}

}  // namespace

std::optional<std::string> array_text(std::string_view json) {
    ondemand::parser parser;
    simdjson::padded_string padded(json);
    ondemand::document document;
    ondemand::array array;
    if (parser.iterate(padded).get(document) != simdjson::SUCCESS) return std::nullopt;
    if (document.get_array().get(array) != simdjson::SUCCESS) return std::nullopt;
    std::string out = "{";
    for (auto next : array) {
        ondemand::value value;
        ondemand::json_type type{};
        if (std::move(next).get(value) != simdjson::SUCCESS) return std::nullopt;
        if (value.type().get(type) != simdjson::SUCCESS) return std::nullopt;
        if (type == ondemand::json_type::object || type == ondemand::json_type::array) return std::nullopt;
        if (out.size() > 1) out.push_back(',');
        if (type == ondemand::json_type::null) {
            out += "NULL";
        } else if (type == ondemand::json_type::string) {
            std::string_view text;
            if (value.get_string().get(text) != simdjson::SUCCESS) return std::nullopt;
            append_element(out, text);
        } else {
            append_element(out, trim_json_blanks(value.raw_json_token()));
        }
    }
    out.push_back('}');
    return out;
}

}  // namespace sqs2pg::pipeline
