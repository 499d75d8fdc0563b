// Columns and their types from the catalogs, see catalog_types.h.
#include "pg/catalog_types.h"

#include <algorithm>
#include <charconv>
#include <map>
#include <memory>
#include <utility>

namespace sqs2pg::pg {
namespace {

using Params = std::vector<std::optional<std::string>>;

constexpr const char* kColumns = R"sql(
SELECT a.attname, a.atttypid, a.atttypmod, pg_catalog.format_type(a.atttypid, a.atttypmod), a.attnotnull,
       a.atthasdef OR a.attidentity <> '', a.attgenerated <> '' OR a.attidentity = 'a',
       CASE WHEN n.nspname = 'pg_catalog' THEN pg_catalog.format_type(a.atttypid, a.atttypmod)
            ELSE pg_catalog.quote_ident(n.nspname) || '.' || pg_catalog.quote_ident(t.typname)
                 || COALESCE(substring(pg_catalog.format_type(a.atttypid, a.atttypmod) from '\([^()]*\)'), '') END
FROM pg_catalog.pg_attribute a
JOIN pg_catalog.pg_type t ON t.oid = a.atttypid
JOIN pg_catalog.pg_namespace n ON n.oid = t.typnamespace
WHERE a.attrelid = $1::oid AND a.attnum > 0 AND NOT a.attisdropped
ORDER BY a.attnum
)sql";

// The types of the columns and all that they are made of. `part`: a domain's base type, an array's elements, a range's
// bounds. rngmultitypid is read by way of JSON, since servers before 14 do not have it.
constexpr const char* kTypes = R"sql(
WITH RECURSIVE known (oid, kind, part) AS (
    SELECT t.oid, CASE WHEN e.oid IS NOT NULL THEN 'a' ELSE t.typtype::text END,
           CASE WHEN t.typtype = 'd' THEN t.typbasetype ELSE COALESCE(e.oid, r.rngsubtype) END
    FROM pg_catalog.pg_type t
    LEFT JOIN pg_catalog.pg_type e ON e.oid = t.typelem AND e.typarray = t.oid
    LEFT JOIN pg_catalog.pg_range r
           ON r.rngtypid = t.oid OR (pg_catalog.to_jsonb(r) ->> 'rngmultitypid')::oid = t.oid
), wanted (oid) AS (
    SELECT atttypid FROM pg_catalog.pg_attribute WHERE attrelid = $1::oid AND attnum > 0 AND NOT attisdropped
    UNION
    SELECT k.part FROM wanted w JOIN known k ON k.oid = w.oid WHERE k.part IS NOT NULL
)
SELECT t.oid, CASE WHEN n.nspname = 'pg_catalog' THEN t.typname ELSE '' END, k.kind, k.part, t.typtypmod, t.typnotnull,
       t.typdefault IS NOT NULL, t.typdelim, pg_catalog.format_type(t.oid, NULL)
FROM wanted w JOIN known k ON k.oid = w.oid JOIN pg_catalog.pg_type t ON t.oid = w.oid
JOIN pg_catalog.pg_namespace n ON n.oid = t.typnamespace
)sql";

constexpr const char* kLabels = R"sql(
SELECT enumtypid, enumlabel FROM pg_catalog.pg_enum WHERE enumtypid = ANY ($1::oid[])
)sql";

struct Type {
    std::string catalog_name;  // empty outside pg_catalog
    char kind = 'b';           // pg_type.typtype, and 'a' for a true array
    std::string part;
    std::int32_t modifier = -1;  // a domain's, for its base type
    bool not_null = false;
    bool has_default = false;
    char delimiter = ',';
    std::string name;
    std::shared_ptr<std::vector<std::string>> labels;
};
using Types = std::map<std::string, Type, std::less<>>;

std::string text_of(const std::optional<std::string>& cell) { return cell.value_or(""); }
bool is_true(const std::optional<std::string>& cell) { return cell == "t"; }
char letter_of(const std::optional<std::string>& cell) { return cell && !cell->empty() ? cell->front() : ' '; }

std::int32_t number_of(const std::optional<std::string>& cell) {
    std::int32_t value = -1;
    if (cell) std::from_chars(cell->data(), cell->data() + cell->size(), value);
    return value;
}

Type type_of(const Row& row) {
    Type type;
    type.catalog_name = text_of(row[1]);
    type.kind = letter_of(row[2]);
    type.part = text_of(row[3]);
    type.modifier = number_of(row[4]);
    type.not_null = is_true(row[5]);
    type.has_default = is_true(row[6]);
    type.delimiter = letter_of(row[7]);
    type.name = text_of(row[8]);
    if (type.kind == 'e') type.labels = std::make_shared<std::vector<std::string>>();
    return type;
}

// Domains are followed to their base type: what they forbid by CHECK is the server's to judge.
void resolve(Column& column, const std::string& oid, std::int32_t modifier, const Types& types) {
    auto found = types.find(oid);
    while (found != types.end() && found->second.kind == 'd') {
        const auto& domain = found->second;
        column.not_null |= domain.not_null;
        column.has_default |= domain.has_default;
        modifier = domain.modifier;
        found = types.find(domain.part);
    }
    if (found == types.end()) return;
    const auto& type = found->second;
    bool has_part = type.kind == 'a' || type.kind == 'r' || type.kind == 'm';
    if (has_part) {
        auto part = std::make_shared<Column>();
        auto name = types.find(type.part);
        if (name != types.end()) {
            part->type_name = name->second.name;
            column.delimiter = name->second.delimiter;
        }
        resolve(*part, type.part, type.kind == 'a' ? modifier : -1, types);
        part->has_default = false;
        column.element = std::move(part);
    }
    switch (type.kind) {
        case 'a':
            column.type = TypeClass::Array;
            return;
        case 'r':
            column.type = TypeClass::Range;
            return;
        case 'm':
            column.type = TypeClass::Multirange;
            return;
        case 'e':
            column.type = TypeClass::Enum;
            column.labels = type.labels;
            return;
        case 'c':
            column.type = TypeClass::Composite;
            return;
        case 'b':
            column.type = type_class_of(type.catalog_name);
            apply_modifier(column, modifier);
            return;
        default:
            return;
    }
}

Column column_of(const Row& row, const Types& types) {
    Column column;
    column.name = text_of(row[0]);
    column.type_name = text_of(row[3]);
    column.sql_type = text_of(row[7]);
    column.not_null = is_true(row[4]);
    column.has_default = is_true(row[5]);
    column.generated = is_true(row[6]);
    resolve(column, text_of(row[1]), number_of(row[2]), types);
    return column;
}

awaitable<tl::expected<Types, QueryError>> read_types(Connection& connection, std::string table_oid,
                                                      std::chrono::milliseconds deadline) {
    Params which = {std::move(table_oid)};
    auto rows = co_await connection.query_params(kTypes, which, deadline);
    if (!rows) co_return tl::unexpected(std::move(rows.error()));
    Types types;
    std::string enums;
    for (const auto& row : rows->rows) {
        auto type = type_of(row);
        if (type.labels) enums += (enums.empty() ? "" : ",") + text_of(row[0]);
        types.emplace(text_of(row[0]), std::move(type));
    }
    if (enums.empty()) co_return types;
    Params of = {"{" + enums + "}"};
    auto labels = co_await connection.query_params(kLabels, of, deadline);
    if (!labels) co_return tl::unexpected(std::move(labels.error()));
    for (const auto& row : labels->rows) {
        auto type = types.find(text_of(row[0]));
        if (type != types.end() && type->second.labels) type->second.labels->push_back(text_of(row[1]));
    }
    for (auto& [oid, type] : types) {
        if (type.labels) std::ranges::sort(*type.labels);
    }
    co_return types;
}

}  // namespace

TypeClass type_class_of(std::string_view catalog_name) noexcept {
    using enum TypeClass;
    constexpr std::pair<std::string_view, TypeClass> kClasses[] = {
        {"int2", Int2},         {"int4", Int4},       {"int8", Int8},           {"numeric", Numeric},
        {"float4", Float4},     {"float8", Float8},   {"bool", Bool},           {"text", Text},
        {"varchar", Varchar},   {"bpchar", Char},     {"uuid", Uuid},           {"date", Date},
        {"time", Time},         {"timetz", TimeTz},   {"timestamp", Timestamp}, {"timestamptz", TimestampTz},
        {"interval", Interval}, {"json", Json},       {"jsonb", Jsonb},         {"inet", Inet},
        {"cidr", Cidr},         {"macaddr", Macaddr}, {"macaddr8", Macaddr8},   {"bytea", Bytea},
        {"bit", Bit},           {"varbit", Varbit},   {"name", Name},           {"char", OneByte},
        {"oid", Oid},           {"pg_lsn", PgLsn},    {"point", Point},         {"lseg", Lseg},
        {"box", Box},           {"line", Line},       {"path", Path},           {"polygon", Polygon},
        {"circle", Circle},
    };
    for (const auto& [name, type] : kClasses) {
        if (name == catalog_name) return type;
    }
    return Other;
}

void apply_modifier(Column& column, std::int32_t modifier) noexcept {
    if (modifier < 0) return;
    // Those of strings and numeric carry a header of four bytes; numeric packs precision and an 11-bit signed scale
    // behind it, interval the fields' mask above its precision.
    constexpr std::int32_t kHeader = 4;
    constexpr std::int32_t kAllFields = 0x7fff;
    switch (column.type) {
        case TypeClass::Varchar:
        case TypeClass::Char:
            column.max_length = modifier - kHeader;
            return;
        case TypeClass::Bit:
        case TypeClass::Varbit:
            column.max_length = modifier;
            return;
        case TypeClass::Numeric:
            column.precision = ((modifier - kHeader) >> 16) & 0xffff;
            column.scale = (((modifier - kHeader) & 0x7ff) ^ 1024) - 1024;
            return;
        case TypeClass::Interval: {
            auto fields = (modifier >> 16) & kAllFields;
            column.interval_fields = fields == kAllFields ? 0 : fields;
            return;
        }
        default:
            return;
    }
}

awaitable<tl::expected<std::vector<Column>, QueryError>> describe_columns(Connection& connection, std::string table_oid,
                                                                          std::chrono::milliseconds deadline) {
    auto types = co_await read_types(connection, table_oid, deadline);
    if (!types) co_return tl::unexpected(std::move(types.error()));
    Params which = {std::move(table_oid)};
    auto rows = co_await connection.query_params(kColumns, which, deadline);
    if (!rows) co_return tl::unexpected(std::move(rows.error()));
    std::vector<Column> columns;
    for (const auto& row : rows->rows) columns.push_back(column_of(row, *types));
    co_return columns;
}

}  // namespace sqs2pg::pg
