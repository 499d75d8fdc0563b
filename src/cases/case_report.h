// What running cases says: a line a case for people, JSON and JUnit's XML for machines. Pure.
#pragma once

#include <span>
#include <string>

#include "cases/run_cases.h"

namespace sqs2pg::cases {

// A line a case ("ok    file:3:5  name"), below a failed one what is not as expected, and a summary.
std::string case_text(std::span<const FileResult> files);

// One object: {"passed", "failed", "cases": [{"file", "name", "place", "passed", "differences": [{"place", "what",
// "expected", "actual"}]}]}.
std::string case_json(std::span<const FileResult> files);

// A <testsuite> a file, a <testcase> a case.
std::string case_junit(std::span<const FileResult> files);

}  // namespace sqs2pg::cases
