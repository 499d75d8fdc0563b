// Any bytes through check() and append_field(): no crash, and what COPY would read back is what was put in.
#include <cstdint>
#include <cstdlib>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "pg/copy.h"

namespace {

using sqs2pg::pg::Column;
using sqs2pg::pg::TypeClass;

// The server's side of the text format; delimiters must not be met.
std::string unescaped(std::string_view field) {
    std::string text;
    for (std::size_t i = 0; i < field.size(); ++i) {
        char c = field[i];
        if (c == '\t' || c == '\n' || c == '\r') std::abort();
        if (c != '\\') {
            text += c;
            continue;
        }
        if (++i == field.size()) std::abort();
        switch (field[i]) {
            case 't':
                text += '\t';
                break;
            case 'n':
                text += '\n';
                break;
            case 'r':
                text += '\r';
                break;
            case '\\':
                text += '\\';
                break;
            default:
                std::abort();
        }
    }
    return text;
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    if (size < 3) return 0;
    Column column;
    column.type = static_cast<TypeClass>(data[0] % (static_cast<int>(TypeClass::Other) + 1));
    column.max_length = data[1];
    column.precision = data[1];
    column.scale = static_cast<std::int8_t>(data[2]);
    column.interval_fields = data[1] << 5;
    column.delimiter = data[2] % 2 == 0 ? ',' : ';';
    if (column.type == TypeClass::Enum) {
        column.labels = std::make_shared<std::vector<std::string>>(std::vector<std::string>{"blue", "red"});
    }
    bool made_of_others =
        column.type == TypeClass::Array || column.type == TypeClass::Range || column.type == TypeClass::Multirange;
    if (made_of_others) {
        auto element = std::make_shared<Column>();
        element->type = static_cast<TypeClass>(data[1] % (static_cast<int>(TypeClass::Other) + 1));
        element->max_length = data[2];
        column.element = std::move(element);
    }
    std::string_view text(reinterpret_cast<const char*>(data) + 3, size - 3);
    auto refusal = sqs2pg::pg::check(column, text);
    if (refusal && sqs2pg::pg::name_of(*refusal).empty()) std::abort();

    std::string line = "before";
    sqs2pg::pg::append_field(line, text);
    if (unescaped(std::string_view(line).substr(6)) != text) std::abort();
    return 0;
}
