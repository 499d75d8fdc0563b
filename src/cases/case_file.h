// A file of cases: messages, and what is expected to become of each. docs/testing.md is its reference.
#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "config/report.h"
#include "config/yaml_reader.h"
#include "pg/table_shape.h"
#include "pipeline/message.h"

namespace sqs2pg::cases {

// One row; columns that are not named are not looked at.
struct ExpectedRow {
    config::Place place;
    std::vector<config::Member> columns;  // what a value means is said in compare.h
};

struct Expectation {
    enum class Kind { Rows, DeadLetter, Ignored };

    Kind kind = Kind::Rows;
    config::Place place;
    std::string table;  // of Rows; empty: any
    std::optional<std::size_t> count;
    std::vector<ExpectedRow> rows;  // all of them, in order, unless only `count` is given
    std::string reason;             // of DeadLetter
    std::string at;                 // column or path; empty: any
    config::Place at_place;
};

struct Case {
    std::string name;
    config::Place place;
    pipeline::Received message;
    std::optional<std::string> object;  // what it points to, for `unwrap: s3-pointer`
    Expectation expect;
};

// A table that stands in the file, so that no database is needed.
struct WrittenTable {
    std::string name;  // empty: of `table`, which stands for the only one
    config::Place place;
    pg::TableShape shape;  // without a name
};

struct CaseFile {
    std::string name;
    std::string configuration;  // as written, relative to the file's folder; empty: -c
    config::Place configuration_place;
    std::string pipeline;  // empty: the only one
    config::Place pipeline_place;
    std::vector<WrittenTable> tables;
    std::vector<Case> cases;
};

// Every mistake goes to `report`; the file is usable only when there was none. `name` stands in places.
CaseFile read_cases(std::string_view yaml, const std::string& name, config::Report& report);

}  // namespace sqs2pg::cases
