// What the pipeline knows of a live table: its columns and types, as read by pg/catalog. Pure data, no libpq.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <tuple>
#include <vector>

namespace sqs2pg::pg {

struct TableName {
    std::string schema;  // empty: found through the connection's search_path
    std::string table;

    friend bool operator==(const TableName&, const TableName&) = default;
};

// The columns that a role is to be able to INSERT, SELECT and UPDATE; as an answer: those of them that it is not. A
// table-wide right covers every column.
struct ColumnRights {
    std::vector<std::string> insert;
    std::vector<std::string> select{};  // on_conflict reads its key, and what it updates
    std::vector<std::string> update{};  // …and updates the others
};

// For people; quote() of copy.h is for SQL.
inline std::string shown(const TableName& name) {
    return name.schema.empty() ? name.table : name.schema + '.' + name.table;
}

// How a value of the type is judged. A domain has the class of its base type. `Composite` is refused at the start;
// `Other` is passed as text and judged by the server.
enum class TypeClass : std::uint8_t {
    Int2,
    Int4,
    Int8,
    Numeric,
    Float4,
    Float8,
    Bool,
    Text,
    Varchar,
    Char,
    Uuid,
    Date,
    Time,
    TimeTz,
    Timestamp,
    TimestampTz,
    Interval,
    Json,
    Jsonb,
    Inet,
    Cidr,
    Macaddr,
    Macaddr8,
    Bytea,
    Bit,
    Varbit,
    Name,
    OneByte,  // "char"
    Oid,
    PgLsn,
    Point,
    Lseg,
    Box,
    Line,
    Path,
    Polygon,
    Circle,
    Enum,
    Array,
    Range,
    Multirange,
    Composite,
    Other,
};

struct Column {
    std::string name;
    TypeClass type = TypeClass::Other;
    std::string type_name;        // as format_type() prints it, for messages to humans
    std::int32_t max_length = 0;  // varchar(n), char(n): characters; bit(n), varbit(n): bits; 0: unlimited
    std::int32_t precision = 0;   // numeric(p,s); 0: unconstrained
    std::int32_t scale = 0;
    std::int32_t interval_fields = 0;  // `interval year to month` …: bits as in the type modifier; 0: all fields
    bool not_null = false;
    bool has_default = false;
    std::string sql_type;                                    // as SQL writes it: with schema and modifiers
    bool generated = false;                                  // GENERATED ALWAYS (identity or stored): cannot be written
    char delimiter = ',';                                    // between the elements of an array: ';' for box
    std::shared_ptr<const Column> element;                   // of an array; the bounds' type of a range or multirange
    std::shared_ptr<const std::vector<std::string>> labels;  // of an enum, sorted by their bytes

    // Deep: two reads of one table are equal.
    friend bool operator==(const Column& a, const Column& b) {
        auto same = [](const auto& one, const auto& two) { return one == two || (one && two && *one == *two); };
        auto plain = [](const Column& c) {
            return std::tie(c.name, c.type, c.type_name, c.max_length, c.precision, c.scale, c.interval_fields,
                            c.not_null, c.has_default, c.sql_type, c.generated, c.delimiter);
        };
        return plain(a) == plain(b) && same(a.element, b.element) && same(a.labels, b.labels);
    }
};

enum class TableKind : std::uint8_t { Table, Partitioned, Foreign, View };

// What ON CONFLICT can name: a unique index on plain columns, of all rows, checked at once.
struct UniqueKey {
    std::vector<std::string> columns;
    bool nulls_equal = false;  // NULLS NOT DISTINCT: two rows with NULL there do conflict

    friend bool operator==(const UniqueKey&, const UniqueKey&) = default;
};

struct TableShape {
    TableName name;  // schema filled in
    std::vector<Column> columns;
    TableKind kind = TableKind::Table;
    std::string partition_of;   // the partitioned table that this one is a part of, with its schema; else empty
    bool foreign_rows = false;  // a foreign table, or one with a foreign partition: rows go to another server
    bool unlogged = false;      // a crash of the server empties it
    std::vector<UniqueKey> unique_keys;
    bool may_stage = false;     // the connecting role may make temporary tables in this database
    bool row_security = false;  // COPY FROM is refused under row-level security (0A000)

    const Column* find(const std::string& column) const {
        for (const auto& c : columns) {
            if (c.name == column) return &c;
        }
        return nullptr;
    }

    friend bool operator==(const TableShape&, const TableShape&) = default;
};

}  // namespace sqs2pg::pg
