// The JSON Schema, see json_schema.h.
#include "config/json_schema.h"

#include <cctype>

#include <fmt/format.h>

#include "config/fields.h"

namespace sqs2pg::config {
namespace {

// JSON text, an object or an array a level of indentation.
class Writer {
   public:
    void open(char bracket) {
        out_ += bracket;
        ++depth_;
        empty_ = true;
    }
    void close(char bracket) {
        --depth_;
        if (!empty_) line();
        out_ += bracket;
        empty_ = false;
    }
    Writer& key(std::string_view name) {
        item();
        string(name);
        out_ += ": ";
        return *this;
    }
    void item() {
        if (!empty_) out_ += ',';
        line();
        empty_ = false;
    }
    void string(std::string_view text) {
        out_ += '"';
        for (char c : text) {
            if (c == '"' || c == '\\') out_ += '\\';
            out_ += c;
        }
        out_ += '"';
    }
    void raw(std::string_view json) { out_ += json; }
    std::string take() { return std::move(out_) + "\n"; }

   private:
    void line() { out_.append("\n").append(depth_ * 2, ' '); }

    std::string out_;
    std::size_t depth_ = 0;
    bool empty_ = true;
};

// A value may come from the environment, whatever its type.
constexpr std::string_view kFromEnvironment = R"({"type": "string", "pattern": "\\$\\{[A-Za-z_][A-Za-z0-9_]*\\}"})";

std::string child_of(std::string_view section, std::string_view name, std::string_view under = {}) {
    std::string path(section);
    if (!path.empty()) path += '.';
    path += name;
    if (!under.empty()) path.append(".").append(under);
    return path;
}

constexpr std::string_view kScalarOrList =
    R"({"anyOf": [{"type": ["string", "number", "boolean", "null"]}, )"
    R"({"type": "array", "items": {"type": ["string", "number", "boolean", "null"]}}]})";

std::string section_of(const Field& field) {
    return field.shape.empty() ? child_of(field.section, field.name) : std::string(field.shape);
}

bool stands_in(const Field& field, std::string_view path) {
    if (field.need == Need::Later) return false;
    return field.section == path || (path == kDefaults && field.section == kPipeline && field.in_defaults);
}

void write_section(Writer& out, std::string_view path);

std::string quoted(std::string_view text) {
    Writer writer;
    writer.string(text);
    auto json = writer.take();
    json.pop_back();
    return json;
}

std::string choices_of(const Field& field) {
    std::string list;
    for (auto choice : split_choices(field.choices)) {
        if (!list.empty()) list += ", ";
        list += choice == "null" ? "null, \"null\"" : quoted(choice);
    }
    return fmt::format("{{\"enum\": [{}]}}", list);
}

// What a scalar field takes, apart from the environment's.
std::string scalar_of(const Field& field) {
    switch (field.type) {
        case FieldType::Integer:
            return fmt::format(R"({{"type": "integer", "minimum": {}, "maximum": {}}})", field.least, field.most);
        case FieldType::Seconds:
            return fmt::format(R"({{"type": "integer", "minimum": {}, "maximum": {}}}, )"
                               R"({{"type": "string", "pattern": "^[0-9]+[smh]?$"}})",
                               field.least, field.most);
        case FieldType::Bytes:
            return fmt::format(R"({{"type": "integer", "minimum": {}, "maximum": {}}}, )"
                               R"({{"type": "string", "pattern": "^[0-9]+([KMG]iB)?$"}})",
                               field.least, field.most);
        case FieldType::Flag:
            return R"({"type": "boolean"})";
        case FieldType::Choice:
            return choices_of(field);
        default:
            return {};
    }
}

std::string default_of(const Field& field) {
    const bool bare = field.type == FieldType::Integer || field.type == FieldType::Flag ||
                      (field.type == FieldType::Seconds && std::isdigit(field.fallback.back()) != 0);
    return bare ? std::string(field.fallback) : quoted(field.fallback);
}

// A short form, or a map.
void write_either(Writer& out, std::string_view short_form, std::string_view section) {
    out.key("anyOf").open('[');
    out.item();
    out.raw(short_form);
    out.item();
    out.open('{');
    write_section(out, section);
    out.close('}');
    out.close(']');
}

void write_names(Writer& out, std::string_view value_path, std::string_view names) {
    out.key("type").string("object");
    out.key("minProperties").raw("1");
    if (!names.empty()) out.key("propertyNames").raw(fmt::format(R"({{"pattern": {}}})", quoted(names)));
    out.key("additionalProperties").open('{');
    if (value_path == kColumn) {
        out.key("description").string("A path, or a map of what the column takes.");
        write_either(out, R"({"type": "string", "minLength": 1})", value_path);
    } else {
        write_section(out, value_path);
    }
    out.close('}');
}

void write_field(Writer& out, const Field& field) {
    out.key(field.name).open('{');
    out.key("description").string(field.doc);
    if (!field.fallback.empty()) out.key("default").raw(default_of(field));
    switch (field.type) {
        case FieldType::Text:
        case FieldType::Secret:
            out.key("type").raw(R"(["string", "number"])");
            out.key("minLength").raw("1");
            break;
        case FieldType::Value:
            out.key("type").raw(R"(["string", "number", "boolean", "null"])");
            break;
        case FieldType::Section:
            if (field.choices.empty()) {
                write_section(out, section_of(field));
            } else {
                write_either(out, choices_of(field), section_of(field));
            }
            break;
        case FieldType::List:
            out.key("type").string("array");
            out.key("minItems").raw("1");
            out.key("items").open('{');
            write_section(out, section_of(field));
            out.close('}');
            break;
        case FieldType::Values:
            out.key("type").string("object");
            out.key("additionalProperties").raw(kScalarOrList);
            break;
        case FieldType::Choices:
            out.key("anyOf").raw(fmt::format(R"([{0}, {{"type": "array", "minItems": 1, "items": {0}}}, {1}])",
                                             choices_of(field), kFromEnvironment));
            break;
        case FieldType::Names:
            out.key("anyOf").raw(R"([{"type": "string", "minLength": 1}, )"
                                 R"({"type": "array", "minItems": 1, "items": {"type": "string", "minLength": 1}}])");
            break;
        case FieldType::Sections:
            write_names(out, child_of(field.section, field.name, "NAME"), "^[A-Za-z0-9_-]{1,63}$");
            break;
        case FieldType::Columns:
            write_names(out, kColumn, "");
            break;
        default:
            out.key("anyOf").raw(fmt::format("[{}, {}]", scalar_of(field), kFromEnvironment));
            break;
    }
    out.close('}');
}

// What a mask needs beside it: the reader says the same (masks.cpp), and a test holds the two together.
void write_mask_needs(Writer& out) {
    out.key("allOf").open('[');
    for (auto [masks, needed] : {std::pair{R"("hmac", "siv", "ip-prefix")", "domain"}, {R"("keep-last")", "keep"}}) {
        out.item();
        out.raw(fmt::format(R"({{"if": {{"required": ["mask"], "properties": {{"mask": {{"enum": [{}]}}}}}}, )"
                            R"("then": {{"required": ["{}"]}}}})",
                            masks, needed));
    }
    out.close(']');
}

void write_section(Writer& out, std::string_view path) {
    out.key("type").string("object");
    std::string required;
    out.key("properties").open('{');
    for (const auto& field : fields()) {
        if (!stands_in(field, path)) continue;
        if (field.need == Need::Required) required += (required.empty() ? "" : ", ") + quoted(field.name);
        write_field(out, field);
    }
    out.close('}');
    if (!required.empty()) out.key("required").raw(fmt::format("[{}]", required));
    if (path == kColumn) {
        out.key("oneOf").raw(R"([{"required": ["from"]}, {"required": ["value"]}])");
        write_mask_needs(out);
    }
    if (path == kPipeline) out.key("anyOf").raw(R"([{"required": ["columns"]}, {"required": ["routes"]}])");
    out.key("additionalProperties").raw("false");
}

}  // namespace

std::string json_schema() {
    Writer out;
    out.open('{');
    out.key("$schema").string("https://json-schema.org/draft/2020-12/schema");
    out.key("title").string("sqs2pg configuration");
    out.key("description")
        .string(
            "Made by the program from the table that also reads the file; `sqs2pg check -c FILE` has the last word.");
    write_section(out, kTop);
    out.close('}');
    return out.take();
}

}  // namespace sqs2pg::config
