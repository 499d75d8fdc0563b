// What `check` finds: one line a finding, all at once, and whether any of them forbids a start. Pure.
#pragma once

#include <string>
#include <vector>

#include "base/error.h"

namespace sqs2pg::cli {

enum class Verdict { Ok, Warning, Error };

struct CheckFinding {
    Verdict verdict = Verdict::Ok;
    std::string place;     // file:line:column, or the thing that was looked at
    std::string sentence;  // what was found and, unless it is well, what to do
};

class Findings {
   public:
    void ok(std::string place, std::string sentence);
    void warning(std::string place, std::string sentence);
    void error(std::string place, std::string sentence);
    void error(std::string place, const Error& error);  // its detail, or its code when there is none

    bool any_error() const;
    const std::vector<CheckFinding>& all() const noexcept { return findings_; }

    // `ok|warning|error  place  sentence` a line, in columns, in the order found; a last line with the counts.
    std::string text() const;

   private:
    std::vector<CheckFinding> findings_;
};

}  // namespace sqs2pg::cli
