// docs/check.md from the table of findings, see check_codes.h.
#include <fmt/format.h>

#include "cli/check_codes.h"

namespace sqs2pg::cli {
namespace {

constexpr std::string_view kIntroduction = R"(# What `sqs2pg check` finds

`sqs2pg check -c FILE` holds configuration, keys, database, tables and queues against each other before the first
message. It changes nothing. Every finding at once, one a line: `ok`, `warning` or `error`, the place, a sentence and,
of what is not well, its code. Exit code 0 without an error, 1 with one, 2 when the file cannot be read.

`--format json` gives one object on stdout for machines:

```json
{"errors": 0, "warnings": 1, "findings": [
  {"verdict": "warning", "code": "mask_sha256", "pipeline": "logins", "place": "sqs2pg.yaml:9:7",
   "sentence": "…", "reason": "…", "remedy": "…"}
]}
```

Codes are stable; sentences are for people and may change. An error forbids the start, or would stop the pipeline with
its first message; a warning does not.

This page is written by the program from the table that also feeds the JSON, so it holds every code there is.
)";

std::string cell(std::string_view text) {
    std::string out;
    for (char c : text) {
        if (c == '|') out.push_back('\\');
        out.push_back(c);
    }
    return out;
}

}  // namespace

std::string check_page() {
    std::string page(kIntroduction);
    std::string_view topic;
    for (const auto& known : check_codes()) {
        if (known.topic != topic) {
            topic = known.topic;
            page += fmt::format("\n## {}\n\n| code | is | why it matters | what to do |\n|---|---|---|---|\n", topic);
        }
        page += fmt::format("| `{}` | {} | {} | {} |\n", known.code, known.verdicts, cell(known.reason),
                            cell(known.remedy));
    }
    return page;
}

}  // namespace sqs2pg::cli
