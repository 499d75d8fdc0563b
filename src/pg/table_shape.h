// What the pipeline knows of a live table: its columns and types, as read by pg/catalog. Pure data, no libpq.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

namespace sqs2pg::pg {

struct TableName {
    std::string schema;  // empty: found through the connection's search_path
    std::string table;

    friend bool operator==(const TableName&, const TableName&) = default;
};

// The types that the worker checks itself; everything else is `Other`: passed as text, judged by the server.
enum class TypeClass {
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
    Timestamp,
    TimestampTz,
    Json,
    Jsonb,
    Inet,
    Bytea,
    Other,
};

struct Column {
    std::string name;
    TypeClass type = TypeClass::Other;
    std::string type_name;        // as format_type() prints it, for messages to humans
    std::int32_t max_length = 0;  // varchar(n), char(n): n characters; 0: unlimited
    std::int32_t precision = 0;   // numeric(p,s); 0: unconstrained
    std::int32_t scale = 0;
    bool not_null = false;
    bool has_default = false;
    bool generated = false;  // GENERATED ALWAYS (identity or stored): cannot be written
};

struct TableShape {
    TableName name;  // schema filled in
    std::vector<Column> columns;
    bool row_security = false;  // COPY FROM is refused under row-level security (0A000)

    const Column* find(const std::string& column) const {
        for (const auto& c : columns) {
            if (c.name == column) return &c;
        }
        return nullptr;
    }
};

}  // namespace sqs2pg::pg
