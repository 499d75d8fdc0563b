// Values of a case that are compared with other values of the file: how equal inputs are shown to have equal tokens,
// and others not.
#pragma once

#include <cstddef>
#include <map>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "cases/outcome.h"
#include "config/report.h"
#include "config/yaml_reader.h"
#include "pg/table_shape.h"
#include "pipeline/options.h"

namespace sqs2pg::cases {

// The pipeline that the cases are about; `tables` in the order of its routes.
struct Subject {
    const pipeline::PipelineOptions& options;
    std::span<const pg::TableShape> tables;
};

// What every case became, in the order of the file. `position` finds a case by its name.
struct Outcomes {
    std::vector<Outcome> all;
    std::map<std::string, std::size_t, std::less<>> position;
};

struct RowPlace {
    std::size_t position;  // of the case
    std::size_t row;
};

struct Reference {
    bool same = true;     // same_as, or differs_from
    std::string name;     // of a case; empty: this one
    std::string column;   // empty: the same one
    std::size_t row = 0;  // from 1; 0: the same row in this case, the first in another

    std::string shown(const std::string& own_column) const;
};

// `{same_as: COLUMN}`, `{same_as: {case, column, row}}`, likewise `differs_from`. nullopt: something else.
std::optional<Reference> reference_of(const config::Node& value);

// Says what is wrong in a reference: unknown keys, no such case. Other values are passed over.
void check_reference(const config::Node& value, const Outcomes& outcomes, config::Report& report);

// nullptr: there is no such row or column.
const Cell* find_cell(const Reference& reference, const std::string& own_column, const Subject& subject,
                      const Outcomes& outcomes, RowPlace here);

}  // namespace sqs2pg::cases
