// Holds what became of a message against what a case expects of it.
#pragma once

#include <string>
#include <vector>

#include "cases/case_file.h"
#include "cases/reference.h"

namespace sqs2pg::cases {

// One thing that is not as expected. Texts as they are shown: values in quotes, NULL, or a sentence.
struct Difference {
    std::string place;  // file:line:column of what the case says
    std::string what;   // the column, with its row where there are several; empty: the end of the message as a whole
    std::string expected;
    std::string actual;
};

// Mistakes that only the configuration shows: tables and columns that no route writes, `same_as` of no case. To be
// asked before anything is compared.
void check_expectation(const Case& one, const Subject& subject, const Outcomes& outcomes, config::Report& report);

// Empty: as expected. A value of an expected row is
// - a text, number or flag: the text that PostgreSQL would get; null: NULL;
// - for a column with a mask `masked`, not in quotes: any masked value that is not NULL;
// - {same_as: …} or {differs_from: …}: a column's name (of the same row), or {case, column, row};
// - for json and jsonb a map or list: the same JSON; for an array column a list of its elements.
std::vector<Difference> compare(const Case& one, std::size_t position, const Subject& subject,
                                const Outcomes& outcomes);

// "1 row in user_logins", "dead letter missing_field at user_id", "ignored".
std::string shown(const Outcome& outcome, const Subject& subject);

}  // namespace sqs2pg::cases
