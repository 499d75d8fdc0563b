// What `init` works with and what comes of it, between its steps: where messages come from, the tables of a reachable
// database, and the proposal as files, as lines for people and as JSON.
#pragma once

#include <cstddef>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "base/result.h"
#include "cli/screen.h"
#include "config/settings.h"
#include "infer/proposal.h"
#include "infer/sample.h"
#include "infer/yaml_text.h"
#include "pg/table_shape.h"

namespace sqs2pg::cli {

struct InitArguments {
    std::string queue;
    std::string table;
    std::string from;  // a file of JSON lines, or -; empty: the queue
    std::size_t messages = 100;
    std::size_t routes = 12;
    std::string output = "sqs2pg.yaml";  // - is standard output
    std::string url;                     // of the database; empty: $DATABASE_URL, then PG…
    config::AwsSettings aws;
    std::string format = "text";
    bool create_table = false;
    bool yes = false;
    bool force = false;
};

// --- init_sample.cpp ---

struct Gathered {
    infer::Sample sample;
    std::vector<pipeline::Unwrap> unwrap;  // what its bodies were taken out of
    std::string told;                      // what the look did, for people
    std::string place;                     // "logins.jsonl", "the queue \"logins\""
};
// Errors: as those of peek(), or of opening the file.
Result<Gathered> gather(const InitArguments& arguments);

// Why nothing can be proposed: no message, or none that is a JSON object. Empty: there is something.
std::string nothing_to_infer(const Gathered& gathered);
// What is said of messages that are no JSON objects, and of duplicates.
std::vector<infer::Note> notes_of(const Gathered& gathered);

// --- init_tables.cpp ---

struct Tables {
    std::map<std::string, pg::TableShape> live;  // by the name that was asked for
    std::string unreachable;                     // why there is no database; empty: there is one
    std::string absent;                          // what the database says of the named table, when it is not there
};
// The database of the arguments or of the environment. `names`: the first is the named table. Errors: a table that
// nothing can be written to; no database where `needed`.
Result<Tables> look_at_tables(const std::string& url, const std::vector<pg::TableName>& names, bool needed);

// Runs the statements in one transaction. Error: says what the server refused, and what to do.
Status create_tables(const std::string& url, const std::string& sql);

// --- init_report.cpp ---

// Files and text of one proposal.
struct InitResult {
    InitArguments arguments;
    std::string configuration;    // YAML
    std::string sql;              // empty: every table is there
    std::string sql_file;         // where it was written; empty: nowhere
    bool created = false;         // the tables, just now
    bool database_named = false;  // DATABASE_URL or PG… are set, or the URL stands in the file
    std::string told;
    infer::Proposal proposal;
};
// On a terminal tables and notes fit it, and the notes' weights are coloured.
std::string report_text(const InitResult& result, const Screen& screen = {});
std::string report_json(const InitResult& result);

}  // namespace sqs2pg::cli
