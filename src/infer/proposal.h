// A configuration that is proposed, before it becomes YAML or SQL: routes, columns, and what has to be said about them.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "infer/kinds.h"
#include "infer/personal.h"
#include "pg/table_shape.h"
#include "pipeline/options.h"

namespace sqs2pg::infer {

enum class Weight { Info, Warning, Error };
std::string_view name_of(Weight weight) noexcept;  // "note", "warning", "error"

// Holds names, counts and places, never a value.
struct Note {
    Weight weight = Weight::Info;
    std::string code;      // stable; docs/init.md describes each
    std::string place;     // a path, a column, a table, the queue
    std::string sentence;  // what was seen and, unless it is well, what to do
};

struct ProposedColumn {
    pipeline::ColumnRule rule;
    pg::Column column;   // the live one, or the one that is proposed
    bool active = true;  // false: written as a comment, for a person to decide
    std::vector<std::string> remarks;
    std::optional<Spotted> spotted;
};

struct Each {
    std::string path;
    std::vector<ProposedColumn> columns;  // of paths such as $item.email, with the masks that they need
};

struct ProposedRoute {
    std::vector<pipeline::Condition> when;
    pg::TableName table;
    bool table_exists = false;
    pg::TableShape live;  // where it exists
    bool active = true;   // false: a comment
    std::vector<ProposedColumn> columns;
    std::vector<std::pair<std::string, std::string>> unmapped_paths;    // path, why
    std::vector<std::pair<std::string, std::string>> unmapped_columns;  // of the live table: column, why
    std::optional<Each> each;
    std::uint32_t messages = 0;  // of the sample
    std::uint32_t dead = 0;      // …that would become dead letters
};

// A kind beyond those that get a route: it stands in the file as a comment.
struct FurtherKind {
    pipeline::Condition when;
    pg::TableName table;
    std::uint32_t messages = 0;
};
inline constexpr std::size_t kMostFurther = 50;

struct Proposal {
    std::string pipeline;  // its name
    std::string queue;
    std::vector<ProposedRoute> routes;
    bool several = false;                  // written as `routes`
    std::vector<FurtherKind> further;      // the most frequent first, kMostFurther of them
    std::size_t untold = 0;                // kinds beyond those
    std::vector<pipeline::Unwrap> unwrap;  // the sample's bodies are out of it already
    std::vector<Note> notes;
};

// The sample in kinds, strays put aside.
struct Analysis {
    struct Part {
        Kind kind;  // values empty: all messages
        std::vector<std::uint32_t> messages;
        Profile profile;  // of these messages
    };
    std::optional<Kinds> kinds;
    std::vector<Part> parts;  // at least one when there are messages
    std::vector<std::uint32_t> strays;
    std::vector<Note> notes;
};
Analysis analyse(Sample& sample, std::size_t most_routes);

// The table of a kind where there are several: `events_order`.
pg::TableName table_of_kind(const pg::TableName& table, const Kind& kind);
// Live tables that may be the kind's: events_order, order, orders.
std::vector<pg::TableName> tables_of_kind(const pg::TableName& table, const Kind& kind);

struct ProposeOptions {
    std::string queue;
    pg::TableName table;
    std::map<std::string, pg::TableShape> live;  // by pg::shown() of the name that was asked for
};

Proposal propose(Sample& sample, Analysis& analysis, const ProposeOptions& options);

// The proposed pipeline for check_rules and MapStage, and its tables.
struct Compiled {
    pipeline::PipelineOptions options;
    std::vector<pg::TableShape> tables;
};
Compiled compile(const Proposal& proposal);

}  // namespace sqs2pg::infer
