// Which place a column of a live table takes its value from, by their names. Private to this module. Pure.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "infer/columns.h"

namespace sqs2pg::infer {

// A column's name without what only says that its values are masked: masked_ip is about ip.
struct ColumnWords {
    std::vector<std::string> words;
    bool says_masked = false;
};
ColumnWords words_of_column(const std::string& name);

// 0: not at all, 100: the very name. `table`: the words of the table's name, which a column may have in front.
int likeness(const ColumnWords& column, const Leaf& leaf, const std::vector<std::string>& table);
inline constexpr int kAlikeEnough = 60;

// Message metadata that a column without a place may be meant for: create_date is $sent_at.
std::optional<pipeline::Source> metadata_for(const pg::Column& column);

}  // namespace sqs2pg::infer
