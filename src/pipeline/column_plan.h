// One column of a route, held against the live table: from the values of a message to the column's text or a bad
// message. The rule of the contract, "From JSON to a column", is here.
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string>

#include "pg/table_shape.h"
#include "pipeline/map.h"
#include "pipeline/map_input.h"
#include "pipeline/mask.h"
#include "pipeline/options.h"

namespace sqs2pg::pipeline {

class ColumnPlan {
   public:
    // `slot`: of the body, the envelope or the element, whichever the rule reads from. `required`: an absent value is a
    // bad message.
    ColumnPlan(ColumnRule rule, pg::Column column, bool required, std::uint32_t slot)
        : rule_(std::move(rule)), column_(std::move(column)), required_(required), slot_(slot) {}

    // The field is a view into the message, the rule or this plan: valid until the plan's next call.
    std::optional<BadMessage> map(const MapInput& input, MappedField& field);

    const std::string& name() const noexcept { return column_.name; }
    // nullopt for what is no path.
    std::optional<PathUse> path_use() const;

   private:
    JsonValue value_of(const MapInput& input);
    std::optional<BadMessage> map_constant(MappedField& field);
    std::optional<BadMessage> map_absent(MappedField& field);
    std::optional<BadMessage> map_null(MappedField& field);
    std::optional<BadMessage> map_value(const JsonValue& value, MappedField& field);
    std::optional<BadMessage> judge(std::string_view text, bool known_json = false) const;

    ColumnRule rule_;
    pg::Column column_;
    bool required_;
    std::uint32_t slot_;
    std::string scratch_;
    std::uint64_t absent_ = 0;
    std::uint64_t present_ = 0;
};

}  // namespace sqs2pg::pipeline
