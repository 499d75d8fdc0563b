// Runs a file's cases through the map stage that a worker has, and compares.
#pragma once

#include <string>
#include <vector>

#include "base/result.h"
#include "cases/case_file.h"
#include "cases/compare.h"
#include "privacy/keyring.h"

namespace sqs2pg::cases {

struct CaseResult {
    std::string name;
    std::string place;                    // file:line:column
    std::vector<Difference> differences;  // empty: as expected
};

struct FileResult {
    std::string file;
    std::vector<CaseResult> cases;
};

// The key that tokens of cases are made with, so that they are the same everywhere: id k1, and known to everybody who
// has this program. Never a user's.
privacy::Keyring test_keyring();

// The shapes that a file has written down, in the order of the pipeline's routes. A key of `on_conflict` is taken for
// unique. What is missing or has no route is a mistake.
std::vector<pg::TableShape> written_tables(const CaseFile& file, const pipeline::PipelineOptions& options,
                                           config::Report& report);

// The results are of use only when there was no mistake.
FileResult run_cases(CaseFile& file, const Subject& subject, config::Report& report);

}  // namespace sqs2pg::cases
